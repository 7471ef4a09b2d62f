"""Replies that only an interaction's token leads to: private ones, and those where the bot is no member."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.domain.drawing.form import DrawForm
from bot.domain.drawing.form_id import FormId, FormStep, parse_form_id
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.drawing.wish import DrawWish
from bot.domain.history.readers import Reader
from bot.domain.model.events import FinishReason
from bot.domain.model.request import Mode
from bot.domain.page.small import small
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import DrawingParameters
from bot.domain.reply.controls import ended_controls
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.ask import Ask, Source
from bot.domain.turn.record import TurnState
from bot.errors import Refusal, Trouble
from bot.presentation.drawing.forms import KeptForm
from bot.presentation.inbound.questions import parse_command
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.reply.ways import LAST_WORDS_S, TOKEN_LIFE_S
from bot.presentation.words.drawings import TYPED, CardWords
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from sandbox.discord import Fault
from sandbox.discord.acts.channels import leave
from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.protocol.permissions import Permission
from tests.fakes.clock import FakeClock
from tests.fakes.model import picture
from tests.unit.presentation.on_discord.conftest import READY_S, Stage

PRIVATE = DrawWish(private=True)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
REFUSED = Ending(state=TurnState.FAILED, problem=Refusal.BUSY)


class SetClock(FakeClock):
    """A clock that a test sets ahead of the real one."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


