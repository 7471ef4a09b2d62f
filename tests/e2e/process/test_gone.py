"""What was deleted is gone: from the database, from prompts, over kills and downtime; so are places that are."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.discord.acts.channels import leave
from sandbox.discord.acts.threads import delete_channel
from sandbox.discord.state.events import Event
from sandbox.discord.state.records import Channel, Message
from sandbox.endpoint.script.replies import stalled_reply
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import by_bot, kept_pictures
from tests.e2e.conftest import PATIENCE_S, Stage, open_stage
from tests.e2e.kill_scenes import kept, shows, text

SECRET = "SECRETDIAGNOSIS"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def forgetful_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage for all of these; the bot runs or has been killed."""
    async with open_stage(tmp_path_factory.mktemp("forgetful")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def forgetful(forgetful_stage: Stage) -> Stage:
    """The stage with a channel of the test's own and the bot running."""
    stage = forgetful_stage
    stage.endpoint.clear()
    stage.discord.faults.clear()
    stage.discord.log.clear()
    stage.new_general()
    if not stage.bot.running:
        await restart(stage)
    return stage


async def restart(stage: Stage) -> None:
    await stage.bot.start()
    await stage.connected()


async def holds(stage: Stage, words: str) -> bool:
    """Whether the database still has words of a question or an answer."""
    like = f"%{words}%"
    found = [
        await stage.rows("SELECT 1 FROM messages WHERE text LIKE ? OR drawn LIKE ?", like, like),
        await stage.rows("SELECT 1 FROM turns WHERE prompt LIKE ? OR text LIKE ?", like, like),
        await stage.rows("SELECT 1 FROM turn_versions WHERE text LIKE ?", like),
        await stage.rows("SELECT 1 FROM drawings WHERE prompt LIKE ?", like),
    ]
    return any(found)


async def gone(stage: Stage, words: str = SECRET) -> None:
    """Wait until the database has nothing of it."""
    async with asyncio.timeout(PATIENCE_S):
        while await holds(stage, words):
            assert stage.bot.running, stage.bot.log
            await asyncio.sleep(0.05)


async def forgotten(stage: Stage) -> None:
    """Wait until nothing is left to be taken away."""
    async with asyncio.timeout(PATIENCE_S):
        while await stage.rows("SELECT 1 FROM removals"):  # noqa: ASYNC110  # another process's database
            await asyncio.sleep(0.05)


async def answered(stage: Stage, channel: Channel | None = None) -> Message:
    stage.endpoint.script(fusion_events([f"Noted: {SECRET}."]))
    prompt = await stage.mention(f"my {SECRET} is x", channel=channel)
    await stage.answer(prompt)
    return prompt


@pytest.mark.parametrize("direct", [False, True], ids=["in a channel", "in a direct message"])
async def test_a_question_deleted_while_the_bot_was_away_is_gone_where_nothing_is_older(
    forgetful: Stage, direct: bool
) -> None:
    stage = forgetful
    world = stage.discord.world
    channel = await world.open_dm(world.person("dora")) if direct else stage.general
    user = world.person("dora") if direct else stage.alice
    prompt = await world.say(user, channel, f"{world.bot.mention} my {SECRET} is x")
    await stage.answer(prompt)
    await stage.bot.end(signal.SIGKILL)
    await world.delete(user, prompt)
    await restart(stage)
    await gone(stage)
    await stage.until(lambda: by_bot(stage, channel) == [])


@pytest.mark.parametrize("reply_stands", [True, False], ids=["its reply stands", "nothing stands"])
async def test_a_question_that_was_under_way_is_gone_where_nothing_is_left(
    forgetful: Stage, reply_stands: bool
) -> None:
    stage = forgetful
    stage.endpoint.script(stalled_reply(*text(f"Half of {SECRET}")))
    prompt = await stage.mention(f"my {SECRET} is x")
    reply = await shows(stage, f"Half of {SECRET}")
    await kept(stage, prompt.id, "Half")
    await stage.bot.end(signal.SIGKILL)
    await stage.discord.world.delete(stage.alice, prompt)
    if not reply_stands:
        await stage.discord.world.delete(stage.alice, reply)
    stage.discord.log.clear()
    await restart(stage)
    assert await stage.ended(prompt.id) == "stopped"
    await gone(stage)
    assert by_bot(stage) == []
    sent = [one for one in stage.discord.requests if one.method == "POST" and str(stage.general.id) in one.path]
    assert sent == []


async def test_the_question_that_a_forum_s_post_begins_with_is_missed(forgetful: Stage) -> None:
    stage = forgetful
    world = stage.discord.world
    stage.endpoint.script(fusion_events([f"Noted: {SECRET}."]))
    question = f"{world.bot.mention} my {SECRET} is x"
    post = await world.start_post(stage.alice, world.channel("questions"), "a post", question)
    await stage.ended(post.id)
    await stage.bot.end(signal.SIGKILL)
    await world.delete(stage.alice, post.messages[post.id])
    await restart(stage)
    await gone(stage)
    await stage.until(lambda: by_bot(stage, post) == [])


@pytest.mark.parametrize("killed", [False, True], ids=["while it runs", "and the bot is killed"])
async def test_a_command_goes_with_its_answer_while_that_grows(forgetful: Stage, killed: bool) -> None:
    stage = forgetful
    stage.endpoint.script(stalled_reply(*text("Half of it")))
    asked = await stage.discord.world.slash(stage.alice, stage.general, "ask", {"prompt": f"my {SECRET} is x"})
    reply = await shows(stage, "Half of it")
    await kept(stage, asked.id, "Half")
    await stage.discord.world.delete(stage.alice, reply)
    if killed:
        await stage.bot.end(signal.SIGKILL)
        await restart(stage)
    assert await stage.ended(asked.id) == "stopped"
    await gone(stage)
    assert by_bot(stage) == []


async def test_a_question_goes_from_the_thread_that_grew_from_its_answer(forgetful: Stage) -> None:
    stage = forgetful
    world, bob = stage.discord.world, stage.discord.world.person("bob")
    prompt = await answered(stage)
    reply = world.reply_to(prompt)
    assert reply is not None
    thread = await world.start_thread(bob, reply, "a thread")
    await stage.ended((await stage.mention("what was it?", user=bob, channel=thread)).id)
    assert SECRET in str(stage.endpoint.requests[-1].body["messages"])
    await world.delete(stage.alice, prompt)
    await gone(stage)


async def test_a_question_before_a_hundred_others_is_missed(forgetful: Stage) -> None:
    stage = forgetful
    world = stage.discord.world
    prompt = await answered(stage)
    for number in range(130):
        await world.say(world.person("bob"), stage.general, f"said to others {number}")
    await stage.bot.end(signal.SIGKILL)
    await world.delete(stage.alice, prompt)
    await restart(stage)
    await gone(stage, f"my {SECRET}")


@pytest.mark.parametrize("away", [False, True], ids=["while it runs", "while it is away"])
async def test_a_channel_that_is_deleted_takes_its_talk_and_its_thread_with_it(forgetful: Stage, away: bool) -> None:
    stage = forgetful
    world = stage.discord.world
    await answered(stage)
    stage.endpoint.clear()
    drawn = await world.slash(stage.alice, stage.general, "draw", {"prompt": f"a {SECRET} fox"})
    await stage.ended(drawn.id)
    assert kept_pictures(stage)
    starter = await world.say(world.person("bob"), stage.general, "a starter")
    thread = await world.start_thread(stage.alice, starter, "a thread")
    await answered(stage, thread)
    if away:
        await stage.bot.end(signal.SIGKILL)
    delete_channel(world, stage.general)
    if away:
        await restart(stage)
    await gone(stage)
    await forgotten(stage)
    assert not kept_pictures(stage)


async def test_a_thread_that_is_deleted_leaves_its_channel(forgetful: Stage) -> None:
    stage = forgetful
    world = stage.discord.world
    stage.endpoint.script(fusion_events(["Noted."]))
    await stage.answer(await stage.mention("outside"))
    starter = await world.say(world.person("bob"), stage.general, "a starter")
    thread = await world.start_thread(stage.alice, starter, "a thread")
    await answered(stage, thread)
    delete_channel(world, thread)
    await gone(stage)
    assert await holds(stage, "outside")


async def test_a_channel_s_end_that_a_kill_interrupted_is_followed(forgetful: Stage) -> None:
    stage = forgetful
    await answered(stage)
    delete_channel(stage.discord.world, stage.general)
    await stage.bot.end(signal.SIGKILL)
    await restart(stage)
    await gone(stage)


@pytest.mark.parametrize("away", [False, True], ids=["while it runs", "while it is away"])
async def test_a_server_that_the_bot_is_taken_out_of_takes_its_talk_with_it(forgetful: Stage, away: bool) -> None:
    stage = forgetful
    world = stage.discord.world
    studio = world.guild("画室")
    channel = world.channel("画室/闲聊")
    await world.slash(world.person("xiaoming"), channel, "settings set", {"key": "persona", "value": "kind"})
    await answered(stage, channel)
    member = studio.members[world.bot.id]
    if away:
        await stage.bot.end(signal.SIGKILL)
    leave(world, world.bot, studio)
    if away:
        await restart(stage)
    await gone(stage)
    assert await stage.rows("SELECT scope FROM removals") == [("guild",)]
    # It is back: what is said now stays.
    await stage.bot.end(signal.SIGKILL)
    studio.members[world.bot.id] = member
    await restart(stage)
    prompt = await answered(stage, channel)
    await forgotten(stage)
    assert await holds(stage, SECRET)
    await world.delete(stage.alice, prompt)
    await gone(stage)


async def test_an_outage_is_no_removal(forgetful: Stage) -> None:
    stage = forgetful
    world = stage.discord.world
    prompt = await answered(stage)
    guild = world.guild()
    away = {"id": str(guild.id), "unavailable": True}
    world.publish(Event(t="GUILD_DELETE", d=away, guild_id=guild.id, people=frozenset((world.bot.id,))))
    following = await stage.mention("and now?")
    await stage.ended(following.id)
    assert await holds(stage, SECRET)
    assert await stage.rows("SELECT 1 FROM removals") == []
    # Back again; as the tests after this one find it.
    await stage.bot.end(signal.SIGKILL)
    await restart(stage)
    await world.delete(stage.alice, prompt)
    await gone(stage)


async def test_deleted_text_leaves_the_files_of_the_database(forgetful: Stage) -> None:
    stage = forgetful
    prompt = await answered(stage)
    assert traces(stage)
    await stage.discord.world.delete(stage.alice, prompt)
    await gone(stage)
    async with asyncio.timeout(PATIENCE_S):
        while traces(stage):  # noqa: ASYNC110  # another process's files
            await asyncio.sleep(0.1)


async def test_a_start_wipes_what_a_kill_left(forgetful: Stage) -> None:
    stage = forgetful
    prompt = await answered(stage)
    await stage.discord.world.delete(stage.alice, prompt)
    await gone(stage)
    await stage.bot.end(signal.SIGKILL)
    await restart(stage)
    async with asyncio.timeout(PATIENCE_S):
        while traces(stage):  # noqa: ASYNC110  # another process's files
            await asyncio.sleep(0.1)


def traces(stage: Stage) -> list[str]:
    """The database's files that still hold the text."""
    files = stage.database.parent.glob(f"{stage.database.name}*")
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]
