"""How pictures are written in text: Markdown, HTML, data URLs; and what may yet become one of these."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.providers.answer.parts import PictureReference

_CHARS: Final = r"[^\s<>\"()]"
_WORD: Final = rf"{_CHARS}*(?:\({_CHARS}*\){_CHARS}*)*"
_WORDS: Final = rf"(?:[ \t]{{1,9}}(?![\"']){_CHARS}{_WORD}){{0,99}}"
"""What follows a blank in a URL, which some servers forget to encode."""
DATA_HEAD: Final = r"data:image/[a-z0-9.+\-]+(?:;[a-z0-9=_.\-]+){0,9};base64,"
"""How a data URL begins."""
TARGET: Final = rf"<?((?:https?:/)?/{_CHARS}{_WORD}{_WORDS}|{DATA_HEAD}[^<>\"'()]+|data:image/[^\s<>\"'()]+)>?"
"""Where a picture is: an http(s) URL, a path at the endpoint, or a data URL, which may be broken into lines."""
TITLE: Final = r"(?:[ \t]+(?:\"[^\"\n()]*(?:\([^\"\n()]*\)[^\"\n()]*)*\"|'[^'\n()]*(?:\([^'\n()]*\)[^'\n()]*)*'))?"
ALT: Final = r"(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,4000}"
"""The text of an image: servers put the whole prompt there, which may have brackets of its own."""
_MARKDOWN: Final = rf"!\[({ALT})\]\([ \t]*{TARGET}{TITLE}[ \t]*\)"
_CAPTION: Final = r"[^\[\]\n]{0,200}"
_IMG: Final = r"<img[ \t/][^<>\n]{0,8000}>"
_SPACE: Final = r"\s{0,99}"
MARKDOWN_PICTURE: Final = re.compile(_MARKDOWN, re.IGNORECASE)
_LINKED: Final = re.compile(rf"\[{_MARKDOWN}{_CAPTION}\]\([ \t]*<?({_WORD})>?{TITLE}[ \t]*\)", re.IGNORECASE)
_HTML: Final = re.compile(_IMG, re.IGNORECASE)
_HTML_LINKED: Final = re.compile(rf"<a[ \t][^<>\n]{{0,8000}}>{_SPACE}({_IMG}){_SPACE}</a[ \t]{{0,99}}>", re.IGNORECASE)

# Every beginning of a whole one is open, and every beginning of an open one: so no split makes a difference.
_REST: Final = r"[^\n()]*(?:\([^\n()]*\)[^\n()]*)*(?:\([^\n()]*)?"
_OPEN_MARKDOWN: Final = rf"!(?:\[{ALT}(?:\[[^\[\]\n]{{0,200}}|\](?:\([ \t]*<?(?:[hd/]{_REST})?)?)?)?"
_OPEN_LINKED: Final = rf"\[(?:{_OPEN_MARKDOWN}|{_MARKDOWN}{_CAPTION}(?:\](?:\({_REST})?)?)\Z"
_OPEN_IMG: Final = r"<(?:i(?:m(?:g(?:[ \t/][^<>\n]{0,8000})?)?)?)?"
_OPEN_HTML_LINKED: Final = (
    rf"<a[ \t][^<>\n]{{0,8000}}(?:>{_SPACE}(?:{_OPEN_IMG}|{_IMG}{_SPACE}(?:<(?:/(?:a[ \t]{{0,99}})?)?)?)?)?\Z"
)

_QUOTED: Final = r"\s*=\s*(?:\"([^\"<>]+)\"|'([^'<>]+)'|([^\s\"'<>]+))"
_SOURCE: Final = re.compile(rf"[\s/]src{_QUOTED}", re.IGNORECASE)
_SOURCES: Final = re.compile(rf"[\s/]srcset{_QUOTED}", re.IGNORECASE)
_HREF: Final = re.compile(rf"\shref{_QUOTED}", re.IGNORECASE)
_ALT_TEXT: Final = re.compile(rf"[\s/]alt{_QUOTED}", re.IGNORECASE)
_EXTENSIONS: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_SIGNED: Final = re.compile(r"[?&][^=&]*(?:sig|token|expire|key|auth|cred|policy)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"(?:https?:/)?/|data:image/", re.IGNORECASE)

_PROGRESS_WORDS: Final = (
    "preview|progress|generating|rendering|drawing|partial|draft|loading|image|picture|done|进度|预览|生成|绘制|渲染|"
    "加载|图片|图像|完成|当前|正在|已|中"
)
_STATES_PROGRESS: Final = re.compile(
    rf"(?:[\W\d_]|{_PROGRESS_WORDS})*(?<![\d.])\d{{1,2}}(?:\.\d{{1,2}})?\s?[%％](?:[\W_]|{_PROGRESS_WORDS})*",
    re.IGNORECASE,
)
LABEL_CHARS: Final = 60
"""What is longer states more than progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write a picture: ``whole`` is all of it, ``open`` what may become it with more text.

    ``read`` tells what a whole one says: the picture, None if it is none after all; the words to be shown for it; and
    the link that is shown instead where the picture is not fetched.
    """

    whole: re.Pattern[str]
    open: re.Pattern[str]
    read: Callable[[re.Match[str]], tuple[PictureReference | None, str, str]]


def names_picture(url: str) -> bool:
    """Whether the path of a URL ends like a picture's."""
    try:
        return urlsplit(url).path.lower().endswith(_EXTENSIONS)
    except ValueError:
        return False


