"""What a message says, as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import discord

from bot.domain.chat.frame import ENCLOSED, guarded
from bot.domain.chat.lookalikes import visible
from bot.domain.page.graphemes import clip
from bot.domain.page.small import SMALL, model_text
from bot.presentation.inbound.names import Names, names_in

FILE_NAME_CHARS = 120
"""How much of a file's name the model gets."""

_BRACKETS = str.maketrans("[]", "()")

_OWN_LINES = (SMALL, f"> {SMALL}")
_ENTITY = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})|a?:(?P<emoji>\w{2,32}):\d+)>"
    r"|<(?:t:(?P<time>-?\d{1,14})(?::(?P<style>[tTdDfFsSR]))?|/(?P<command>[-_'\w ]{1,100}):\d+"
    r"|id:(?P<page>[a-z-]{1,20})(?::\d+)?)>"
)
_STYLES = {"t": "%H:%M UTC", "T": "%H:%M:%S UTC", "d": "%Y-%m-%d", "D": "%Y-%m-%d"}
"""How a time is written; any other style, and one without, has both day and minute."""
_PAGES = {
    "customize": "Channels & Roles",
    "browse": "Browse Channels",
    "guide": "Server Guide",
    "linked-roles": "Linked Roles",
}
"""Pages of a server that a message can lead to (Discord documentation, Message Formatting, Guild Navigation Types)."""


def text_of(message: discord.Message, me: int) -> str:
    """Read a message's own words, mentions written as names; empty where it has none.

    One that was forwarded says what the first one said. What the bot itself has put in small print is left out.
    """
    said = [message.content, *(forwarded.content for forwarded in message.message_snapshots)]
    text = next(filter(None, said), "")
    if message.author.id == me:
        text = model_text("\n".join(line for line in text.split("\n") if not line.startswith(_OWN_LINES)))
    return plain_text(text, names_in(message), me)


def plain_text(content: str, names: Names, me: int, own_roles: Iterable[int] = ()) -> str:
    """Write what people see: mentions as names, emoji as ``:name:``, times in UTC, commands as they are typed.

    The bot's own mention at either end goes, and a mention of one of its ``own_roles``.
    """
    own = "<@(?:" + "|".join((f"!?{me}", *(f"&{role}" for role in own_roles))) + ")>"
    content = re.sub(rf"\A(?:\s*{own}[\s,:，：]*)+|(?:\s*{own})+\s*\Z", "", content)

    def shown(match: re.Match[str]) -> str:
        if match["emoji"]:
            return f":{match['emoji']}:"
        if match["time"]:
            return _written_time(int(match["time"]), match["style"]) or match[0]
        if match["command"]:
            return f"/{match['command']}"
        if match["page"]:
            return _PAGES.get(match["page"], match[0])
        for kind, sign in (("user", "@"), ("role", "@"), ("channel", "#")):
            if match[kind]:
                found = names(kind, int(match[kind]))
                return sign + (found or "unknown")
        return match[0]

    return _ENTITY.sub(shown, content).strip()


def _written_time(seconds: int, style: str | None) -> str:
    """Write a time, which each reader sees in their own zone; empty if there is no such year."""
    try:
        when = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return when.strftime(_STYLES.get(style or "", "%Y-%m-%d %H:%M UTC"))


def with_enclosures(text: str, message: discord.Message) -> str:
    """Add a line for each thing that comes with a message, which the model can't see.

    A line of the text that looks like one of these gets a backslash before it.
    """
    enclosed = [
        *(f"[attachment: {_one_line(attachment.filename)}]" for attachment in message.attachments),
        *(f"[sticker: {_one_line(sticker.name)}]" for sticker in message.stickers),
    ]
    return "\n".join(filter(None, (guarded(text, ENCLOSED), *enclosed)))


def _one_line(name: str) -> str:
    """Write a name so that it ends where its line does; of a long one the end, which says what kind of file it is."""
    plain = visible(" ".join(name.split())).translate(_BRACKETS)
    kind = plain[-12:] if "." in plain[-12:] else ""
    return plain if len(plain) <= FILE_NAME_CHARS else clip(plain, FILE_NAME_CHARS - len(kind)) + kind
