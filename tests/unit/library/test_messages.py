"""What the library sends for a message, and how it counts."""

from __future__ import annotations

import io

import discord
import pytest

from bot.library.messages import create_message, delete_message, edit_message
from tests.unit.presentation.on_discord.conftest import Stage

NOBODY = discord.AllowedMentions.none()


async def created(stage: Stage, content: str = "hello", nonce: str = "a-nonce", file: bytes | None = None) -> int:
    channel_id = stage.world.channel("general").id
    made = await create_message(
        stage.client,
        channel_id,
        content=content,
        files=[discord.File(io.BytesIO(file), "a.txt")] if file is not None else [],
        view=None,
        nonce=nonce,
        reference=discord.MessageReference(message_id=5, channel_id=channel_id, fail_if_not_exists=False),
        mentions=NOBODY,
    )
    assert made["content"] == content
    return int(made["id"])


async def edited(stage: Stage, message_id: int, files: list[discord.File] | None) -> None:
    channel_id = stage.world.channel("general").id
    await edit_message(stage.client, channel_id, message_id, content="changed", files=files, view=None, mentions=NOBODY)


async def test_a_message_goes_out_with_all_that_it_is_made_of(stage: Stage) -> None:
    first = await created(stage)
    (sent,) = stage.sent("POST", "/messages")
    assert sent["message_reference"]["message_id"] == 5
    assert not sent["message_reference"]["fail_if_not_exists"]
    assert (sent["nonce"], sent["enforce_nonce"]) == ("a-nonce", True)
    assert sent["allowed_mentions"] == {"parse": []}
    assert "components" not in sent
    assert await created(stage) == first


async def test_files_are_sent_and_stay_unless_they_are_named(stage: Stage) -> None:
    message_id = await created(stage, file=b"words")
    message = stage.world.channel("general").messages[message_id]
    assert [file.filename for file in message.attachments] == ["a.txt"]
    await edited(stage, message_id, None)
    await edited(stage, message_id, [])
    left_alone, emptied = stage.sent("PATCH", f"/{message_id}")
    assert "attachments" not in left_alone
    assert emptied["attachments"] == []
    assert left_alone["components"] == []


async def test_edits_have_a_bucket_of_their_own(stage: Stage) -> None:
    message_id = await created(stage)
    await edited(stage, message_id, None)
    general = stage.world.channel("general").id
    keys = [key.partition(":")[2] for key in stage.client.http._buckets]
    assert str(general) in keys
    assert f"{general}:edits" in keys


async def test_a_message_is_taken_away(stage: Stage) -> None:
    message_id = await created(stage)
    await delete_message(stage.client, stage.world.channel("general").id, message_id)
    with pytest.raises(discord.NotFound):
        await edited(stage, message_id, None)
