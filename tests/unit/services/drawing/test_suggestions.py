"""What is suggested while somebody fills in a drawing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.bounds import Bounds
from bot.domain.people import Place, User
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import DrawingParameters, Size
from bot.services.drawing.suggestions import FRESH_S, KNOWN_MODELS, REMEMBERED, SUGGESTIONS, DrawSuggestions
from tests.fakes.asks import ANN, BOB, HERE
from tests.fakes.clock import START
from tests.fakes.houses.house import House


class Counter(House):
    """A house whose database is counted at."""

    def __init__(self, **operator: Any) -> None:
        super().__init__(operator=operator)
        self.reads = 0
        self.slow_s = 0.0
        self.suggestions = DrawSuggestions(self, self.settings, self.clock)  # type: ignore[arg-type]  # it has the one method

    def drawn(self, number: int, model: str, *, asker_id: int = ANN.id, guild_id: int | None = 1) -> None:
        self.drawings.drawings[number, 0] = Drawing(
            turn_id=number,
            index=0,
            channel_id=1000,
            message_id=number,
            prompt="a fox",
            parameters=DrawingParameters(model=model),
            filename="x.png",
            created_at=START.replace(minute=number % 60),
            guild_id=guild_id,
            asker_id=asker_id,
        )

    async def models(self, **wanted: Any) -> tuple[str, ...]:
        self.reads += 1
        await asyncio.sleep(self.slow_s)
        return await self.drawings.models(**wanted)


@pytest.fixture
async def counter() -> Counter:
    return Counter()


async def test_models_that_the_operator_does_not_allow_are_not_suggested(counter: Counter) -> None:
    counter.bounds = Bounds(models={"drawing_model": ("b", "House Style")})
    counter.suggestions = DrawSuggestions(counter, counter.settings, counter.clock)  # type: ignore[arg-type]  # as above
    counter.drawn(1, "House Style")
    counter.drawn(2, "Dear")
    assert await counter.suggestions.models(HERE, ANN, "") == ("House Style", "b")


async def test_models_in_use_come_first_then_the_known_ones(counter: Counter) -> None:
    counter.drawn(1, "House Style")
    counter.drawn(2, "Artist_V0.1.3", asker_id=BOB.id)
    counter.drawn(3, "Elsewhere", asker_id=BOB.id, guild_id=2)
    found = await counter.suggestions.models(HERE, ANN, "")
    assert found == ("Artist_V0.1.3", "House Style", *KNOWN_MODELS[1:])
    assert await counter.suggestions.models(HERE, ANN, " HOUSE ") == ("House Style",)
    assert await counter.suggestions.models(HERE, ANN, "nothing like it") == ()


async def test_there_are_never_more_than_discord_takes(counter: Counter) -> None:
    for number in range(40):
        counter.drawn(number, f"Model {number}")
    assert len(await counter.suggestions.models(HERE, ANN, "")) == SUGGESTIONS
    assert len(await counter.suggestions.sizes(HERE, ANN, "")) <= SUGGESTIONS


async def test_each_letter_that_is_typed_does_not_ask_the_database(counter: Counter) -> None:
    for typed in ("", "a", "ar", "art"):
        await counter.suggestions.models(HERE, ANN, typed)
    assert counter.reads == 1
    counter.drawn(1, "Fresh")
    await counter.clock.sleep(FRESH_S + 1)
    assert "Fresh" in await counter.suggestions.models(HERE, ANN, "")
    for number in range(REMEMBERED + 5):
        await counter.suggestions.models(HERE, User(id=1000 + number, name="x"), "")
    assert len(counter.suggestions._lately) == REMEMBERED


@pytest.mark.parametrize("slow", [True, False])
async def test_a_database_that_is_slow_or_gone_is_not_waited_for(counter: Counter, slow: bool) -> None:
    if slow:
        counter.slow_s = 60.0
    else:
        counter.fail()
    assert await counter.suggestions.models(HERE, ANN, "") == KNOWN_MODELS


async def test_sizes_are_those_of_the_place_and_the_one_that_is_typed(counter: Counter) -> None:
    assert (await counter.suggestions.sizes(HERE, ANN, "100 × 200"))[0] == Size(width=100, height=200)
    assert await counter.suggestions.sizes(HERE, ANN, "640x") == (
        Size(width=640, height=640),
        Size(width=640, height=960),
    )
    assert (await counter.suggestions.sizes(HERE, ANN, "960x960")).count(Size(width=960, height=960)) == 1
    assert await counter.suggestions.sizes(HERE, ANN, "9x9x9") == ()
    tall = await counter.suggestions.sizes(
        HERE, ANN, "Tall", named=lambda size: "tall" if size.height > size.width else "-"
    )
    assert [str(size) for size in tall] == ["512x768", "640x960", "768x1152", "1024x1536"]
    small = Counter(max_size=Size(width=640, height=640))
    assert await small.suggestions.sizes(Place(channel_id=1), ANN, "") == (
        Size(width=512, height=512),
        Size(width=640, height=640),
    )