def states_progress(label: str) -> bool:
    """Whether words by a picture say that it is not finished: a percentage below 100 and little else."""
    return len(label) <= LABEL_CHARS and ("%" in label or "％" in label) and bool(_STATES_PROGRESS.fullmatch(label))


def html_picture(element: str) -> PictureReference | None:
    """Read an ``<img>``; of several sizes the last is taken, by custom the largest. None if it names none."""
    url = _attribute(_SOURCE, element)
    if not url and (several := _attribute(_SOURCES, element)):
        url = re.split(r",\s+", several)[-1].split()[0]
    if not _ADDRESS.match(url):
        return None
    return PictureReference(url=url, preview=states_progress(_attribute(_ALT_TEXT, element)))


def behind_link(picture: PictureReference, target: str) -> PictureReference | None:
    """Return the picture that a picture links to; None if the link seems to lead to something else.

    In doubt it leads to a picture: its address may be signed, and the thumbnail is there still.
    """
    if not _ADDRESS.match(target):
        return picture
    try:
        same_host = target.startswith("/") or urlsplit(target).netloc == urlsplit(picture.url).netloc
    except ValueError:
        return None
    if not (same_host or names_picture(target) or _SIGNED.search(target)):
        return None
    return PictureReference(url=target, thumbnail=picture.url, preview=picture.preview)


def _attribute(pattern: re.Pattern[str], element: str) -> str:
    found = pattern.search(element)
    return "" if found is None else html.unescape(next((group for group in found.groups() if group), "")).strip()


def _link(words: str, url: str) -> str:
    return f"[{words}]({url})" if words.strip() else url


def _read_markdown(found: re.Match[str]) -> tuple[PictureReference | None, str, str]:
    return PictureReference(url=found[2], preview=states_progress(found[1])), "", _link(found[1], found[2])


def _read_linked(found: re.Match[str]) -> tuple[PictureReference | None, str, str]:
    picture = PictureReference(url=found[2], preview=states_progress(found[1]))
    reference = behind_link(picture, found[3])
    link = _link(found[1], found[3])
    return (picture, link, link) if reference is None else (reference, "", link)


def _read_html(found: re.Match[str]) -> tuple[PictureReference | None, str, str]:
    picture = html_picture(found[0])
    return picture, "", "" if picture is None else _link(_attribute(_ALT_TEXT, found[0]), picture.url)


def _read_html_linked(found: re.Match[str]) -> tuple[PictureReference | None, str, str]:
    picture, target = html_picture(found[1]), _attribute(_HREF, found[0])
    if picture is None:
        return None, "", ""
    reference = behind_link(picture, target)
    link = _link(_attribute(_ALT_TEXT, found[1]), target or picture.url)
    return (picture, f"<{target}>", link) if reference is None else (reference, "", link)


FORMS: Final = {
    "![": Form(whole=MARKDOWN_PICTURE, open=re.compile(rf"{_OPEN_MARKDOWN}\Z", re.IGNORECASE), read=_read_markdown),
    "[![": Form(whole=_LINKED, open=re.compile(_OPEN_LINKED, re.IGNORECASE), read=_read_linked),
    "<img": Form(whole=_HTML, open=re.compile(rf"{_OPEN_IMG}\Z", re.IGNORECASE), read=_read_html),
    "<a": Form(whole=_HTML_LINKED, open=re.compile(_OPEN_HTML_LINKED, re.IGNORECASE), read=_read_html_linked),
}
"""The forms by how they begin."""
