"""Discord at its worst while replies grow: after each fault, the database and the channel agree."""

from __future__ import annotations

import asyncio
import re

import pytest

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel, Message
from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.replies import Chunk, Reply, reply, stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.agreement import agree, buttons, by_bot
from tests.e2e.conftest import PATIENCE_S, Stage

WORDS = [f"word{n} " for n in range(30)]
PAGE = [f"Sentence number {n} of a page. " for n in range(60)]
"""A little less than one message holds."""
GLOBAL_429 = {"message": "You are being rate limited.", "retry_after": 0.3, "global": True}
FAILURES: dict[str, Fault] = {
    "500": Fault(status=500, times=1),
    "502": Fault(status=502, times=1),
    "503": Fault(status=503, times=2),
    "reset": Fault(reset=True, times=1),
    "429": Fault(status=429, times=1),
    "global 429": Fault(status=429, json=GLOBAL_429, times=1),
}


def streamed(*pieces: str, delay_s: float = 0.05) -> Reply:
    """Make an answer that comes in pieces."""
    return fusion_events(list(pieces), delay_s=delay_s)


def open_ended(*pieces: str) -> Reply:
    """Make an answer that begins, and neither goes on nor ends."""
    return stalled_reply(*(encode_event(envelope(piece), "sse") for piece in pieces))


async def growing(stage: Stage, prompt: Message) -> Message:
    """Wait until a reply has begun."""
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    found = stage.discord.world.reply_to(prompt)
    assert found is not None
    return found


async def known(stage: Stage, message: Message) -> Message:
    """Wait until the bot has a message of a reply in its database, as it has long before a person can act on it."""
    async with asyncio.timeout(45):
        while not await stage.rows("SELECT 1 FROM turn_replies WHERE message_id = ?", message.id):
            assert stage.bot.running, stage.bot.log
            await asyncio.sleep(0.01)
    return message


def limited(stage: Stage) -> int:
    """How often Discord said 429."""
    return sum(request.status == 429 for request in stage.discord.requests)


def channels(stage: Stage, number: int) -> list[Channel]:
    """Open channels of the test's own."""
    found = []
    for _ in range(number):
        stage.new_general()
        found.append(stage.general)
    return found


@pytest.mark.parametrize("disturbance", [Disturbance.DROP, Disturbance.RECONNECT, Disturbance.INVALID_SESSION])
async def test_the_gateway_goes_in_the_middle(stage: Stage, disturbance: Disturbance) -> None:
    stage.endpoint.script(streamed(*WORDS), streamed("Yes."))
    prompt = await stage.mention("talk")
    await growing(stage, prompt)
    assert stage.discord.gateway.disturb(disturbance) == 1
    # What is said meanwhile reaches a session that is resumed, and none that has to begin anew.
    resumes = disturbance is not Disturbance.INVALID_SESSION
    missed = await stage.mention("are you there?")
    assert (await stage.answer(prompt)).content == "".join(WORDS).strip()
    if resumes:
        assert (await stage.answer(missed)).content == "Yes."
    await stage.connected()
    following = await stage.mention("and now?")
    await stage.answer(following)
    ended = {prompt.id: "complete", following.id: "complete"}
    assert await agree(stage) == ended | ({missed.id: "complete"} if resumes else {})
    assert limited(stage) == 0


async def test_events_that_come_again_in_the_middle(stage: Stage) -> None:
    stage.endpoint.script(streamed(*WORDS))
    prompt = await stage.mention("talk")
    await growing(stage, prompt)
    for _ in range(3):
        assert stage.discord.gateway.disturb(Disturbance.REPLAY) == 1
    assert (await stage.answer(prompt)).content == "".join(WORDS).strip()
    assert await agree(stage) == {prompt.id: "complete"}
    assert len(stage.endpoint.requests) == 1
    assert limited(stage) == 0


