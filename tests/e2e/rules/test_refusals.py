"""Refusals by the rules of a place: what stands in the channel, what the user alone sees, and what goes again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest
import pytest_asyncio

from bot.presentation.outbound.surroundings import SIGN
from sandbox.discord.state.records import Message
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.rules.settings_acts import SettingsActs
from tests.fakes.words import wording


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def rules_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage of these tests' own, with rules for the whole server."""
    async with open_stage(tmp_path_factory.mktemp("refusals")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def ruled(rules_stage: Stage) -> Stage:
    """A channel of the test's own, which is refused."""
    rules_stage.new_general()
    await refuse(rules_stage)
    return rules_stage


async def refuse(stage: Stage, how: str = "words") -> None:
    acts = SettingsActs(stage)
    await acts.use("settings set", {"key": "channels_refused", "value": f"<#{stage.general.id}>"})
    await acts.use("settings set", {"key": "refusals", "value": how})


async def told(stage: Stage, prompt: Message) -> Message:
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    return reply


async def test_words_name_channels_that_the_asker_can_see(ruled: Stage) -> None:
    world = ruled.discord.world
    reply = await told(ruled, await ruled.mention("hello", user=world.person("dora")))
    assert wording("refusal.channel_elsewhere").search(reply.content)
    channels = [world.channels[int(found)].name for found in re.findall(r"<#(\d+)>", reply.content)]
    assert len(channels) == 3
    assert not {"staff", "read-only", "age-restricted", ruled.general.name} & set(channels)
    assert ruled.endpoint.requests == []


@pytest.mark.parametrize("how", ["reaction", "quiet"])
async def test_a_sign_or_nothing_stands_instead(ruled: Stage, how: str) -> None:
    await refuse(ruled, how)
    prompt = await ruled.mention("hello")
    if how == "reaction":
        await ruled.until(lambda: SIGN in prompt.reactions)
    else:
        # What is asked behind it, elsewhere, is answered: nothing came before that.
        await ruled.answer(await ruled.mention("hello", channel=ruled.discord.world.channel("art")))
        assert prompt.reactions == {}
    assert ruled.discord.world.reply_to(prompt) is None


async def test_a_question_by_an_edit_is_under_the_same_rules(ruled: Stage) -> None:
    world = ruled.discord.world
    dora, calls = world.person("dora"), len(ruled.endpoint.requests)
    prompt = await world.say(dora, ruled.general, "hello")
    await world.edit(dora, prompt, f"{world.bot.mention} hello")
    assert wording("refusal.channel_elsewhere").search((await told(ruled, prompt)).content)
    assert len(ruled.endpoint.requests) == calls
    await world.delete(dora, prompt)
    await ruled.until(lambda: not [one for one in ruled.general.messages.values() if one.author.id == world.bot.id])


async def test_a_command_s_refusal_is_for_the_asker_alone(ruled: Stage) -> None:
    world = ruled.discord.world
    interaction = await world.slash(world.person("dora"), ruled.general, "ask", {"prompt": "hello"})
    await ruled.until(lambda: bool(interaction.followups))
    (shown,) = interaction.followups.values()
    assert shown.ephemeral
    assert wording("refusal.channel_elsewhere").search(shown.content)
    assert not [one for one in ruled.general.messages.values() if one.author.id == world.bot.id]


async def test_what_a_kill_left_standing_is_taken_away_after_the_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await refuse(stage)
        prompt = await stage.mention("hello")
        reply = await told(stage, prompt)
        query = "SELECT channel_id, message_id FROM passing_notices"
        while await stage.rows(query) != [(stage.general.id, reply.id)]:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.02)
        await stage.bot.kill()
        assert reply.id in stage.general.messages
        async with aiosqlite.connect(stage.database) as connection:
            # A minute later.
            await connection.execute("UPDATE passing_notices SET delete_at = '2020-01-01 00:00:00.000000'")
            await connection.commit()
        await stage.bot.start()
        await stage.until(lambda: reply.id not in stage.general.messages)
        assert prompt.id in stage.general.messages
        await stage.connected()  # notices are taken away before that
        await stage.answer(await stage.mention("hello", channel=stage.discord.world.channel("art")))
        while await stage.rows(query):  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.02)
