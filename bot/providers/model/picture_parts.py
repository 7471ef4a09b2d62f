"""Pictures beside the text of a completion, in the forms that public servers give them (endpoints.md, section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.model.events import FinishReason
from bot.providers.answer.forms import names_picture
from bot.providers.answer.parts import Part, PictureReference, Stopped
from bot.providers.answer.payload import MAGIC
from bot.providers.wire.values import as_record, as_text, is_record, records

_BESIDE: Final = ("images", "image", "image_url")
_FILES: Final = ("attachments", "media")
"""Lists of files of any kind: of what does not say that it is a picture, only addresses that look like one count."""
PICTURE_FIELDS: Final = frozenset((*_BESIDE, *_FILES))
_ADDRESSES: Final = ("image_url", "image", "output_image", "url", "source", "inline_data", "inlineData")
"""Where an object that is a picture says so, the most trusted name first."""
_BASE64: Final = ("b64_json", "data", "result")
_TYPES: Final = ("mime_type", "mimeType", "media_type", "content_type", "contentType", "type")
_OTHER: Final = re.compile(r"(input_)?(audio|video|text|file|document)|application/(?!octet-stream)", re.IGNORECASE)
_DEEPEST: Final = 3


def pictures_beside(message: Mapping[str, object]) -> Iterator[PictureReference]:
    """Read the pictures of a message or a delta that are not in its content."""
    for name in _BESIDE:
        if message.get(name):
            yield from pictures_of(message[name])
    for name in _FILES:
        for item in records(message.get(name)):
            for picture in pictures_of(item):
                if _says_image(item) or picture.url[:5] == "data:" or names_picture(picture.url):
                    yield picture


def pictures_of(value: object) -> Iterator[PictureReference]:
    """Read one picture or a list of them: a URL or base64, alone or in an object under any of the known names."""
    for item in value if isinstance(value, list) else [value]:
        if url := _address(item, _DEEPEST):
            yield PictureReference(url=url, preview="partial" in as_text(as_record(item).get("type")))


def pictures_of_body(record: Mapping[str, object]) -> Iterator[Part]:
    """Read what the Images API answers, which some servers give to a chat too: pictures, where choices should be.

    Errors and the fusion endpoint's envelopes have ``data`` as well: it holds no picture, and nothing comes of them.
    """
    found = [*pictures_of(record.get("data")), *pictures_of(record.get("images"))]
    yield from found
    if found:
        yield Stopped(reason=FinishReason.STOP)


def _address(item: object, deepest: int) -> str:
    """Find where a picture is; an empty string for anything that is none."""
    if isinstance(item, str):
        return item
    if not is_record(item) or deepest == 0 or any(_OTHER.match(as_text(item.get(name))) for name in _TYPES):
        return ""
    if url := next((url for name in _ADDRESSES if (url := _address(item.get(name), deepest - 1))), ""):
        return url
    return next((url for name in _BASE64 if (url := _data_url(item.get(name), item))), "")


def _data_url(value: object, item: Mapping[str, object]) -> str:
    """Make a data URL of base64, or take one as it is; the bytes tell the format, whatever is said beside them."""
    data = value.strip() if isinstance(value, str) else ""
    if data[:5].lower() == "data:":
        return data
    sure = "b64_json" in item or _says_image(item) or MAGIC.match(data) is not None
    return f"data:;base64,{data}" if data and sure else ""


def _says_image(item: Mapping[str, object]) -> bool:
    return any(as_text(item.get(name)).lower().startswith(("image", "output_image")) for name in _TYPES)
