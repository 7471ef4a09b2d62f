"""The moments of an answer in words at which the bot is killed. Each returns when its moment has come."""

from __future__ import annotations

import asyncio
import signal

from sandbox.discord.gateway.server import Disturbance
from sandbox.endpoint.script.replies import Chunk, reply, stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope
from tests.e2e.agreement import buttons, by_bot
from tests.e2e.conftest import Stage
from tests.e2e.kill_scenes import (
    EDITS,
    PAGE,
    SENDS,
    Points,
    Scene,
    held,
    kept,
    locked,
    reached,
    shows,
    text,
    unanswered,
)

POINTS = Points()


@POINTS
async def before_the_event_is_seen(stage: Stage) -> Scene:
    stage.discord.gateway.disturb(Disturbance.STALL)
    await stage.mention("talk")
    return Scene(turns=())


@POINTS
async def before_the_turn_is_kept(stage: Stage) -> Scene:
    code = stage.discord.world.channel("code")
    with locked(stage):
        await stage.mention("talk")
        # Greeted without a look into the database: by then the question before it has been seen too.
        greeted = await stage.mention("", channel=code)
        await stage.until(lambda: stage.discord.world.reply_to(greeted) is not None)
        await stage.bot.end(signal.SIGKILL)
    return Scene(turns=())


@POINTS
async def before_the_model_is_asked(stage: Stage) -> Scene:
    world = stage.discord.world
    starter = await world.say(world.person("bob"), stage.general, "something the bot has not read")
    thread = await world.start_thread(stage.alice, starter, "a thread")
    stage.discord.faults.add(held("GET", rf"/messages/{starter.id}$"))
    prompt = await stage.mention("talk", channel=thread)
    await reached(stage)
    return Scene(turns=(prompt.id,), channel=thread)


@POINTS
async def while_the_endpoint_is_tried_again(stage: Stage) -> Scene:
    stage.endpoint.set_faults("down")
    prompt = await stage.mention("talk")
    await stage.endpoint.wait_for_request(1)
    return Scene(turns=(prompt.id,))


@POINTS
async def before_the_first_byte(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply())
    prompt = await stage.mention("talk")
    await stage.endpoint.wait_for_request(1)
    return Scene(turns=(prompt.id,))


@POINTS
async def while_typing_is_shown(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(b": ping\n\n"))
    stage.discord.faults.add(held("POST", "/typing$"))
    prompt = await stage.mention("talk")
    await reached(stage)
    return Scene(turns=(prompt.id,))


