"""What every ``DrawingStore`` keeps to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.drawings import DrawingParameters
from bot.domain.ports import DrawingStore
from tests.contract.samples import HARD_TEXTS, LARGEST, drawing


async def test_gives_back_a_drawing_with_every_field(drawings: DrawingStore) -> None:
    whole = replace(drawing(LARGEST, 3, message_id=LARGEST - 1), channel_id=LARGEST - 2)
    await drawings.add(whole)
    assert await drawings.by_message(LARGEST - 1) == (whole,)
    assert await drawings.by_message(LARGEST) == ()


async def test_gives_back_the_default_recipe(drawings: DrawingStore) -> None:
    plain = replace(drawing(1), parameters=DrawingParameters())
    await drawings.add(plain)
    assert await drawings.by_message(50) == (plain,)


async def test_keeps_a_seed_of_64_bits(drawings: DrawingStore) -> None:
    large = replace(drawing(1), parameters=replace(drawing(1).parameters, seed=LARGEST))
    await drawings.add(large)
    assert await drawings.by_message(50) == (large,)


async def test_drawings_of_a_message_come_by_index(drawings: DrawingStore) -> None:
    for index in (2, 0, 1):
        await drawings.add(drawing(1, index))
    await drawings.add(drawing(2, message_id=51))
    assert await drawings.by_message(50) == (drawing(1, 0), drawing(1, 1), drawing(1, 2))


async def test_a_drawing_that_is_there_is_replaced(drawings: DrawingStore) -> None:
    await drawings.add(drawing(1))
    other = replace(
        drawing(1, message_id=51, prompt="a hare"), parameters=DrawingParameters(), filename="b.png", channel_id=9
    )
    await drawings.add(other)
    assert await drawings.by_message(50) == ()
    assert await drawings.by_message(51) == (other,)


@pytest.mark.parametrize("text", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
async def test_hard_prompts_come_back_as_they_were(drawings: DrawingStore, text: str) -> None:
    await drawings.add(drawing(1, prompt=text))
    assert await drawings.by_message(50) == (drawing(1, prompt=text),)


async def test_a_prompt_that_no_database_takes_is_made_storable(drawings: DrawingStore) -> None:
    await drawings.add(drawing(1, prompt="a\x00b"))
    assert await drawings.by_message(50) == (drawing(1, prompt="ab"),)
