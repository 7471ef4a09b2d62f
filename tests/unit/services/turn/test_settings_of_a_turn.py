"""A turn looks its settings up once, and is answered under those that it was admitted under."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.model.events import DrawingIntent, Finish, FinishReason, PictureUrl, TextDelta
from bot.domain.model.request import Mode
from bot.domain.settings.choices import Listening
from bot.domain.settings.scopes import Actor, Target
from bot.domain.turn.ask import Ask
from bot.services.settings.service import SettingsService
from tests.fakes.answers import hello_when
from tests.fakes.asks import ANN, BOB, ask
from tests.fakes.changes import set_one
from tests.fakes.clock import settle
from tests.fakes.houses.house import House, kept_turn
from tests.fakes.model import Step
from tests.fakes.reply.replies import FakeSink

DONE = Finish(reason=FinishReason.STOP)
HI: tuple[Step, ...] = (TextDelta(text="Hi"), DONE)
FOX: tuple[Step, ...] = (PictureUrl(url="http://h/fox"), DONE)
LOOK_UPS = ("in_force", "of_turn", "explain_at", "set_at")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look-up of settings, by the name of the method."""
    seen: list[str] = []

    def counted(name: str) -> Any:
        look_up = getattr(SettingsService, name)

        async def count(self: SettingsService, *arguments: Any, **options: Any) -> Any:
            seen.append(name)
            return await look_up(self, *arguments, **options)

        return count

    for name in LOOK_UPS:
        monkeypatch.setattr(SettingsService, name, counted(name))
    return seen


async def opened(ask: Ask) -> Ask:
    return replace(ask, place=replace(ask.place, channel_id=ask.id, parent_id=ask.place.channel_id))


@pytest.mark.parametrize(
    ("asked", "operator", "answers"),
    [
        ({}, {}, [HI]),
        ({}, {"answer_in_thread": True}, [HI]),
        ({"overheard": True}, {"listening": Listening.ALL, "answer_in_thread": True}, [HI]),
        ({"overheard": True}, {}, []),
        ({}, {"channels_refused": (1000,)}, []),
        ({}, {"person_calls_a_day": 5, "intent_check": "always"}, [(DrawingIntent(), DONE), FOX]),
        ({"mode": Mode.DRAW}, {}, [FOX]),
        ({"mode": Mode.DRAW}, {"drawing_allowed": False}, []),
        ({"text": ""}, {}, []),
    ],
    ids=["mention", "thread", "overheard", "unheard", "refused", "wanted", "draw", "no_drawing", "nothing"],
)
async def test_a_turn_looks_its_settings_up_once(
    looked_up: list[str], asked: dict[str, Any], operator: dict[str, Any], answers: list[tuple[Step, ...]]
) -> None:
    house = House(operator=operator)
    for steps in answers:
        house.model.script(*steps)
    question = ask(**asked)
    if question.mode is Mode.DRAW:
        await house.draw.draw(question, FakeSink())
    else:
        await house.chat.respond(question, FakeSink(), open_thread=opened)
    assert looked_up == ["of_turn"]
    assert len(house.model.requests) == len(answers)


async def test_another_answer_looks_them_up_once_too(looked_up: list[str]) -> None:
    house = House()
    house.keep_turn(kept_turn())
    house.model.script(*HI)
    assert await house.chat.answer_anew(ask(), kept_turn(), FakeSink())
    assert looked_up == ["of_turn"]


async def test_a_turn_is_answered_under_the_settings_that_it_was_admitted_under() -> None:
    house, go = House(), asyncio.Event()
    manager = Actor(user=BOB, guild_id=1, manages_guild=True)
    await set_one(house.settings, Target.guild(1), "persona", "a pirate", manager)
    before = asyncio.create_task(house.runner.run(ask(4000, user=BOB), FakeSink(), hello_when(go)))
    await settle()
    house.model.script(*HI)
    waiting = asyncio.create_task(house.chat.respond(ask(5000, user=ANN), FakeSink()))
    await settle()
    await set_one(house.settings, Target.guild(1), "persona", "a judge", manager)
    await set_one(house.settings, Target.guild(1), "drawing_allowed", "off", manager)
    go.set()
    await asyncio.gather(before, waiting)
    (request,) = house.model.requests
    assert (request.persona, request.draw) == ("a pirate", True)
