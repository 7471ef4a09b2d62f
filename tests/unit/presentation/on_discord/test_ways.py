"""Replies where the bot does not see the channel: by the tokens of commands and presses."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from bot.domain.model.events import FinishReason
from bot.domain.model.request import Mode
from bot.domain.reply.controls import ended_controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.reply.ways import View
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.library.events import read_carefully
from bot.presentation.inbound.questions import parse_command
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import LiveReplies, ReplyDesk
from bot.presentation.reply.ways import TOKEN_LIFE_S
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from sandbox.discord import Fault
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel, Message
from tests.fakes.clock import FakeClock
from tests.unit.presentation.on_discord.conftest import READY_S, Stage

LONG = "word " * 700
"""Two messages."""
NO_ACCESS = {"message": "Missing Access", "code": 50001}


class SetClock(FakeClock):
    """A clock that a test sets ahead of the real one."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


class Hidden:
    """A channel, which the bot does not see unless a test lets it, and the desk."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = SetClock()
        self.channel: Channel = stage.world.channel("general")
        self.restart()

    def restart(self) -> None:
        """Forget all, as a new process has."""
        self.desk = ReplyDesk(self.stage.client, self.stage.wire, EditBudgets(self.clock), self.clock)

    def see(self, *, sees: bool) -> None:
        """Show the channel to the bot, or hide it."""
        world = self.stage.world
        (world.show if sees else world.hide)(self.channel)

    async def heard(self) -> discord.Interaction[Any]:
        async with asyncio.timeout(READY_S):
            return await self.stage.client.interactions.get()

    async def asked(self) -> tuple[Ask, LiveReplies, Any]:
        """Have Alice use a command; returns what it asks, where the answer goes, and how she sees it."""
        command = {"name": "ask", "description": "Ask", "options": []}
        await self.stage.client.http.bulk_upsert_global_commands(self.stage.world.application.id, [command])
        seen = await self.stage.world.slash(self.stage.world.person("alice"), self.channel, "ask", {})
        interaction = await self.heard()
        assert await self.desk.acknowledge(interaction)
        ask = parse_command(interaction, Mode.CHAT, "hello")
        return ask, self.desk.to_interaction(interaction, ask), seen

    async def answered(self, text: str = "an answer") -> tuple[Ask, list[Message]]:
        """Have a command of Alice's answered; returns what it asked, and the messages of the answer."""
        ask, sink, _ = await self.asked()
        await finish(sink, ask, text, ask.response_ids)
        return ask, self.standing()

    async def pressed(self, message: Message) -> tuple[discord.Interaction[Any], Any]:
        """Have Alice press the first button of a message; returns it acknowledged, and how she sees it."""
        custom_id = message.components[0]["components"][0]["custom_id"]
        seen = await self.stage.world.click(self.stage.world.person("alice"), message, custom_id)
        interaction = await self.heard()
        assert await self.desk.acknowledge(interaction)
        return interaction, seen

    def standing(self) -> list[Message]:
        """What stands in the channel, oldest first."""
        return sorted(self.channel.messages.values(), key=lambda one: one.id)

    def through_channel(self) -> list[str]:
        """What was written by the channel's own routes."""
        requests = self.stage.local.requests
        paths = [(one.method, one.path.removeprefix("/api/v10")) for one in requests if one.method != "GET"]
        return [f"{method} {path}" for method, path in paths if path.startswith("/channels/")]


async def finish(
    sink: LiveReplies, ask: Ask, text: str, ids: tuple[int, ...], *, stands: bool = False
) -> tuple[int, ...]:
    """Answer; returns the ids of the answer's messages."""
    controls = ended_controls(
        ask.id, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1
    )
    async with sink.open_reply(ask, ReplyOptions(message_ids=ids, stands=stands)) as reply:
        reply.push(text)
        assert await reply.finish(Ending(state=TurnState.COMPLETE, controls=controls))
        return reply.message_ids


@pytest.fixture
async def hidden(stage: Stage) -> Hidden:
    found = Hidden(stage)
    found.see(sees=False)
    return found


async def test_a_command_is_answered_by_its_token_alone_and_its_time_is_known(hidden: Hidden) -> None:
    ask, sink, _ = await hidden.asked()
    assert sink.lasts_s == pytest.approx(TOKEN_LIFE_S, abs=1)
    assert await sink.ends()
    await finish(sink, ask, LONG, ask.response_ids)
    assert len(hidden.standing()) == 2
    assert hidden.through_channel() == []


async def test_a_hidden_channel_for_adults_is_known_by_what_a_command_tells(stage: Stage) -> None:
    read_carefully(stage.client)
    found = Hidden(stage)
    found.channel.nsfw = True
    found.see(sees=False)
    ask, _, _ = await found.asked()
    # The gateway's veil, which the library takes for the channel, says otherwise.
    veil = stage.client.get_channel(found.channel.id)
    assert isinstance(veil, discord.TextChannel)
    assert not veil.nsfw
    assert ask.place.age_restricted


