"""Pages and previews of texts beside the whole, read by both ports: `python -m tests.integration.markdown.judge`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bot.domain.page.display import Display
from bot.domain.page.pager import PAGE_LIMIT, Pager
from tests.integration.markdown.flat import difference, flatten
from tests.integration.markdown.ports import PORTS, read_by_ports
from tests.integration.markdown.texts import answers

_READ_AT_ONCE = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A difference."""

    text: int
    at: int | None
    """Where the preview stops; None for the pages of all of it."""
    port: str
    what: str
    pages: tuple[str, ...]


def pages_of(text: str, *, limit: int = PAGE_LIMIT, is_whole: bool = True) -> list[str]:
    """Lay a text out."""
    pager = Pager(limit)
    pager.push(text)
    if is_whole:
        pager.end()
    return pager.pages


def shown_whole(text: str) -> str:
    """Return what is shown of a text, mended, before it is laid out."""
    display = Display()
    return f"{display.push(text)}{display.finish()}"


def shown_pages_of(text: str, random: Random, *, limit: int = PAGE_LIMIT, is_whole: bool = True) -> list[str]:
    """Lay out what is shown of a text that comes in pieces of random length."""
    display, pager = Display(), Pager(limit)
    at = 0
    while at < len(text):
        length = random.randint(1, 60)
        pager.push(display.push(text[at : at + length]))
        at += length
    if is_whole:
        pager.push(display.finish())
        pager.end()
    return pager.pages


def judge_shown(texts: Sequence[str], *, previews: int, seed: int = 0, limit: int = PAGE_LIMIT) -> list[Found]:
    """Compare the same as ``judge``, but of texts that are mended as they come, with the mended whole."""
    looked: list[tuple[int, int | None, list[str]]] = []
    for number, text in enumerate(texts):
        random = Random(f"{seed}-{number}")
        looked.append((number, None, shown_pages_of(text, random, limit=limit)))
        places = sorted(random.randrange(1, len(text)) for _ in range(previews))
        looked += ((number, at, shown_pages_of(text[:at], random, limit=limit, is_whole=False)) for at in places)
    return _compared([shown_whole(text) for text in texts], looked)


def judge(texts: Sequence[str], *, previews: int, seed: int = 0, limit: int = PAGE_LIMIT) -> list[Found]:
    """Compare every page, and so many previews of each text at random places, with the whole."""
    looked: list[tuple[int, int | None, list[str]]] = []
    for number, text in enumerate(texts):
        looked.append((number, None, pages_of(text, limit=limit)))
        random = Random(f"{seed}-{number}")
        places = sorted(random.randrange(1, len(text)) for _ in range(previews)) if len(text) > 1 else []
        looked += ((number, at, pages_of(text[:at], limit=limit, is_whole=False)) for at in places)
    return _compared(texts, looked)


def _compared(texts: Sequence[str], looked: Sequence[tuple[int, int | None, list[str]]]) -> list[Found]:
    """Have the ports read all that was looked at: the number of its text, where it stops, its pages."""
    wanted = list(dict.fromkeys([*texts, *(page for _, _, pages in looked for page in pages)]))
    trees = dict(zip(wanted, read_by_ports(wanted), strict=True))
    found: list[Found] = []
    for port in PORTS:
        flat = {text: flatten(each[port]) for text, each in trees.items()}
        for number, at, pages in looked:
            what = difference(flat[texts[number]], [flat[page] for page in pages], is_preview=at is not None)
            if what:
                found.append(Found(text=number, at=at, port=port, what=what, pages=tuple(pages)))
    return found


def said(found: Sequence[Found]) -> list[str]:
    """Say in a line each what was found."""
    return [f"text {each.text} at {each.at}, {each.port}: {each.what}" for each in found]


def main() -> None:
    """Print how many texts differ, and where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--previews", type=int, default=20)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--limit", type=int, default=PAGE_LIMIT)
    given = parser.parse_args()
    texts = answers(given.texts, seed=given.seed)
    found = judge(texts, previews=given.previews, seed=given.seed, limit=given.limit)
    whole = {each.text for each in found if each.at is None}
    grows = {each.text for each in found if each.at is not None}
    print(f"{len(texts)} texts: {len(whole)} differ in their pages, {len(grows)} in {given.previews} previews each")
    for each in found[: given.show]:
        print(
            f"\ntext {each.text}, {each.port}, {'pages' if each.at is None else f'preview at {each.at}'}: {each.what}"
        )


if __name__ == "__main__":
    main()
