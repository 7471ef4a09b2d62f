"""Drawings: the picture arrives as a file, or words say why not."""

from __future__ import annotations

import io

import aiohttp
import pytest
from PIL import Image

from sandbox.discord.state.records import Message
from sandbox.endpoint.script.replies import Reply
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.conftest import Stage
from tests.fakes.words import worded, worded_in

SENTINEL = "This is a drawing request*&^**#"


async def picture(stage: Stage, message: Message) -> Image.Image:
    """Download a message's one attachment as a person's client does, and decode it."""
    (attachment,) = message.attachments
    state = {"as": "alice", "channel": str(message.channel_id)}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{stage.discord.base_url}/people/messages", params=state) as response:
            messages = (await response.json())["messages"]
        url = next(one["attachments"][0]["url"] for one in messages if one["id"] == str(message.id))
        async with session.get(url) as response:
            assert response.status == 200
            data = await response.read()
    assert len(data) == attachment.size
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


async def test_draw_me_a_fox(stage: Stage) -> None:
    reply = await stage.answer(await stage.mention("draw me a fox"))
    image = await picture(stage, reply)
    assert image.format == "PNG"
    assert image.size == (960, 960)
    assert reply.attachments[0].description == "draw me a fox"
    seed = stage.endpoint.requests[-1].body["mh_select_seed"]
    assert reply.content.startswith(f"-# Artist\\_V0.1.3 · 960×960 · {worded('drawing.card.seed', seed=seed)} · ")
    assert SENTINEL not in str([message.content for message in stage.general.messages.values()])
    (row,) = await stage.rows("SELECT message_id, prompt, filename, seed FROM drawings WHERE message_id = ?", reply.id)
    assert row == (reply.id, "draw me a fox", reply.attachments[0].filename, seed)


async def test_a_drawing_is_remembered_in_words(stage: Stage) -> None:
    await stage.answer(await stage.mention("draw me a fox"))
    await stage.answer(await stage.mention("what did you draw?"))
    sent = stage.endpoint.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert "A picture was drawn for this" in sent[0]["content"]


async def test_where_no_files_may_be_attached_the_intent_is_answered_in_words(stage: Stage) -> None:
    channel = stage.discord.world.channel("no-files")
    prompt = await stage.mention("draw me a fox", channel=channel)
    reply = await stage.answer(prompt, holds=worded("drawing_denied.cannot_attach"))
    assert not reply.attachments
    (request,) = stage.endpoint.requests
    assert request.body["output_img"] is False
    shown = [message.content for message in channel.messages.values()]
    assert SENTINEL not in str(shown)
    assert SENTINEL not in str(await stage.rows("SELECT text FROM messages"))


async def test_where_no_files_may_be_attached_talk_is_answered_as_ever(stage: Stage) -> None:
    channel = stage.discord.world.channel("no-files")
    stage.endpoint.script(SAMPLES["streamed"]())
    reply = await stage.answer(await stage.mention("hello", channel=channel))
    assert reply.content == "Hello, world."
    assert len(stage.endpoint.requests) == 1


@pytest.mark.parametrize(
    ("sample", "word"), [("sensitive_prompt", "error.content_filtered"), ("unknown_model", "error.unknown_model")]
)
async def test_what_the_endpoint_will_not_draw(stage: Stage, sample: str, word: str) -> None:
    stage.endpoint.script(SAMPLES[sample]())
    prompt = await stage.mention("draw me something")
    reply = await stage.answer(prompt, holds=worded(word))
    assert not reply.attachments
    assert await stage.ended(prompt.id) == "failed"
    assert len(stage.endpoint.requests) == 1
    assert f"reply:edit:{prompt.id}" in str(reply.components)


async def test_an_unknown_model_is_named_in_the_reader_s_language(stage: Stage) -> None:
    stage.endpoint.script(SAMPLES["unknown_model"]())
    prompt = await stage.mention("画一只狐狸", channel=stage.discord.world.channel("画室/画图"))
    reply = await stage.answer(prompt, holds=worded_in("zh-CN", "error.unknown_model"))
    assert "不支持的模型\\: Artist\\_V0.3.0 Beta" in reply.content


async def test_a_picture_that_can_not_be_fetched(stage: Stage) -> None:
    stage.endpoint.set_faults("no_images")
    reply = await stage.answer(await stage.mention("draw me a fox"), holds=worded("error.picture_fetch"))
    assert "http" not in reply.content


async def test_a_picture_that_is_none(stage: Stage) -> None:
    stage.endpoint.script(Reply(content_type="image/png", to="picture", chunks=()))
    await stage.answer(await stage.mention("draw me a fox"), holds=worded("error.picture_fetch"))


async def test_the_same_prompt_in_two_channels_draws_two_pictures(stage: Stage) -> None:
    world = stage.discord.world
    one = await stage.mention("draw me a fox")
    two = await stage.mention("draw me a cat", channel=world.channel("art"))
    for prompt in (one, two):
        assert (await stage.answer(prompt)).attachments
