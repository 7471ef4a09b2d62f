"""Pictures that an answer names in its text: is it one URL, and which URLs in Markdown or HTML are pictures."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from bot.domain.model.events import PictureBytes, PictureUrl
from bot.domain.picture.parameters import MAX_PICTURES

MAX_URL_CHARS: Final = 8192

_URL: Final = r"https?://[^\s<>\"]+"
_TARGET: Final = r"<?(https?://[^\s<>\"()]+(?:\([^\s<>\"()]*\)[^\s<>\"()]*)*|data:image/[^\s<>\"()]+)>?"
_TITLE: Final = r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?"
ALT: Final = r"(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,4000}"
"""The text of an image: servers put the whole prompt there, which may have brackets of its own."""
MARKDOWN_PICTURE: Final = re.compile(rf"!\[{ALT}\]\(\s*{_TARGET}{_TITLE}\s*\)", re.IGNORECASE)
_LOOSE_PICTURE: Final = re.compile(rf"!\[(?:(?!\]\(|!\[)[\s\S]){{0,4000}}\]\(\s*{_TARGET}{_TITLE}\s*\)", re.IGNORECASE)
"""With any text, over several lines too."""
HTML_PICTURE: Final = re.compile(
    r"<img\b[^<>]{0,1000}?\ssrc\s*=\s*(?:\"([^\"<>]+)\"|'([^'<>]+)'|([^\s\"'<>]+))[^<>]{0,1000}>", re.IGNORECASE
)
_DATA_PICTURE: Final = re.compile(r"data:image/[a-z0-9.+\-]+;base64,[A-Za-z0-9+/=_%\-]+", re.IGNORECASE)
_LINK: Final = re.compile(rf"(?<!!)\[[^\]\n]{{0,1000}}\]\(\s*{_TARGET}{_TITLE}\s*\)", re.IGNORECASE)
_LONE: Final = re.compile(_URL, re.IGNORECASE)
_EXTENSIONS: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_STARTS: Final = ("http://", "https://", "<http://", "<https://", "![")


def lone_url(text: str) -> str | None:
    """Return the URL where a text is exactly one absolute http(s) URL, byte for byte; None otherwise.

    One Markdown image or pair of angle brackets around it is unwrapped.
    """
    text = text.strip()
    if len(text) > MAX_URL_CHARS + 2048:
        return None
    if found := MARKDOWN_PICTURE.fullmatch(text):
        text = found.group(1)
    elif text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    return text if _is_web_url(text) else None


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


def names_picture(url: str) -> bool:
    """Whether the path of a valid URL ends like a picture's."""
    return urlsplit(url).path.lower().endswith(_EXTENSIONS)


def _is_web_url(text: str) -> bool:
    if len(text) > MAX_URL_CHARS or not _LONE.fullmatch(text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def reference_of_markup(markup: str) -> str | None:
    """Return the URL of one Markdown image, ``<img>`` or bare data URL; None where it is none of them."""
    if found := MARKDOWN_PICTURE.fullmatch(markup):
        return found.group(1)
    if found := HTML_PICTURE.fullmatch(markup):
        return html.unescape(next(group for group in found.groups() if group))
    return markup if _DATA_PICTURE.fullmatch(markup) else None


def picture_of(reference: str) -> PictureUrl | PictureBytes | None:
    """Make an event of a URL or data URL; None where it is neither, or its data is no base64."""
    reference = reference.strip()
    if reference[:5].lower() != "data:":
        return PictureUrl(url=reference) if _is_web_url(reference) else None
    header, _, payload = reference.partition(",")
    if not header.lower().endswith(";base64"):
        return None
    compact = "".join(payload.split()).replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    compact = compact.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return PictureBytes(data=data) if data else None


def pictures_in(text: str, *, cut: bool = False) -> list[str]:
    """Find the pictures that an answer to a drawing names in its text, the most trusted form first.

    Markdown images, ``<img>``, data URLs, URLs alone on their line; where there is none of these, links whose path has
    a picture's extension. Of a text that was ``cut`` off, only what is closed: any other URL may be half of one.
    """
    found = [match.group(1) for match in MARKDOWN_PICTURE.finditer(text)]
    found = found or [match.group(1) for match in _LOOSE_PICTURE.finditer(text)]
    found += [url for match in HTML_PICTURE.finditer(text) if (url := reference_of_markup(match.group()))]
    if cut:
        return found
    found += _DATA_PICTURE.findall(text)
    if not found:
        found = [url for line in text.splitlines() if (url := lone_url(line))]
    if not found:
        links = (match.group(1) for match in _LINK.finditer(text))
        found = [url for url in links if _is_web_url(url) and names_picture(url)]
    return found


def distinct_pictures(references: Iterable[str]) -> list[PictureUrl | PictureBytes]:
    """Make events of references, doubles dropped, at most ``MAX_PICTURES``."""
    events: list[PictureUrl | PictureBytes] = []
    for reference in references:
        if len(events) == MAX_PICTURES:
            break
        event = picture_of(reference)
        if event is not None and event not in events:
            events.append(event)
    return events
