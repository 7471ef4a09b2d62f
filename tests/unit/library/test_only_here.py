"""Nothing but ``bot.library`` reaches behind what discord.py documents."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOM = ROOT / "bot" / "library"
MODULES = frozenset({"http", "gateway", "state", "webhook"})
PRIVATE = frozenset(
    {"http", "connector", "parsers", "warn_nacl", "warn_dave", "DEFAULT_GATEWAY", "handle_message_parameters", "Route"}
)
TASKS = ("discord.py: ", "CommandTree-invoker")
PARENTS = frozenset({"commands", "discord", "app_commands"})


def private_uses(source: str) -> Iterator[str]:
    """Find what a file that imports the library uses of its private side."""
    tree = ast.parse(source)
    if "discord" not in set(_imported(tree)):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=owner, attr=name):
                of_the_library = name in MODULES and ast.unparse(owner) == "discord"
                of_another = _is_private(name) and ast.unparse(owner) not in ("self", "cls")
                if name in PRIVATE or of_the_library or of_another:
                    yield name
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "discord":
                yield from (one.name for one in names if one.name in PRIVATE | MODULES or _is_private(one.name))
                if MODULES.intersection(module.split(".")):
                    yield module
            case ast.Constant(value=str(words)) if words.startswith(TASKS):
                yield words
            case ast.ClassDef():
                yield from _inherited(node)


def _imported(tree: ast.Module) -> Iterator[str]:
    """Tell the packages that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.split(".")[0]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _inherited(node: ast.ClassDef) -> Iterator[str]:
    """Find what a class uses of a parent in the library without having it itself."""
    if not any(ast.unparse(base).split(".")[0] in PARENTS for base in node.bases):
        return
    used = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self"]
    own = {one.attr for one in used if isinstance(one.ctx, ast.Store)}
    own |= {one.name for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    yield from (one.attr for one in used if _is_private(one.attr) and one.attr not in own)


def test_no_other_file_knows_the_library_s_private_side() -> None:
    uses = {
        path: sorted(private_uses(path.read_text(encoding="utf-8")))
        for top in ("bot", "cogs")
        for path in (ROOT / top).rglob("*.py")
    }
    assert {str(path): found for path, found in uses.items() if found and ROOM not in path.parents} == {}
    assert len([path for path, found in uses.items() if found and ROOM in path.parents]) > 3


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("client.http.request(route)", ["http"]),
        ("discord.http.Route('GET', '/')", ["Route", "http"]),
        ("from discord.http import Route", ["Route", "discord.http"]),
        ("from discord import gateway", ["gateway"]),
        ("client._connection", ["_connection"]),
        ("interaction.response._response_type", ["_response_type"]),
        ("name = 'discord.py: on_message'", ["discord.py: on_message"]),
        ("class A(commands.Bot):\n def a(self):\n  self._a = 1\n  return self._a, self._b()\n def _b(self): ...", []),
        ("class A(discord.Client):\n def a(self): return self._connection", ["_connection"]),
        ("class A:\n def a(self): return self._a", []),
        ("from bot.providers.http.transport import Transport\nturn.state = 1", []),
    ],
)
def test_what_is_private_is_found(source: str, found: list[str]) -> None:
    assert sorted(private_uses(f"import discord\n{source}")) == found
    assert list(private_uses(source)) == [] or "from discord" in source
