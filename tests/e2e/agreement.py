"""What the database says of a channel's turns, held against what stands in the channel."""

from __future__ import annotations

import re

from bot.storage.disk.folder import MARK
from sandbox.discord.state.records import Channel, Message
from tests.e2e.conftest import Stage
from tests.fakes.words import worded

HEADING = re.compile(r"\A> .*\n?")
NOTES = re.compile(r"(?:\A|\n+)(?:⚠️|-#) [\s\S]*\Z")
UNFINISHED = ("-# 💭", "-# 🎨", "-# ⏳")
"""What a reply says before there is anything of the answer."""


def buttons(message: Message) -> dict[str, str]:
    """The buttons under a message: what they do, and what they are known by."""
    found = [str(one["custom_id"]) for row in message.components for one in row["components"]]
    return {custom_id.split(":")[1]: custom_id for custom_id in found}


def by_bot(stage: Stage, channel: Channel | None = None) -> list[Message]:
    """All that the bot has said in a channel and that stands, oldest first."""
    messages = (channel or stage.general).messages.values()
    return sorted((one for one in messages if one.author is stage.discord.world.bot), key=lambda one: one.id)


def shown_text(pages: list[Message]) -> str:
    """The answer as its messages show it, without the prompt above it, the bot's own words below it and any space."""
    return "".join("".join(NOTES.sub("", HEADING.sub("", page.content)).split()) for page in pages)


async def agree(stage: Stage, channel: Channel | None = None, *, out_of_reach: bool = False) -> dict[int, str]:
    """Hold a channel's turns, replies and memory against what stands there; returns the states of its turns.

    Every message of the bot's must belong to one turn, every reply must have ended, in the words of its state. With
    ``out_of_reach`` the last state need not be seen: the bot could no longer change its messages.
    """
    channel = channel or stage.general
    turns = await stage.rows(
        "SELECT id, state, version, reply_ids, text FROM turns WHERE channel_id = ? ORDER BY id", channel.id
    )
    standing = {message.id: message for message in by_bot(stage, channel)}
    states: dict[int, str] = {}
    claimed: list[int] = []
    for turn_id, state, version, reply_ids, text in turns:
        assert isinstance(turn_id, int)
        ids = [int(one) for one in str(reply_ids).split()]
        pages = [standing[one] for one in ids if one in standing]
        states[turn_id] = str(state)
        claimed += [page.id for page in pages]
        assert state in ("complete", "stopped", "failed", "interrupted"), turns
        await _agree_on_memory(stage, channel, turn_id, ids, pages, str(text))
        if pages:
            assert len(pages) == len(ids), "a reply of which some messages are gone"
            assert shown_text(pages) == "".join(str(text).split())
            if not out_of_reach:
                _has_ended(pages, str(state))
        kept = await stage.rows(
            "SELECT state, text FROM turn_versions WHERE turn_id = ? AND number = ?", turn_id, version
        )
        assert kept == [(state, text)]
    assert sorted(claimed) == sorted(standing), "a message that belongs to no turn, or to two"
    return states


async def pictures_agree(stage: Stage) -> None:
    """Hold the pictures that are kept on disk against those that the database names."""
    rows = await stage.rows("SELECT stored FROM drawings WHERE stored IS NOT NULL")
    assert {row[0] for row in rows} == kept_pictures(stage)


def kept_pictures(stage: Stage) -> set[str]:
    """The names of the pictures on the bot's disk, unfinished ones too; not the folder's mark, nor folders in it."""
    folder = stage.bot.folder / "data" / "pictures"
    files = [path for path in folder.iterdir() if path.is_file()] if folder.exists() else []
    return {path.name for path in files if path.name != MARK}


def _has_ended(pages: list[Message], state: str) -> None:
    *before, last = pages
    assert all(not page.components for page in before)
    assert "stop" not in buttons(last)
    assert "delete" in buttons(last)
    ids = ("trouble.interrupted", "trouble_with_pictures.interrupted", "broke_off.interrupted")
    interrupted = [worded(each) for each in ids]
    assert any(words in last.content for words in interrupted) == (state == "interrupted"), last.content
    assert ("retry" in buttons(last)) or last.attachments
    for page in pages:
        assert not page.loading
        assert not HEADING.sub("", page.content).startswith(UNFINISHED)


async def _agree_on_memory(
    stage: Stage, channel: Channel, turn_id: int, ids: list[int], pages: list[Message], text: str
) -> None:
    """The answer that stands, and nothing else, is what the model will be told of."""
    remembered = await stage.rows(
        "SELECT id, text FROM messages WHERE channel_id = ? AND reply_to = ? AND role = 'assistant' "
        "AND kind = 'text' AND deleted_at IS NULL AND text != ''",
        channel.id,
        turn_id,
    )
    expected: list[tuple[object, ...]] = [(ids[0], text)] if pages and text.strip() else []
    assert remembered == expected, (turn_id, ids, text)
