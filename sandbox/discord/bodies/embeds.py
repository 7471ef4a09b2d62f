"""Rich embeds: Discord's limits on each field and on the whole (documentation, "Embed Limits")."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sandbox.discord.protocol import limits
from sandbox.discord.protocol.forms import Fields

_IMAGE_SCHEMES: Final = ("http", "https", "attachment")


def parse_embeds(fields: Fields) -> list[dict[str, Any]] | None:
    """Return the embeds of a body as Discord would store them, None where the body names none."""
    if fields.data.get("embeds") is None:
        return None
    embeds = []
    total = 0
    for one in fields.children("embeds", high=limits.EMBEDS):
        embed = _embed(one)
        total += _text_chars(embed)
        embeds.append(embed)
        if total > limits.EMBED_TOTAL_CHARS:
            words = f"Embed size exceeds maximum size of {limits.EMBED_TOTAL_CHARS}"
            fields.form.add(one.path, "MAX_EMBED_SIZE_EXCEEDED", words)
            break
    return embeds


def _embed(one: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "rich",
        "url": one.url("url", high=2048),
        "title": one.string("title", high=256),
        "description": one.string("description", high=4096),
        "color": one.integer("color", low=0, high=0xFFFFFF),
        "timestamp": _moment(one),
    }
    author = one.child("author")
    if author is not None:
        found["author"] = _present(
            name=author.string("name", low=1, high=256, required=True),
            url=author.url("url", high=2048),
            icon_url=author.url("icon_url", high=2048, schemes=_IMAGE_SCHEMES),
        )
    footer = one.child("footer")
    if footer is not None:
        found["footer"] = _present(
            text=footer.string("text", low=1, high=2048, required=True),
            icon_url=footer.url("icon_url", high=2048, schemes=_IMAGE_SCHEMES),
        )
    for key in ("image", "thumbnail"):
        picture = one.child(key)
        if picture is not None:
            url = picture.url("url", high=2048, schemes=_IMAGE_SCHEMES, required=True)
            found[key] = _present(url=url, proxy_url=url, flags=0)
    rows = one.children("fields", high=25)
    if rows:
        found["fields"] = [
            {
                "name": row.string("name", low=1, high=256, required=True),
                "value": row.string("value", low=1, high=1024, required=True),
                "inline": row.boolean("inline"),
            }
            for row in rows
        ]
    return _present(**found)


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _moment(one: Fields) -> str | None:
    value = one.string("timestamp", high=64)
    if value is None:
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        one.fault("timestamp", "DATE_TIME_TYPE_PARSE", f"Could not parse {value!r}. Should be ISO8601.")
        return None
    return value


def _text_chars(embed: dict[str, Any]) -> int:
    """Return the characters that count towards the total of 6,000."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [embed.get("author", {}).get("name"), embed.get("footer", {}).get("text")]
    for row in embed.get("fields", []):
        texts += [row["name"], row["value"]]
    return sum(len(text) for text in texts if text)
