"""The moments of drawings, commands, further versions and lines at which the bot is killed."""

from __future__ import annotations

import io

from PIL import Image

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message
from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.replies import Chunk, Reply, stalled_reply
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import buttons, by_bot
from tests.e2e.conftest import Stage
from tests.e2e.kill_scenes import (
    EDITS,
    PAGE,
    RESPONSE,
    Gate,
    Points,
    Scene,
    held,
    kept,
    reached,
    shows,
    stored,
    text,
    unanswered,
)

POINTS = Points()


def png() -> bytes:
    """Make a small picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(file, "PNG")
    return file.getvalue()


PNG = png()


async def use(stage: Stage, command: str, prompt: str) -> Interaction:
    return await stage.discord.world.slash(stage.alice, stage.general, command, {"prompt": prompt})


async def to_the_upload(stage: Stage, fault: Fault) -> Message:
    """Bring a drawing to where its picture is about to be uploaded, with a fault before that."""
    gate = Gate()
    stage.endpoint.script(Reply(to="picture", before=gate, content_type="image/png", chunks=(Chunk(data=PNG),)))
    prompt = await stage.mention("draw me a fox")
    await gate.reached.wait()
    await shows(stage, "🎨")
    stage.discord.faults.add(fault)
    gate.set()
    return prompt


@POINTS
async def while_the_picture_is_made(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(b": ping\n\n"))
    interaction = await use(stage, "draw", "a fox")
    await shows(stage, "🎨")
    return Scene(turns=(interaction.id,))


@POINTS
async def before_the_picture_is_fetched(stage: Stage) -> Scene:
    gate = Gate()
    stage.endpoint.script(Reply(to="picture", before=gate))
    prompt = await stage.mention("draw me a fox")
    await gate.reached.wait()
    return Scene(turns=(prompt.id,))


@POINTS
async def while_the_picture_is_fetched(stage: Stage) -> Scene:
    gate = Gate()
    half, rest = PNG[: len(PNG) // 2], PNG[len(PNG) // 2 :]
    chunks = (Chunk(data=half), Chunk(data=rest, after=gate))
    stage.endpoint.script(Reply(to="picture", content_type="image/png", chunks=chunks))
    prompt = await stage.mention("draw me a fox")
    await gate.reached.wait()
    return Scene(turns=(prompt.id,))


@POINTS
async def while_the_picture_is_uploaded(stage: Stage) -> Scene:
    prompt = await to_the_upload(stage, held("PATCH", EDITS))
    await reached(stage)
    return Scene(turns=(prompt.id,), state="complete", pictures=1)


@POINTS
async def when_the_picture_stands_and_the_bot_has_not_heard(stage: Stage) -> Scene:
    prompt = await to_the_upload(stage, unanswered("PATCH", EDITS))
    await stage.until(lambda: any(message.attachments for message in by_bot(stage)))
    return Scene(turns=(prompt.id,), state="complete", pictures=1)


@POINTS
async def when_one_of_two_pictures_is_made(stage: Stage) -> Scene:
    stage.endpoint.script(
        Reply(to="picture", content_type="image/png", chunks=(Chunk(data=PNG),)),
        Reply(to="picture", content_type="image/png", before=Gate()),
    )
    options = {"prompt": "a fox", "count": 2, "seed": 7}
    interaction = await stage.discord.world.slash(stage.alice, stage.general, "draw", options)
    await stored(stage, interaction.id)
    return Scene(turns=(interaction.id,), pictures=1)


@POINTS
async def after_a_command_is_deferred(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply())
    interaction = await use(stage, "ask", "talk")
    await stage.endpoint.wait_for_request(1)
    return Scene(turns=(interaction.id,))


@POINTS
async def while_a_command_s_first_text_is_sent(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    stage.discord.faults.add(held("PATCH", RESPONSE))
    interaction = await use(stage, "ask", "talk")
    await reached(stage)
    return Scene(turns=(interaction.id,))


@POINTS
async def while_a_command_is_answered(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text(*PAGE, *PAGE, "the last words ")))
    interaction = await use(stage, "ask", "talk")
    await shows(stage, "the last words")
    await kept(stage, interaction.id, "the last words")
    return Scene(turns=(interaction.id,), shown="the last words")


@POINTS
async def while_a_further_version_grows(stage: Stage) -> Scene:
    stage.endpoint.script(fusion_events(["The first."]), stalled_reply(*text("Half of the second")))
    prompt = await stage.mention("talk")
    first = await stage.answer(prompt)
    await stage.discord.world.click(stage.alice, first, buttons(first)["retry"])
    await shows(stage, "Half of the second")
    await kept(stage, prompt.id, "Half of the second")
    return Scene(turns=(prompt.id,), shown="Half of the second")


@POINTS
async def while_one_waits_in_line(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    first = await stage.mention("one")
    await shows(stage, "Half of an answer")
    second = await stage.mention("two")
    await shows(stage, "⏳")
    return Scene(turns=(first.id, second.id))


@POINTS
async def while_the_question_s_delete_is_followed(stage: Stage) -> Scene:
    stage.endpoint.script(stalled_reply(*text("Half of an answer")))
    prompt = await stage.mention("talk")
    await shows(stage, "Half of an answer")
    await kept(stage, prompt.id, "Half")
    stage.discord.faults.add(held("DELETE", EDITS))
    await stage.discord.world.delete(stage.alice, prompt)
    await reached(stage)
    return Scene(turns=(prompt.id,), gone=True)
