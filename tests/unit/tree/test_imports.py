"""How the whole tree imports: no circle, no arrow from a lower room to a higher one, no heap of files.

`make check` holds the same order with import-linter. Here every folder counts, also one that no contract names, and the
page's scripts count as well.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath

import grimp
import pytest
from grimp import ImportGraph

ROOT = Path(__file__).parents[3]
ROOTS = ("bot", "cogs", "migrations", "sandbox")
SCRIPTS = ROOT / "sandbox" / "web" / "js"
MOST_FILES = 12
"""Files of one folder, beside ``__init__.py``."""

Edges = Mapping[str, set[str]]


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    """Every import of the code, those for types alone and those inside functions included."""
    return grimp.build_graph(*ROOTS, exclude_type_checking_imports=False, cache_dir=None)


def circles(edges: Edges) -> list[list[str]]:
    """Return the strongly connected components of more than one node: Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            component = sorted(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for node in edges:
        if node not in index:
            visit(node)
    return found


def modules(graph: ImportGraph) -> Edges:
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def rooms(graph: ImportGraph, container: str) -> Edges:
    """Return which children of a package import which others, with all that is below each."""
    children = graph.find_children(container)
    room_of = {module: child for child in children for module in {child, *graph.find_descendants(child)}}
    edges: dict[str, set[str]] = {child: set() for child in children}
    for module, room in room_of.items():
        imported = {room_of[other] for other in graph.find_modules_directly_imported_by(module) if other in room_of}
        edges[room] |= imported - {room}
    return edges


def orders() -> Iterator[tuple[str, list[set[str]]]]:
    """Yield each container with its levels, the highest first, from the contracts in pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    for contract in settings["contracts"]:
        if contract["type"] == "layers":
            (container,) = contract["containers"]
            assert contract["exhaustive"], container
            yield container, [set(re.findall(r"\w+", level)) for level in contract["layers"]]


def arrows_up(edges: Edges, container: str, levels: list[set[str]]) -> list[str]:
    """Return the imports that do not go to a lower level. Raises ``KeyError`` if a room has no level."""
    level_of = {f"{container}.{name}": number for number, level in enumerate(levels) for name in level}
    return [
        f"{room} -> {other}" for room, others in edges.items() for other in others if level_of[other] <= level_of[room]
    ]


def files() -> Iterable[PurePosixPath]:
    for top in (*ROOTS, "tests", "benchmarks", "examples"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in {".py", ".js", ".css", ".cjs"} and path.name != "__init__.py":
                yield PurePosixPath(path.relative_to(ROOT).as_posix())


def test_no_circle_of_modules(graph: ImportGraph) -> None:
    assert circles(modules(graph)) == []


def test_no_circle_of_rooms(graph: ImportGraph) -> None:
    packages = [module for module in graph.modules if graph.find_children(module)]
    assert len(packages) > 50
    assert {package: circles(rooms(graph, package)) for package in packages if circles(rooms(graph, package))} == {}


def test_no_arrow_up(graph: ImportGraph) -> None:
    found = {container: arrows_up(rooms(graph, container), container, levels) for container, levels in orders()}
    assert {"bot", "bot.domain", "bot.services", "bot.presentation", "sandbox", "sandbox.discord"} <= found.keys()
    assert sum(map(len, found.values())) == 0, found


def test_nothing_imports_the_cogs(graph: ImportGraph) -> None:
    cogs = {"cogs", *graph.find_descendants("cogs")}
    assert [module for module, imported in modules(graph).items() if imported & cogs and module not in cogs] == []


def test_no_circle_of_the_page_s_scripts() -> None:
    edges: dict[str, set[str]] = {}
    for path in SCRIPTS.rglob("*.js"):
        own = path.relative_to(SCRIPTS).as_posix()
        sources = re.findall(r'^(?:import|export)\b[^;"]*"(\.[^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
        edges[own] = {normpath(f"{PurePosixPath(own).parent}/{source}") for source in sources}
    assert set().union(*edges.values()) <= edges.keys()
    assert len(set().union(*edges.values())) > len(edges) / 2
    assert circles(edges) == []
    between = {f"{PurePosixPath(own).parent}/": set[str]() for own in edges}
    for own, others in edges.items():
        between[f"{PurePosixPath(own).parent}/"] |= {f"{PurePosixPath(other).parent}/" for other in others}
    assert circles(between) == []


def test_no_folder_is_a_heap() -> None:
    # Revisions of the database are a sequence: each new one is a file.
    counts = Counter(path.parent for path in files() if path.parent.name != "versions")
    heaps = {str(folder): count for folder, count in counts.items() if count > MOST_FILES}
    assert heaps == {}


def test_no_file_repeats_the_name_of_its_folder() -> None:
    repeated = [
        str(path)
        for path in files()
        if re.match(rf"(test_)?{re.escape(path.parent.name.replace('-', '_'))}_", path.stem.replace("-", "_"))
        or path.stem == path.parent.name
    ]
    assert repeated == []


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, [["b", "c"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d", "a"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles_are_found(edges: Edges, found: list[list[str]]) -> None:
    assert sorted(circles(edges)) == found


def test_arrows_up_are_found() -> None:
    edges = {"x.a": {"x.b"}, "x.b": {"x.a"}, "x.c": {"x.b"}}
    assert sorted(arrows_up(edges, "x", [{"a"}, {"b", "c"}])) == ["x.b -> x.a", "x.c -> x.b"]