class Counter:
    """The desk, with commands that are used at it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = SetClock()
        self.desk = ReplyDesk(stage.client, stage.wire, EditBudgets(self.clock), self.clock)

    async def command(self, *, wish: DrawWish | None = None) -> tuple[discord.Interaction[Any], Ask, Any]:
        """Have Alice use a command; returns it deferred, what it asks, and how she sees it."""
        command = {"name": "draw", "description": "Draw", "options": []}
        await self.stage.client.http.bulk_upsert_global_commands(self.stage.world.application.id, [command])
        world = self.stage.world
        seen = await world.slash(world.person("alice"), world.channel("general"), "draw", {})
        interaction = await self.heard()
        assert await self.desk.acknowledge(interaction, private=wish is not None and wish.private)
        return interaction, parse_command(interaction, Mode.DRAW, "a fox", wish=wish), seen

    async def heard(self) -> discord.Interaction[Any]:
        async with asyncio.timeout(READY_S):
            return await self.stage.client.interactions.get()

    def through_channel(self) -> list[str]:
        """What was sent to the channel itself, and not by an interaction."""
        paths = [request.path.removeprefix("/api/v10") for request in self.stage.local.requests]
        return [path for path in paths if path.startswith("/channels/")]


@pytest.fixture
async def counter(stage: Stage) -> Counter:
    return Counter(stage)


def drawn(ask: Ask) -> Ending:
    plan = DrawPlan(pictures=(DrawingParameters(seed=5),))
    card = DrawingCard(prompt="a fox", pictures=plan.pictures, asker_id=ask.user.id, took_s=900.0, plan=plan)
    controls = ended_controls(
        ask.id, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=True, version=1, versions=1
    )
    return Ending(state=TurnState.COMPLETE, pictures=(FOX,), card=card, controls=controls)


async def test_a_drawing_that_outlives_the_token_arrives_through_the_channel(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    sink = counter.desk.to_interaction(interaction, ask)
    assert not await sink.ends()
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        reply.show_drawing(3.0)
        await asyncio.sleep(0)
        counter.clock.ahead_s = TOKEN_LIFE_S + 600
        assert await reply.finish(drawn(ask))
    assert [file.filename for file in seen.response.attachments] == ["fox.png"]
    assert "900.0 s" in seen.response.content
    assert seen.response.components
    assert counter.through_channel() == [f"/channels/{seen.channel.id}/messages/{seen.response.id}"]


async def test_a_private_reply_never_goes_through_the_channel(counter: Counter) -> None:
    interaction, ask, seen = await counter.command(wish=PRIVATE)
    sink = counter.desk.to_interaction(interaction, ask)
    assert sink.lasts_s == pytest.approx(TOKEN_LIFE_S, abs=1)
    assert await sink.ends()
    lost: list[int] = []
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids), lost=lambda: lost.append(1)) as reply:
        counter.clock.ahead_s = TOKEN_LIFE_S + LAST_WORDS_S - 5
        reply.push("in time")
        await counter.stage.world.wait_for(
            lambda: seen.response.content == "> -# a fox\nin time" or None, timeout_s=READY_S
        )
        counter.clock.ahead_s = TOKEN_LIFE_S + LAST_WORDS_S + 5
        assert not await reply.finish(drawn(ask))
    assert lost == []  # nothing is generated any more
    assert reply.loss is Trouble.UNWRITABLE
    assert seen.ephemeral
    assert counter.through_channel() == []


@pytest.mark.parametrize("code", [50027, 10015])
async def test_a_private_reply_whose_token_is_refused_ends(counter: Counter, code: int) -> None:
    interaction, ask, _ = await counter.command(wish=PRIVATE)
    refused = {"message": "Invalid Webhook Token", "code": code}
    counter.stage.local.faults.add(Fault(path="/webhooks/", status=401, json=refused))
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert not await reply.finish(drawn(ask))
    assert counter.through_channel() == []


async def test_further_messages_of_a_private_reply_are_private(counter: Counter) -> None:
    interaction, ask, seen = await counter.command(wish=PRIVATE)
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        reply.push("word " * 700)
        assert await reply.finish(Ending(state=TurnState.COMPLETE))
    (further,) = seen.followups.values()
    assert further.ephemeral


async def test_what_was_private_is_not_taken_up_in_the_channel_after_a_restart(counter: Counter) -> None:
    _, ask, seen = await counter.command(wish=PRIVATE)
    sink = counter.desk.anew(ask, 1, ask.response_ids)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert not await reply.finish(drawn(ask))
        await reply.discard()
    assert counter.through_channel() == []
    assert seen.response.loading


async def test_a_refusal_is_told_to_the_asker_alone_and_takes_the_promise_back(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    promised = seen.response
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids, refusal=True)) as reply:
        assert await reply.finish(REFUSED)
    (told,) = seen.followups.values()
    assert told.ephemeral
    assert told.content == f"> -# a fox\n{notice(Words('en-US').problem(Refusal.BUSY))}"
    assert promised.id not in seen.channel.messages
    (body,) = [one.body for one in counter.stage.local.requests if one.method == "POST" and "/webhooks/" in one.path]
    assert body["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("wish", [DrawWish(), PRIVATE])
async def test_a_refusal_offers_what_was_typed_again(counter: Counter, wish: DrawWish) -> None:
    interaction, ask, seen = await counter.command(wish=wish)
    about = FormId(step=FormStep.EDIT, private=wish.private, spoiler=True)
    kept = KeptForm(form=DrawForm(prompt="a *fox*", size="512x512"), about=about)
    sink = counter.desk.to_interaction(interaction, ask, kept=kept)
    ask = replace(ask, place=replace(ask.place, locale="zh-CN"))  # which the place has set
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids, refusal=True)) as reply:
        assert await reply.finish(REFUSED)
    (told,) = seen.followups.values()
    assert told.ephemeral
    refused, typed = notice(Words("zh-CN").problem(Refusal.BUSY)), small(CardWords("zh-CN").say(TYPED))
    assert told.content == f"> -# a fox\n{refused}\n{typed}"
    assert told.embeds[0]["description"] == "a \\*fox\\*"
    ((button,),) = [row["components"] for row in told.components]
    assert parse_form_id(button["custom_id"]) == replace(about, step=FormStep.REFILL)


async def test_a_refusal_that_does_not_arrive_at_once_is_told_once(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    counter.stage.local.faults.add(Fault(method="POST", path="/webhooks/", reset=True, times=1))
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids, refusal=True)) as reply:
        assert await reply.finish(REFUSED)
    assert len(seen.followups) == 1


async def test_a_press_on_a_private_reply_is_answered_by_its_own_token(counter: Counter) -> None:
    interaction, ask, seen = await counter.command(wish=PRIVATE)
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert await reply.finish(drawn(ask))
    custom_id = seen.response.components[0]["components"][0]["custom_id"]
    await counter.stage.world.click(seen.user, seen.response, custom_id)
    press = await counter.heard()
    assert await counter.desk.acknowledge(press)
    anew = counter.desk.for_press(press)(ask, 2, (seen.response.id,))
    assert anew.lasts_s == pytest.approx(TOKEN_LIFE_S, abs=1)
    assert await anew.ends()
    async with anew.open_reply(ask, ReplyOptions(message_ids=(seen.response.id,))) as reply:
        reply.push("another")
        assert await reply.finish(Ending(state=TurnState.COMPLETE))
    assert seen.response.content == "> -# a fox\nanother"
    assert seen.response.attachments == []
    assert counter.through_channel() == []


async def test_how_a_private_reply_ended_puts_no_sign_on_what_the_channel_sees(counter: Counter) -> None:
    world = counter.stage.world
    prompt = await world.say(world.person("alice"), world.channel("general"), "hello")
    interaction, ask, seen = await counter.command(wish=PRIVATE)
    async with counter.desk.to_interaction(interaction, ask).open_reply(
        ask, ReplyOptions(message_ids=ask.response_ids)
    ) as reply:
        assert await reply.finish(drawn(ask))
    await world.click(seen.user, seen.response, seen.response.components[0]["components"][0]["custom_id"])
    press = await counter.heard()
    assert await counter.desk.acknowledge(press)
    question = replace(ask, id=prompt.id, source=Source.MESSAGE)
    sink = counter.desk.for_press(press)(question, 2, (seen.response.id,))
    counter.stage.local.faults.add(Fault(path="/webhooks/", status=403, json={"message": "no", "code": 50013}))
    counter.clock.ahead_s = TOKEN_LIFE_S
    async with sink.open_reply(question, ReplyOptions(message_ids=(seen.response.id,))) as reply:
        assert not await reply.finish(REFUSED)
    assert prompt.reactions == {}
    assert counter.through_channel() == []


async def test_a_promise_of_an_answer_is_taken_back_where_discord_takes_nothing(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    refused = {"message": "Thread is archived", "code": 50083}
    for method in ("PATCH", "POST"):
        counter.stage.local.faults.add(Fault(method=method, path="/(webhooks|channels)/", status=403, json=refused))
    response = seen.response
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert not await reply.finish(drawn(ask))
    assert response.id not in seen.channel.messages


async def test_what_stands_of_an_answer_is_no_promise(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    refused = {"message": "Thread is archived", "code": 50083}
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        reply.push("so far")
        await counter.stage.world.wait_for(lambda: "so far" in seen.response.content or None, timeout_s=READY_S)
        for method in ("PATCH", "POST"):
            counter.stage.local.faults.add(Fault(method=method, path="/(webhooks|channels)/", status=403, json=refused))
        assert not await reply.finish(drawn(ask))
    assert seen.response.id in seen.channel.messages


async def test_a_press_where_the_bot_is_a_member_is_answered_through_the_channel(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert await reply.finish(drawn(ask))
    button = seen.response.components[0]["components"][0]["custom_id"]
    await counter.stage.world.click(seen.user, seen.response, button)
    press = await counter.heard()
    assert await counter.desk.acknowledge(press)
    anew = counter.desk.for_press(press)(replace(ask, wish=None), 2, (seen.response.id,))
    assert not await anew.ends()
    async with anew.open_reply(ask, ReplyOptions(message_ids=(seen.response.id,))) as reply:
        assert await reply.finish(REFUSED)
    assert counter.through_channel() == [f"/channels/{seen.channel.id}/messages/{seen.response.id}"]


async def test_a_button_s_new_message_is_known_at_once_and_private_where_asked(counter: Counter) -> None:
    interaction, ask, seen = await counter.command()
    sink = counter.desk.to_interaction(interaction, ask)
    async with sink.open_reply(ask, ReplyOptions(message_ids=ask.response_ids)) as reply:
        assert await reply.finish(drawn(ask))
    button = seen.response.components[0]["components"][0]["custom_id"]
    for private in (True, False):
        pressed = await counter.stage.world.click(seen.user, seen.response, button)
        press = await counter.heard()
        assert await counter.desk.acknowledge(press, anew=True, private=private)
        assert pressed.response is not None
        assert pressed.response.ephemeral is private
        assert parse_command(press, Mode.DRAW, "a fox").response_id == pressed.response.id


@pytest.mark.parametrize("allowed", [False, True], ids=["external apps denied", "external apps allowed"])
async def test_who_sees_an_answer_is_what_discord_says(counter: Counter, allowed: bool) -> None:
    seen, interaction = await abroad(counter, allowed=allowed)
    assert await counter.desk.acknowledge(interaction)
    ask = parse_command(interaction, Mode.CHAT, "hello")
    assert seen.response.ephemeral is not allowed
    assert (ask.private, ask.alone, ask.only_for) == (not allowed, not allowed, interaction.user.id)
    assert ask.reader == Reader(user_id=interaction.user.id, alone=not allowed, carried=True)


@pytest.mark.parametrize("found", [True, False])
async def test_where_the_answer_of_discord_s_is_lost_the_message_is_looked_up(counter: Counter, found: bool) -> None:
    seen, interaction = await abroad(counter, allowed=False)
    counter.stage.local.faults.add(Fault(method="POST", path="/callback", status=502, after=True, times=1))
    if not found:
        counter.stage.local.faults.add(Fault(method="GET", path="/messages/@original", status=403))
    assert await counter.desk.acknowledge(interaction)
    ask = parse_command(interaction, Mode.CHAT, "hello")
    assert seen.response.ephemeral
    # What nobody told is kept as private, and answered as if everybody saw it.
    assert (ask.private, ask.alone) == (True, found)
    assert ask.response_id == (seen.response.id if found else None)


async def test_a_discord_that_contradicts_its_own_permissions_told_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, interaction = await abroad(counter, allowed=False)
    monkeypatch.setattr(discord.InteractionCallbackResponse, "is_ephemeral", lambda _: False)
    assert await counter.desk.acknowledge(interaction)
    ask = parse_command(interaction, Mode.CHAT, "hello")
    assert (ask.private, ask.alone) == (True, False)


async def abroad(counter: Counter, *, allowed: bool) -> tuple[Any, discord.Interaction[Any]]:
    """Have Alice bring the bot along to a server where it is no member."""
    world = counter.stage.world
    alice, studio = world.person("alice"), world.guild("画室")
    if not allowed:
        change_permissions(world, studio, role=studio.everyone, deny=Permission.USE_EXTERNAL_APPS)
    leave(world, world.bot, studio)
    async with asyncio.timeout(READY_S):
        while counter.stage.client.get_guild(studio.id) is not None:  # noqa: ASYNC110  # the library's own cache
            await asyncio.sleep(0.01)
    world.install_for(alice)
    command = {"name": "ask", "description": "Ask", "options": [], "integration_types": [0, 1], "contexts": [0, 1, 2]}
    await counter.stage.client.http.bulk_upsert_global_commands(world.application.id, [command])
    seen = await world.slash(alice, world.channel("画室/闲聊"), "ask", {})
    return seen, await counter.heard()