@pytest.mark.parametrize("after", [False, True], ids=["refused", "carried out"])
@pytest.mark.parametrize(("method", "path"), [("POST", "messages$"), ("PATCH", r"messages/\d+$")])
async def test_requests_that_fail(stage: Stage, method: str, path: str, *, after: bool) -> None:
    stage.endpoint.default = streamed(*WORDS)
    places = channels(stage, len(FAILURES))
    for place, fault in zip(places, FAILURES.values(), strict=True):
        where = rf"/channels/{place.id}/{path}"
        stage.discord.faults.add(
            Fault(
                method=method,
                path=where,
                status=fault.status,
                reset=fault.reset,
                json=fault.json,
                times=fault.times,
                after=after,
            )
        )
    prompts = [await stage.mention("talk", channel=place) for place in places]
    for prompt, place, name in zip(prompts, places, FAILURES, strict=True):
        shown = await stage.answer(prompt, timeout_s=30)
        assert shown.content == "".join(WORDS).strip(), name
        assert len(by_bot(stage, place)) == 1, name
        assert await agree(stage, place) == {prompt.id: "complete"}
    assert not stage.discord.faults.standing
    assert limited(stage) == 2  # those that were made


async def test_an_edit_that_takes_long_holds_up_no_other_channel(stage: Stage) -> None:
    stage.endpoint.script(streamed(*WORDS), streamed(*WORDS[:8]))
    slow, quick = channels(stage, 2)
    first = await stage.mention("talk", channel=slow)
    begun = await growing(stage, first)
    stage.discord.faults.add(Fault(method="PATCH", path=f"/channels/{slow.id}/", delay_s=3, times=1))
    async with asyncio.timeout(45):
        while stage.discord.faults.standing:
            assert stage.bot.running
            await asyncio.sleep(0.01)
    held = begun.content
    second = await stage.mention("talk", channel=quick)
    assert (await stage.answer(second)).content == "".join(WORDS[:8]).strip()
    assert begun.content == held
    assert (await stage.answer(first)).content == "".join(WORDS).strip()
    for place in (slow, quick):
        await agree(stage, place)
    assert limited(stage) == 0


@pytest.mark.parametrize("which", [0, 1])
async def test_a_page_is_deleted_in_the_middle(stage: Stage, which: int) -> None:
    stage.endpoint.script(open_ended(*PAGE, *PAGE))
    prompt = await stage.mention("talk")
    await stage.until(lambda: len(by_bot(stage)) == 2)
    await known(stage, by_bot(stage)[1])
    await stage.discord.world.delete(stage.alice, by_bot(stage)[which])
    assert await stage.ended(prompt.id) == "stopped"
    await stage.until(lambda: not by_bot(stage))
    assert await agree(stage) == {prompt.id: "stopped"}
    assert await stage.endpoint.wait_for_end(1) == "disconnected"


async def test_the_reply_is_deleted_in_the_middle(stage: Stage) -> None:
    stage.endpoint.script(open_ended("Half of an answer"))
    prompt = await stage.mention("talk")
    await stage.discord.world.delete(stage.alice, await known(stage, await growing(stage, prompt)))
    assert await stage.ended(prompt.id) == "stopped"
    assert await agree(stage) == {prompt.id: "stopped"}
    assert await stage.endpoint.wait_for_end(1) == "disconnected"


async def test_the_question_is_deleted_in_the_middle(stage: Stage) -> None:
    stage.endpoint.script(open_ended(*PAGE, *PAGE))
    prompt = await stage.mention("talk")
    await stage.until(lambda: len(by_bot(stage)) == 2)
    await stage.discord.world.delete(stage.alice, prompt)
    await stage.until(lambda: not by_bot(stage))
    assert await stage.ended(prompt.id) == "stopped"
    assert await agree(stage) == {prompt.id: "stopped"}
    assert await stage.endpoint.wait_for_end(1) == "disconnected"


