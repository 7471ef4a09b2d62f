"""Pictures that an answer names: is its text one URL, which pictures are in it, and what each reference leads to."""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.domain.model.events import PictureBytes, PictureUrl
from bot.domain.picture.parameters import MAX_COUNT, MAX_PICTURES
from bot.providers.answer.forms import MARKDOWN_PICTURE, TARGET, TITLE, html_picture, names_picture
from bot.providers.answer.parts import PictureReference
from bot.providers.answer.payload import MAGIC

MAX_URL_CHARS: Final = 8192

_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_LONE: Final = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_PATH: Final = re.compile(r"/[^\s<>\"]*")
_LOOSE: Final = re.compile(rf"!\[(?:(?!\]\(|!\[)[\s\S]){{0,4000}}\]\(\s*{TARGET}{TITLE}\s*\)", re.IGNORECASE)
"""Markdown with any text, over several lines too."""
_LOOSE_HTML: Final = re.compile(r"<img\s[^<>]{0,8000}>", re.IGNORECASE)
_BY_NAME: Final = re.compile(r"!\[([^\[\]\n]{0,200})\](?:\[([^\[\]\n]{0,200})\])?(?!\()")
_DEFINITION: Final = re.compile(rf"^[ \t]*\[([^\[\]\n]{{1,200}})\]:[ \t]*{TARGET}", re.IGNORECASE | re.MULTILINE)
_LINK: Final = re.compile(rf"(?<!!)\[[^\]\n]{{0,1000}}\]\(\s*{TARGET}{TITLE}\s*\)", re.IGNORECASE)
_STARTS: Final = ("http://", "https://", "<http://", "<https://", "![")


def lone_url(text: str) -> str | None:
    """Return the URL where a text is exactly one absolute http(s) URL, byte for byte; None otherwise.

    One Markdown image or pair of angle brackets around it is unwrapped.
    """
    text = text.strip()
    if len(text) > MAX_URL_CHARS + 2048:
        return None
    if found := MARKDOWN_PICTURE.fullmatch(text):
        text = _without_blanks(found.group(2))
    elif text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    return text if is_web_url(text) else None


def may_become_lone_url(text: str) -> bool:
    """Whether a text that grows may yet be what ``lone_url`` accepts."""
    if len(text) > MAX_URL_CHARS + 2048:
        return False
    begun = text.lstrip().lower()
    if not any(start.startswith(begun[: len(start)]) for start in _STARTS):
        return False
    if begun.startswith("!["):
        closed = begun.rstrip()
        return "\n" not in closed and ("\n" not in begun or closed.endswith(")"))
    return len(begun.split(None, 1)) < 2


def is_web_url(text: str) -> bool:
    """Whether a text is an absolute http(s) URL."""
    if len(text) > MAX_URL_CHARS or not _LONE.fullmatch(text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def picture_of(reference: PictureReference, *, base: str = "") -> PictureUrl | PictureBytes | None:
    """Make an event of a reference; None if it leads nowhere, or its data is no base64.

    ``base`` is the endpoint's URL, at which paths are looked for; without one they lead nowhere.
    """
    text = reference.url.strip()
    if text[:5].lower() == "data:":
        header, _, payload = text.partition(",")
        return _bytes_of(payload) if header.lower().endswith(";base64") else None
    if MAGIC.match(text):
        return _bytes_of(text)
    url = _web_url_of(text, base)
    if url is None:
        return None
    thumbnail = _web_url_of(reference.thumbnail.strip(), base) or ""
    return PictureUrl(url=url, thumbnail=thumbnail if thumbnail != url else "", named=reference.named)


def _web_url_of(text: str, base: str) -> str | None:
    url = _without_blanks(text)
    if base and _PATH.fullmatch(url):
        try:
            url = urljoin(base, url)
        except ValueError:
            return None
    return url if is_web_url(url) else None


def _without_blanks(url: str) -> str:
    """Encode blanks inside a URL, as browsers do."""
    return url.replace(" ", "%20").replace("\t", "%09")


def _bytes_of(payload: str) -> PictureBytes | None:
    if not payload.isascii():
        payload = "".join(payload.split())
    # Megabytes: as few passes as can be, and no copy that is not needed.
    compact = payload.encode("ascii", "replace").translate(_STANDARD, string.whitespace.encode())
    if b"%" in compact:
        compact = compact.replace(b"%2B", b"+").replace(b"%2F", b"/").replace(b"%3D", b"=")
    compact = compact.rstrip(b"=")
    try:
        data = binascii.a2b_base64(compact + b"=" * (-len(compact) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    return PictureBytes(data=data) if data else None


def distinct_pictures(
    references: Iterable[PictureReference], *, base: str = "", ordered: bool = False
) -> list[PictureUrl | PictureBytes]:
    """Make events of references as ``picture_of`` does, without doubles and old previews; at most ``MAX_PICTURES``.

    ``ordered``: pictures were asked for. As many as may be ordered at once are then the endpoint's own, wherever it
    names them: for many servers the text is the only place.
    """
    made = [(reference.preview, picture_of(reference, base=base)) for reference in references]
    there = [(preview, event) for preview, event in made if event is not None]
    events: list[PictureUrl | PictureBytes] = []
    for index, (preview, event) in enumerate(there):
        outdated = preview and index + 1 < len(there)
        if not outdated and not any(_same(event, other) for other in events):
            events.append(event)
    return list(_own(events[:MAX_PICTURES], MAX_COUNT if ordered else 0))


def _own(events: Iterable[PictureUrl | PictureBytes], ordered: int) -> Iterator[PictureUrl | PictureBytes]:
    """Take the first so many that the text names as the endpoint's own."""
    for event in events:
        if ordered and isinstance(event, PictureUrl) and event.named:
            ordered -= 1
            yield replace(event, named=False)
        else:
            yield event


def _same(one: PictureUrl | PictureBytes, other: PictureUrl | PictureBytes) -> bool:
    if isinstance(one, PictureUrl) and isinstance(other, PictureUrl):
        return one.url in (other.url, other.thumbnail)
    return one == other


def pictures_in_rest(text: str, *, cut: bool) -> list[PictureReference]:
    """Find the pictures in what is left of an answer to a drawing once the gate has taken those that it knows.

    Markdown and ``<img>`` over several lines; or Markdown whose address is elsewhere; or URLs alone on their line; or
    links whose path has a picture's extension. Of a text that was ``cut`` off, only what is closed: any other URL may
    be half of one.
    """
    found = [PictureReference(url=match[1]) for match in _LOOSE.finditer(text)]
    found += [picture for match in _LOOSE_HTML.finditer(text) if (picture := html_picture(match[0]))]
    if found or cut:
        return found
    addresses = {match[1].casefold(): match[2] for match in _DEFINITION.finditer(text)}
    names = (match[2] or match[1] for match in _BY_NAME.finditer(text))
    found = [PictureReference(url=url) for name in names if (url := addresses.get(name.casefold()))]
    found = found or [PictureReference(url=url) for line in text.splitlines() if (url := lone_url(line))]
    if not found:
        links = (match[1] for match in _LINK.finditer(text))
        found = [PictureReference(url=url) for url in links if is_web_url(url) and names_picture(url)]
    return found
