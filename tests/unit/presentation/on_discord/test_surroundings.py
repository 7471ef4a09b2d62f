"""What is around a refused question on Discord: where else it may be asked, the sign on it, what goes again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import discord
import pytest

from bot.domain.people import Place
from bot.domain.turn.ask import Ask
from bot.domain.turn.notice import PassingNotice, StandingRefusal
from bot.presentation.inbound.places import place_of_message, user_of
from bot.presentation.outbound import surroundings as around
from bot.presentation.outbound.surroundings import SIGN, DiscordSurroundings
from sandbox.discord import Fault
from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.places import Overwrite
from sandbox.discord.state.records import Message
from tests.fakes.asks import ask
from tests.fakes.clock import START
from tests.unit.presentation.on_discord.conftest import READY_S, Stage


async def asked(stage: Stage, name: str = "dora", channel: str = "general") -> tuple[Ask, Message]:
    world = stage.world
    message = await world.say(world.person(name), world.channel(channel), f"{world.bot.mention} hello")
    heard = await stage.hears(message)
    return replace(ask(heard.id), user=user_of(heard.author), place=place_of_message(heard)), message


def named(stage: Stage, places: list[Place]) -> list[str]:
    return [stage.world.channels[place.channel_id].name for place in places]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dora", ["art", "code", "no-files", "news"]),
        ("alice", ["art", "code", "no-files", "news"]),
    ],
    ids=["a member", "the owner, where the bot sees no more"],
)
async def test_channels_are_open_where_both_can_write(stage: Stage, name: str, expected: list[str]) -> None:
    question, _ = await asked(stage, name)
    assert named(stage, list(DiscordSurroundings(stage.client, stage.wire).open_to(question))) == expected


async def overwrite(stage: Stage, name: str, *overwrites: Overwrite) -> None:
    """Change what a channel gives and takes, and wait until the library has heard of it."""
    channel = stage.world.channel(name)
    channel.overwrites = {each.id: each for each in overwrites}
    heard = asyncio.Event()

    async def on_guild_channel_update(*_: object) -> None:
        heard.set()

    stage.client.on_guild_channel_update = on_guild_channel_update  # type: ignore[attr-defined]  # the library calls it
    publish_channel(stage.world, "CHANNEL_UPDATE", channel)
    async with asyncio.timeout(READY_S):
        await heard.wait()


@pytest.mark.parametrize(("name", "seen"), [("dora", False), ("alice", True)])
async def test_what_the_asker_can_not_see_is_not_named(stage: Stage, name: str, seen: bool) -> None:
    question, _ = await asked(stage, name)
    everyone = Overwrite(id=question.place.guild_id or 0, type=0, deny=Permission.VIEW_CHANNEL)
    bot = Overwrite(id=stage.world.bot.id, type=1, allow=Permission.VIEW_CHANNEL)
    await overwrite(stage, "art", everyone, bot)
    found = named(stage, list(DiscordSurroundings(stage.client, stage.wire).open_to(question)))
    assert ("art" in found) is seen
    assert "code" in found


async def test_outside_of_known_servers_nothing_is_named(stage: Stage) -> None:
    found = DiscordSurroundings(stage.client, stage.wire)
    for place in (Place(channel_id=1), Place(channel_id=1, guild_id=5), Place(channel_id=1, guild_id=1)):
        assert list(found.open_to(replace(ask(), place=place))) == []


async def test_a_sign_is_put_on_a_question_once(stage: Stage) -> None:
    question, message = await asked(stage)
    found = DiscordSurroundings(stage.client, stage.wire)
    assert await found.react(question)
    assert await found.react(question)
    assert message.reactions == {SIGN: [stage.world.bot.id]}


async def test_a_sign_is_taken_back_if_discord_lets_the_bot(stage: Stage) -> None:
    question, message = await asked(stage)
    found = DiscordSurroundings(stage.client, stage.wire)
    await found.react(question)
    sign = StandingRefusal(
        prompt_id=question.id,
        channel_id=question.place.channel_id,
        message_id=question.id,
        guild_id=None,
        created_at=question.created_at,
    )
    stage.local.faults.add(Fault(path="/reactions/", status=403, times=1))
    await found.take_back_sign(sign)
    assert SIGN in message.reactions
    await found.take_back_sign(sign)
    assert SIGN not in message.reactions


async def test_where_the_bot_may_not_react_nothing_is_tried(stage: Stage) -> None:
    question, message = await asked(stage)
    await overwrite(stage, "general", Overwrite(id=question.place.guild_id or 0, type=0, deny=Permission.ADD_REACTIONS))
    before = len(stage.local.requests)
    assert not await DiscordSurroundings(stage.client, stage.wire).react(question)
    assert len(stage.local.requests) == before
    assert message.reactions == {}


@pytest.mark.parametrize("fault", [Fault(path="/reactions/", status=403), Fault(path="/reactions/", reset=True)])
async def test_a_sign_that_discord_does_not_take_is_none(stage: Stage, fault: Fault) -> None:
    question, message = await asked(stage)
    stage.local.faults.add(fault)
    assert not await DiscordSurroundings(stage.client, stage.wire).react(question)
    assert message.reactions == {}


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (None, True),
        (Fault(method="DELETE", path="/messages/", status=404, json={"code": 10008, "message": "no"}), True),
        (Fault(method="DELETE", path="/messages/", status=404, json={"code": 10003, "message": "no"}), True),
        (Fault(method="DELETE", path="/messages/", status=403, json={"code": 50001, "message": "no"}), True),
        (Fault(method="DELETE", path="/messages/", reset=True), False),
    ],
    ids=["taken away", "gone", "its channel is gone", "out of reach", "no connection"],
)
async def test_what_goes_again(stage: Stage, fault: Fault | None, done: bool) -> None:
    world = stage.world
    channel = stage.client.get_partial_messageable(world.channel("general").id)
    sent = await channel.send("You can ask me elsewhere.")
    if fault is not None:
        stage.local.faults.add(fault)
    notice = PassingNotice(channel_id=channel.id, message_id=sent.id, delete_at=START)
    assert await DiscordSurroundings(stage.client, stage.wire).take_away(notice) is done
    assert (sent.id in world.channel("general").messages) is (fault is not None)


async def test_before_the_bot_has_logged_in_nothing_is_taken_away(stage: Stage) -> None:
    found = DiscordSurroundings(discord.Client(intents=discord.Intents.none()), stage.wire)
    assert not await found.take_away(PassingNotice(channel_id=1, message_id=2, delete_at=START))
    assert around.SIGN_S <= 10