async def test_a_press_changes_the_message_that_it_stands_under(hidden: Hidden) -> None:
    ask, (message,) = await hidden.answered()
    hidden.restart()
    interaction, _ = await hidden.pressed(message)
    sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
    assert await sink.ends()
    assert await finish(sink, ask, "another", (message.id,)) == (message.id,)
    assert message.content == "> -# hello\nanother"
    assert hidden.through_channel() == []


async def test_a_press_takes_away_what_it_reaches(hidden: Hidden) -> None:
    ask, (message,) = await hidden.answered()
    hidden.restart()
    interaction, _ = await hidden.pressed(message)
    sink = hidden.desk.for_press(interaction)(ask, 1, (message.id,))
    assert await sink.reaches((message.id,))
    async with sink.open_reply(ask, ReplyOptions(message_ids=(message.id,))) as reply:
        assert await reply.discard()
    assert hidden.standing() == []


async def test_as_long_as_a_command_s_token_lives_a_press_reaches_all_messages_of_the_answer(hidden: Hidden) -> None:
    ask, pages = await hidden.answered(LONG)
    ids = tuple(page.id for page in pages)
    interaction, _ = await hidden.pressed(pages[-1])
    sink = hidden.desk.for_press(interaction)(ask, 2, ids)
    assert await sink.reaches(ids)
    assert await finish(sink, ask, "short", ids) == ids[:1]
    assert [message.content for message in hidden.standing()] == ["> -# hello\nshort"]
    assert hidden.through_channel() == []


@pytest.mark.parametrize("how", ["a restart", "a quarter of an hour"])
async def test_what_a_press_does_not_reach_stays_and_the_one_who_pressed_is_told(hidden: Hidden, how: str) -> None:
    ask, pages = await hidden.answered(LONG)
    ids, before = tuple(page.id for page in pages), pages[0].content
    if how == "a restart":
        hidden.restart()
    else:
        hidden.clock.ahead_s = TOKEN_LIFE_S + 100
    interaction, seen = await hidden.pressed(pages[-1])
    sink = hidden.desk.for_press(interaction)(ask, 2, ids)
    made = await finish(sink, ask, "another " + LONG, ids)
    assert made[0] == ids[1]
    assert pages[0].content == before
    assert pages[1].content.startswith("> -# hello\nanother")
    assert not await sink.reaches(ids)
    (told, _) = sorted(seen.followups.values(), key=lambda one: one.id)
    assert (told.ephemeral, told.content) == (True, notice(Words("en-US").pages_stay))


async def test_what_stands_already_is_mended_in_the_message_that_is_reached(hidden: Hidden) -> None:
    ask, pages = await hidden.answered(LONG)
    ids, before = tuple(page.id for page in pages), pages[0].content
    hidden.restart()
    interaction, seen = await hidden.pressed(pages[-1])
    sink = hidden.desk.for_press(interaction)(ask, 1, ids)
    assert await finish(sink, ask, LONG, ids, stands=True) == ids
    assert [page.content for page in hidden.standing()] == [before, pages[1].content]
    assert seen.followups == {}


async def test_after_the_first_refusal_the_token_is_used_at_once_until_rights_change(stage: Stage) -> None:
    hidden = Hidden(stage)
    ask, (message,) = await hidden.answered()
    fault = Fault(path=f"/channels/{hidden.channel.id}/messages", status=403, json=NO_ACCESS)
    stage.local.faults.add(fault)
    for text in ("one", "two"):
        interaction, _ = await hidden.pressed(message)
        # What the interaction itself says of its rights would be newer: here it says nothing else.
        interaction._app_permissions = 0
        sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
        await finish(sink, ask, text, (message.id,))
        assert message.content == f"> -# hello\n{text}"
    assert hidden.through_channel() == []
    stage.local.faults.clear()
    hidden.desk.reach.forget(hidden.channel.guild_id)
    interaction, _ = await hidden.pressed(message)
    await finish(hidden.desk.for_press(interaction)(ask, 2, (message.id,)), ask, "three", (message.id,))
    assert len(hidden.through_channel()) == 1


async def test_a_channel_that_is_hidden_in_the_middle_is_left_for_the_press_s_token(stage: Stage) -> None:
    hidden = Hidden(stage)
    ask, (message,) = await hidden.answered()
    interaction, _ = await hidden.pressed(message)
    sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
    async with sink.open_reply(ask, ReplyOptions(message_ids=(message.id,))) as reply:
        reply.push("one ")
        await stage.world.wait_for(lambda: "one" in message.content or None, timeout_s=READY_S)
        assert not await sink.ends()
        hidden.see(sees=False)
        reply.push("two")
        assert await reply.finish(Ending(state=TurnState.COMPLETE))
    assert message.content == "> -# hello\none two"
    assert await sink.ends()