@POINTS
async def while_the_first_message_is_sent(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    stage.discord.faults.add(held("POST", SENDS))
    prompt = await stage.mention("talk")
    await reached(stage)
    return Scene(turns=(prompt.id,))


@POINTS
async def when_the_first_message_stands_and_the_bot_has_not_heard(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    stage.discord.faults.add(unanswered("POST", SENDS))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer")
    return Scene(turns=(prompt.id,), shown="Half of an answer")


@POINTS
async def when_the_first_message_is_not_yet_kept(stage: Stage) -> Scene:
    go = asyncio.Event()
    stage.endpoint.script(stalled_reply(*(Chunk(data=data, after=go) for data in text("Half of an answer"))))
    prompt = await stage.mention("talk")
    await kept(stage, prompt.id)
    with locked(stage):
        go.set()
        await shows(stage, "Half of an answer")
        await stage.bot.end(signal.SIGKILL)
    return Scene(turns=(prompt.id,), shown="Half of an answer")


@POINTS
async def between_edits(stage: Stage) -> Scene:
    pieces = [Chunk(data=data, delay_s=0.05) for data in text(*(f"word{n} " for n in range(20)))]
    stage.endpoint.script(reply(*pieces, ending="stall"))
    prompt = await stage.mention("talk")
    await shows(stage, "word19")
    await kept(stage, prompt.id, "word19")
    return Scene(turns=(prompt.id,), shown="word19")


@POINTS
async def while_an_edit_is_sent(stage: Stage) -> Scene:
    stage.discord.faults.add(held("PATCH", EDITS))
    pieces = [Chunk(data=data, delay_s=0.2) for data in text("Half of an answer. ", "More of it. ")]
    stage.endpoint.script(reply(*pieces, ending="stall"))
    prompt = await stage.mention("talk")
    await reached(stage)
    return Scene(turns=(prompt.id,), shown="Half of an answer.")


@POINTS
async def when_an_edit_stands_and_the_bot_has_not_heard(stage: Stage) -> Scene:
    stage.discord.faults.add(unanswered("PATCH", EDITS))
    pieces = [Chunk(data=data, delay_s=0.2) for data in text("Half of an answer. ", "More of it. ")]
    stage.endpoint.script(reply(*pieces, ending="stall"))
    prompt = await stage.mention("talk")
    await shows(stage, "More of it.")
    return Scene(turns=(prompt.id,), shown="Half of an answer.")


@POINTS
async def at_the_page_break(stage: Stage) -> Scene:
    go = asyncio.Event()
    more = [Chunk(data=data, after=go) for data in text(*PAGE)]
    stage.endpoint.script(reply(*text(*PAGE), *more, ending="stall"))
    prompt = await stage.mention("talk")
    await shows(stage, PAGE[-1].strip())
    stage.discord.faults.add(held("POST", SENDS))
    go.set()
    await reached(stage)
    return Scene(turns=(prompt.id,), shown=PAGE[0])


@POINTS
async def when_the_second_page_stands_and_the_bot_has_not_heard(stage: Stage) -> Scene:
    go = asyncio.Event()
    more = [Chunk(data=data, after=go) for data in text(*PAGE)]
    stage.endpoint.script(reply(*text(*PAGE), *more, ending="stall"))
    prompt = await stage.mention("talk")
    await shows(stage, PAGE[-1].strip())
    await kept(stage, prompt.id, PAGE[-1].strip())
    stage.discord.faults.add(unanswered("POST", SENDS))
    with locked(stage):  # as where the kill comes before the second page's text is kept
        go.set()
        await stage.until(lambda: len(by_bot(stage)) == 2)
        await stage.bot.end(signal.SIGKILL)
    return Scene(turns=(prompt.id,), shown=PAGE[0])


@POINTS
async def when_two_pages_stand_and_neither_is_kept(stage: Stage) -> Scene:
    go = asyncio.Event()
    pieces = [Chunk(data=data, after=go) for data in text(*PAGE, *PAGE)]
    stage.endpoint.script(reply(*pieces, ending="stall"))
    prompt = await stage.mention("talk")
    await kept(stage, prompt.id)
    with locked(stage):
        go.set()
        await stage.until(lambda: len(by_bot(stage)) == 2)
        await stage.bot.end(signal.SIGKILL)
    return Scene(turns=(prompt.id,), shown=PAGE[0])


@POINTS
async def while_the_second_page_grows(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text(*PAGE, *PAGE, "the last words ")))
    prompt = await stage.mention("talk")
    await shows(stage, "the last words")
    await kept(stage, prompt.id, "the last words")
    return Scene(turns=(prompt.id,), shown="the last words")


@POINTS
async def while_the_last_edit_is_sent(stage: Stage) -> Scene:
    go = asyncio.Event()
    last = Chunk(data=encode_event(envelope("More of it.", finish="stop"), "sse"), after=go)
    stage.endpoint.script(reply(*text("Half of an answer. "), last))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer.")
    stage.discord.faults.add(held("PATCH", EDITS))
    go.set()
    await reached(stage)
    return Scene(turns=(prompt.id,), shown="Half of an answer.")


@POINTS
async def before_the_turn_is_closed(stage: Stage) -> Scene:
    go = asyncio.Event()
    last = Chunk(data=encode_event(envelope("More of it.", finish="stop"), "sse"), after=go)
    stage.endpoint.script(reply(*text("Half of an answer. "), last))
    prompt = await stage.mention("talk")
    shown = await shows(stage, "Half of an answer.")
    await kept(stage, prompt.id, "Half")
    with locked(stage):
        go.set()
        await stage.until(lambda: "retry" in buttons(shown))
        await stage.bot.end(signal.SIGKILL)
    return Scene(turns=(prompt.id,), shown="Half of an answer. More of it.", state="complete")


@POINTS
async def while_stopped_by_a_press(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    prompt = await stage.mention("talk")
    shown = await shows(stage, "Half of an answer")
    stage.discord.faults.add(held("PATCH", EDITS))
    await stage.discord.world.click(stage.alice, shown, buttons(shown)["stop"])
    await reached(stage)
    return Scene(turns=(prompt.id,), shown="Half of an answer")
