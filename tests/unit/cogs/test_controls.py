"""Which interactions become presses, and what people are told."""

from __future__ import annotations

from typing import Any, cast

import aiohttp
import discord
import pytest

from bot.domain.reply.controls import Action, PressRefusal, custom_id
from bot.domain.reply.ports import ReplySink
from bot.domain.turn.ask import Ask
from bot.errors import Refusal, StorageError, Trouble
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.reply.again import SinkFor
from bot.services.reply.buttons import ControlService
from bot.services.turn.presses import Press
from cogs.controls import ControlsCog
from tests.unit.cogs.interactions import Answers, heard, told_alone
from tests.unit.presentation.discord_objects import ANN, CHANNEL, GUILD, Offline, member, user

MANAGES = str(discord.Permissions(manage_messages=True).value)
WORDS = Words("zh-TW")


class FakeControl:
    """The control service: keeps the presses, and answers as a test wants."""

    def __init__(self) -> None:
        self.presses: list[Press] = []
        self.refusal: PressRefusal | Refusal | None = None
        self.failing: StorageError | None = None

    async def press(self, press: Press, sink_for: SinkFor) -> PressRefusal | Refusal | None:
        self.presses.append(press)
        if self.failing is not None:
            raise self.failing
        return self.refusal


class FakeDesk:
    """Opens nothing; says whether a press could be acknowledged."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.acknowledges = True

    async def acknowledge(self, interaction: discord.Interaction[Any]) -> bool:
        self.acknowledged += 1
        return self.acknowledges

    def for_press(self, interaction: discord.Interaction[Any]) -> SinkFor:
        return self.anew

    def anew(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> ReplySink:
        raise AssertionError("the service opens nothing here")


class Stage:
    """The cog between fakes."""

    def __init__(self) -> None:
        self.offline = Offline()
        self.control = FakeControl()
        self.desk = FakeDesk()
        self.answers = Answers()
        self.answers.done = True  # as the desk acknowledges every press first
        self.cog = ControlsCog(cast("ControlService", self.control), cast("ReplyDesk", self.desk))

    async def hears(self, **changes: Any) -> None:
        await self.cog.on_interaction(heard(self.offline, self.answers, **changes))

    async def press(self, known: str = custom_id(Action.RETRY, 7), **changes: Any) -> None:
        await self.hears(type=3, data={"custom_id": known, "component_type": 2}, **changes)


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_a_press_names_its_user_place_and_rights(stage: Stage) -> None:
    await stage.press()
    (press,) = stage.control.presses
    assert (press.action, press.turn_id) == (Action.RETRY, 7)
    assert (press.user.id, press.user.name) == (ANN, "Annie")
    assert (press.place.channel_id, press.place.guild_id) == (CHANNEL, GUILD)
    assert not press.manages_messages
    assert stage.desk.acknowledged == 1
    assert stage.answers.told == []


async def test_who_manages_messages_there_does_so_in_a_guild_alone(stage: Stage) -> None:
    await stage.press(member={**member(), "user": user(ANN, "Ann"), "permissions": MANAGES})
    # In a direct message Discord grants about everything; the asker may press without it.
    await stage.press(guild_id=None, member=None, user=user(ANN, "Ann"))
    assert [press.manages_messages for press in stage.control.presses] == [True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": 3, "data": {"custom_id": "somebody:else:7", "component_type": 2}},
        {"type": 3, "data": {"custom_id": "reply:version:7", "component_type": 2}},
        {"type": 3, "data": {"custom_id": custom_id(Action.AGAIN, 7), "component_type": 2}},
        {"type": 3, "data": {}},
        {"type": 5, "data": {"custom_id": "reply:retry:7", "components": []}},
    ],
    ids=str,
)
async def test_every_other_interaction_is_left_to_its_owner(stage: Stage, changes: dict[str, Any]) -> None:
    await stage.hears(**changes)
    assert stage.control.presses == []
    assert stage.desk.acknowledged == 0


async def test_a_press_that_can_not_be_acknowledged_any_more_is_left(stage: Stage) -> None:
    stage.desk.acknowledges = False
    await stage.press()
    assert stage.control.presses == []


@pytest.mark.parametrize("refusal", PressRefusal)
async def test_who_may_not_is_told_alone_in_their_language(stage: Stage, refusal: PressRefusal) -> None:
    stage.control.refusal = refusal
    await stage.press()
    assert told_alone(stage.answers) == notice(WORDS.press_refusal(refusal))


@pytest.mark.parametrize("refusal", [Refusal.CHANNEL, Refusal.ROLE, Refusal.FORBIDDEN_WORD])
async def test_whom_a_rule_is_against_is_told_alone_in_their_language(stage: Stage, refusal: Refusal) -> None:
    stage.control.refusal = refusal
    await stage.press()
    assert told_alone(stage.answers) == notice(WORDS.problem(refusal))


async def test_a_database_that_is_gone_is_told(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.control.failing = StorageError("gone")
    await stage.press()
    assert told_alone(stage.answers) == notice(WORDS.problem(Trouble.STORAGE))
    assert "could not be acted on" in caplog.text


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError(), ConnectionResetError(), TimeoutError()])
async def test_somebody_who_can_not_be_told_is_no_fault(stage: Stage, error: Exception) -> None:
    stage.control.refusal = PressRefusal.OVER
    stage.answers.failing = error
    await stage.press()
    assert len(stage.control.presses) == 1