async def test_the_channel_is_hidden_from_the_bot_in_the_middle_and_shown_again(stage: Stage) -> None:
    world, channel = stage.discord.world, stage.general
    go = asyncio.Event()
    more = [Chunk(data=encode_event(envelope(word), "sse"), after=go) for word in WORDS]
    stage.endpoint.script(reply(encode_event(envelope("Half. "), "sse"), *more, ending="stall"))
    prompt = await stage.mention("talk")
    shown = await growing(stage, prompt)
    change_permissions(world, world.guild(), channel=channel, deny=Permission.VIEW_CHANNEL)
    go.set()
    assert await stage.ended(prompt.id) == "failed"
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    assert await agree(stage, out_of_reach=True) == {prompt.id: "failed"}
    change_permissions(world, world.guild(), channel=channel, allow=Permission.VIEW_CHANNEL)
    # Whoever presses the button that was left there gets the reply's last state after all.
    await world.click(stage.alice, shown, buttons(shown)["stop"])
    await stage.until(lambda: "retry" in buttons(shown))
    following = await stage.mention("and now?")
    await stage.answer(following)
    assert await agree(stage) == {prompt.id: "failed", following.id: "complete"}


async def test_the_bot_may_no_longer_write_in_the_middle(stage: Stage) -> None:
    world, channel = stage.discord.world, stage.general
    go = asyncio.Event()
    more = [Chunk(data=encode_event(envelope(piece), "sse"), after=go) for piece in PAGE]
    stage.endpoint.script(reply(*(encode_event(envelope(piece), "sse") for piece in PAGE), *more, ending="stall"))
    prompt = await stage.mention("talk")
    await stage.until(lambda: any(PAGE[-1].strip() in message.content for message in by_bot(stage)))
    change_permissions(world, world.guild(), channel=channel, deny=Permission.SEND_MESSAGES)
    go.set()
    assert await stage.ended(prompt.id) == "failed"
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    assert await agree(stage) == {prompt.id: "failed"}
    change_permissions(world, world.guild(), channel=channel, allow=Permission.SEND_MESSAGES)
    following = await stage.mention("and now?")
    await stage.answer(following)


async def test_the_channel_is_deleted_in_the_middle(stage: Stage) -> None:
    world, channel = stage.discord.world, stage.general
    go = asyncio.Event()
    more = [Chunk(data=encode_event(envelope(word), "sse"), after=go) for word in WORDS]
    stage.endpoint.script(reply(encode_event(envelope("Half. "), "sse"), *more, ending="stall"))
    prompt = await stage.mention("talk")
    await growing(stage, prompt)
    del world.channels[channel.id], world.guild().channels[channel.id]
    publish_channel(world, "CHANNEL_DELETE", channel)
    go.set()
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    async with asyncio.timeout(PATIENCE_S):
        while await stage.rows("SELECT 1 FROM turns WHERE id = ?", prompt.id):  # noqa: ASYNC110  # another process's
            await asyncio.sleep(0.02)
    stage.new_general()
    await stage.answer(await stage.mention("and now?"))


async def test_the_endpoint_stalls_in_the_middle_and_is_stopped(stage: Stage) -> None:
    stage.endpoint.script(open_ended("Half of an answer"))
    prompt = await stage.mention("talk")
    shown = await growing(stage, prompt)
    await stage.discord.world.click(stage.alice, shown, buttons(shown)["stop"])
    assert await stage.ended(prompt.id) == "stopped"
    assert await agree(stage) == {prompt.id: "stopped"}
    assert shown.content.startswith("Half of an answer")
    assert limited(stage) == 0


async def test_a_command_outlives_its_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    go = asyncio.Event()
    more = [Chunk(data=encode_event(envelope(piece), "sse"), after=go) for piece in (*PAGE, *PAGE)]
    end = encode_event(envelope("The end.", finish="stop"), "sse")
    stage.endpoint.script(reply(encode_event(envelope("It begins. "), "sse"), *more, end))
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "ask", {"prompt": "talk"})
    await stage.until(lambda: any("It begins." in message.content for message in by_bot(stage)))
    monkeypatch.setattr(limits, "INTERACTION_TOKEN_S", 0.0)
    go.set()
    assert await stage.ended(interaction.id) == "complete"
    assert len(by_bot(stage)) >= 2
    assert by_bot(stage)[-1].content.endswith("The end.")
    assert await agree(stage) == {interaction.id: "complete"}
    refused = [request for request in stage.discord.requests if request.status == 401]
    assert len(refused) == 1
    assert re.search("/webhooks/", refused[0].path)
    assert limited(stage) == 0
