"""``kill -9`` at every moment of a turn: the next start ends it, in its own message, and answers nothing twice."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.discord.state.records import Channel
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import agree, buttons, by_bot, pictures_agree
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.kill_scenes import shows
from tests.e2e.kills import kill_points, kill_points_elsewhere

WITHIN_S = 5.0
"""In which every turn has ended after a start (issue: "Restart")."""
POINTS = {**kill_points.POINTS.by_name, **kill_points_elsewhere.POINTS.by_name}


def shown_words(stage: Stage, channel: Channel) -> str:
    """All that the bot's messages in a channel say."""
    return "\n".join(message.content for message in by_bot(stage, channel))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def doomed_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage for all kills; in each channel turns are answered in order."""
    async with open_stage(tmp_path_factory.mktemp("doomed"), DEFAULT_TURN_ORDER="in_order") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def doomed(doomed_stage: Stage) -> Stage:
    """The stage with a channel of the test's own, nothing scripted, and the bot running."""
    stage = doomed_stage
    stage.endpoint.clear()
    stage.discord.faults.clear()
    stage.discord.log.clear()
    stage.new_general()
    if not stage.bot.running:  # a test failed between kill and start
        await stage.bot.start()
        await stage.connected()
    return stage


@pytest.mark.parametrize("point", POINTS)
async def test_killed(doomed: Stage, point: str) -> None:
    stage = doomed
    scene = await POINTS[point](stage)
    channel = scene.channel or stage.general
    await stage.bot.end(signal.SIGKILL)
    stage.endpoint.clear()
    stage.discord.faults.clear()
    await stage.bot.start()
    await stage.connected()
    for turn in scene.turns:
        assert await stage.ended(turn, timeout_s=WITHIN_S) == ("stopped" if scene.gone else scene.state)
    # What is asked next is answered as ever, and is all that the model is asked.
    stage.endpoint.script(fusion_events(["The next answer."]))
    following = await stage.mention("and now?", channel=channel)
    assert (await stage.answer(following)).content == "The next answer."
    assert len(stage.endpoint.requests) == 1
    if scene.gone:
        await stage.until(lambda: len(by_bot(stage, channel)) == 1)
    states = await agree(stage, channel)
    assert set(states) == {*scene.turns, following.id}
    assert scene.shown.strip() in shown_words(stage, channel)
    assert sum(len(message.attachments) for message in by_bot(stage, channel)) == scene.pictures
    await pictures_agree(stage)
    assert not [request for request in stage.discord.requests if request.status == 429]


@pytest.mark.parametrize("point", ["between_edits", "while_a_command_is_answered", "while_a_further_version_grows"])
async def test_retry_after_a_kill(doomed: Stage, point: str) -> None:
    stage = doomed
    scene = await POINTS[point](stage)
    await stage.bot.end(signal.SIGKILL)
    stage.endpoint.clear()
    await stage.bot.start()
    await stage.connected()
    await stage.ended(scene.turns[0], timeout_s=WITHIN_S)
    before = by_bot(stage)
    stage.endpoint.script(fusion_events(["Another answer."]))
    await stage.discord.world.click(stage.alice, before[-1], buttons(before[-1])["retry"])
    await shows(stage, "Another answer.")
    await stage.until(lambda: "retry" in buttons(by_bot(stage)[-1]))
    await stage.ended(scene.turns[0])
    assert [message.id for message in by_bot(stage)] == [before[0].id]
    assert await agree(stage) == {scene.turns[0]: "complete"}