async def test_a_command_whose_time_is_over_goes_on_through_a_channel_that_was_opened(hidden: Hidden) -> None:
    _, sink, _ = await hidden.asked()
    assert await sink.ends()
    hidden.see(sees=True)
    hidden.desk.reach.forget()
    await seen_by_library(hidden, View.OPEN)
    assert not await sink.ends()


async def test_only_the_reply_s_own_turn_is_given_up_where_nothing_leads(hidden: Hidden) -> None:
    ask, (message,) = await hidden.answered()
    hidden.restart()
    sink = hidden.desk.anew(ask, 1, (message.id,))
    assert not await sink.reaches((message.id,))
    async with sink.open_reply(ask, ReplyOptions(message_ids=(message.id,))) as reply:
        reply.push("lost")
        assert not await reply.finish(Ending(state=TurnState.COMPLETE))
        assert reply.message_ids == (message.id,)  # a press finds them
    assert "an answer" in message.content


async def test_a_thread_that_was_closed_is_opened_for_a_command_s_answer(stage: Stage) -> None:
    hidden = Hidden(stage)
    hidden.channel = await stage.world.start_thread(stage.world.person("bob"), hidden.channel, "a thread")
    ask, sink, seen = await hidden.asked()
    stage.world.archive(hidden.channel)
    await finish(sink, ask, "late", ask.response_ids)
    assert seen.response.content == "> -# hello\nlate"


@pytest.mark.parametrize("kind", [ChannelType.VOICE, ChannelType.STAGE])
async def test_a_voice_channel_is_shut_without_the_right_to_connect(stage: Stage, kind: ChannelType) -> None:
    hidden = Hidden(stage)
    hidden.channel = stage.world.add_channel("spoken", kind)
    stage.world.deny(hidden.channel, "CONNECT")
    ask, (message,) = await hidden.answered()
    hidden.restart()
    interaction, _ = await hidden.pressed(message)
    sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
    assert await sink.ends()
    await finish(sink, ask, "another", (message.id,))
    assert message.content == "> -# hello\nanother"
    assert hidden.through_channel() == []


async def answered_in_private(stage: Stage) -> tuple[Hidden, Ask, Message]:
    """Have a command answered in a private thread, of which the bot is no member."""
    hidden, alice = Hidden(stage), stage.world.person("alice")
    hidden.channel = await stage.world.start_thread(alice, hidden.channel, "secrets", private=True)
    ask, sink, seen = await hidden.asked()
    await finish(sink, ask, "an answer", ask.response_ids)
    stage.world.remove_from_thread(hidden.channel)
    hidden.restart()
    return hidden, ask, seen.response


async def test_a_private_thread_that_the_bot_is_not_in_is_asked_for_once(stage: Stage) -> None:
    hidden, ask, message = await answered_in_private(stage)
    looks = [f"/channels/{hidden.channel.id}"]
    for text in ("one", "two"):
        interaction, _ = await hidden.pressed(message)
        sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
        assert await sink.ends()
        await finish(sink, ask, text, (message.id,))
        assert message.content == f"> -# hello\n{text}"
    assert [one.path.removeprefix("/api/v10") for one in stage.local.requests if one.status == 403] == looks


async def test_a_private_thread_that_the_bot_is_let_into_is_open(stage: Stage) -> None:
    hidden, ask, message = await answered_in_private(stage)
    stage.world.add_to_thread(hidden.channel, stage.world.bot)
    await seen_by_library(hidden, View.OPEN)
    interaction, _ = await hidden.pressed(message)
    sink = hidden.desk.for_press(interaction)(ask, 2, (message.id,))
    assert not await sink.ends()
    await finish(sink, ask, "another", (message.id,))
    assert len(hidden.through_channel()) == 1


async def test_a_thread_that_is_locked_before_the_answer_ends_it(stage: Stage) -> None:
    hidden = Hidden(stage)
    hidden.channel = await stage.world.start_thread(stage.world.person("bob"), hidden.channel, "a thread")
    ask, sink, seen = await hidden.asked()
    stage.world.lock(hidden.channel)
    stage.world.archive(hidden.channel)
    lost = asyncio.Event()
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids), lost=lost.set) as reply:
        reply.push("late")
        async with asyncio.timeout(READY_S):
            await lost.wait()
    assert seen.response.loading


async def seen_by_library(hidden: Hidden, view: View) -> None:
    """Wait until the library has heard how the channel is."""
    async with asyncio.timeout(READY_S):
        while hidden.desk.reach.of_channel(hidden.channel.id, hidden.channel.guild_id) is not view:  # noqa: ASYNC110  # the library's own cache
            await asyncio.sleep(0.01)
