"""What every ``DrawingStore`` keeps to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.drawing.wish import DrawWish
from bot.domain.picture.parameters import DrawingParameters, Size
from bot.domain.picture.ports import DrawingStore
from bot.domain.turn.ports import TurnStore
from bot.domain.turn.record import TurnState
from tests.contract.samples import HARD_TEXTS, LARGEST, LATER, START, drawing, prompt_of, turn


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


async def test_gives_back_what_is_known_of_a_picture_that_is_not_delivered_yet(drawings: DrawingStore) -> None:
    made = replace(
        drawing(1), message_id=None, guild_id=LARGEST, asker_id=8, took_s=12.5, stored="1-0.png", spoiler=True
    )
    await drawings.add(made)
    assert await drawings.by_turn(1) == (made,)
    assert await drawings.by_message(50) == ()
    delivered = replace(made, message_id=50)
    await drawings.add(delivered)
    assert await drawings.by_turn(1) == await drawings.by_message(50) == (delivered,)


async def test_drawings_of_a_turn_come_by_index(drawings: DrawingStore) -> None:
    for index in (2, 0, 1):
        await drawings.add(drawing(1, index))
    await drawings.add(drawing(2))
    assert await drawings.by_turn(1) == (drawing(1, 0), drawing(1, 1), drawing(1, 2))
    assert await drawings.by_turn(3) == ()


async def test_tells_how_long_the_newest_drawings_like_one_took(drawings: DrawingStore) -> None:
    like = DrawingParameters(model="M", size=Size(width=960, height=960), steps=40)
    others = [
        (1.0, like, 0),
        (2.0, replace(like, size=Size(width=900, height=1000), steps=45), 10),
        (3.0, replace(like, steps=50, seed=7, scale=1), 20),
        (None, like, 30),
        (5.0, replace(like, model="another"), 40),
        (6.0, replace(like, size=Size(width=640, height=640)), 50),
        (7.0, replace(like, steps=80), 60),
        (8.0, like, -1000),
    ]
    for number, (took_s, parameters, after_s) in enumerate(others):
        made = replace(drawing(number), took_s=took_s, parameters=parameters)
        await drawings.add(replace(made, created_at=START + timedelta(seconds=after_s)))
    assert await drawings.took(like, since=START, limit=15) == (3.0, 2.0, 1.0)
    assert await drawings.took(like, since=START, limit=2) == (3.0, 2.0)
    assert await drawings.took(like, since=LATER, limit=15) == ()


async def test_names_the_models_that_a_user_or_a_guild_used_lately(drawings: DrawingStore) -> None:
    used = [("A", 1, 7), ("B", 2, 7), ("C", 2, 8), ("A", 2, 8), ("D", 1, None)]
    for number, (model, asker_id, guild_id) in enumerate(used):
        parameters = replace(drawing(1).parameters, model=model)
        made = replace(drawing(number, prompt=""), parameters=parameters, asker_id=asker_id, guild_id=guild_id)
        await drawings.add(replace(made, created_at=START + timedelta(seconds=number)))
    assert await drawings.models(asker_id=1, guild_id=7, limit=9) == ("D", "B", "A")
    assert await drawings.models(asker_id=1, guild_id=None, limit=9) == ("D", "A")
    assert await drawings.models(asker_id=2, guild_id=None, limit=2) == ("A", "C")


async def test_a_model_of_a_private_drawing_is_named_to_its_asker_alone(drawings: DrawingStore) -> None:
    parameters = replace(drawing(1).parameters, model="Secret")
    await drawings.add(replace(drawing(1), parameters=parameters, asker_id=1, guild_id=7, private=True))
    assert await drawings.models(asker_id=1, guild_id=7, limit=9) == ("Secret",)
    assert await drawings.models(asker_id=2, guild_id=7, limit=9) == ()
    assert (await drawings.by_turn(1))[0].private


async def test_forgets_the_drawings_of_turns_and_names_their_files(drawings: DrawingStore) -> None:
    for turn_id in (1, 2, 3):
        for index in (0, 1):
            stored = f"{turn_id}-{index}.png" if index else None
            await drawings.add(replace(drawing(turn_id, index), stored=stored))
    assert set(await drawings.remove((1, 3, 9))) == {"1-1.png", "3-1.png"}
    assert await drawings.remove((1, 3)) == ()
    assert await drawings.by_turn(1) == ()
    assert len(await drawings.by_turn(2)) == 2


async def test_forgets_thousands_at_once(drawings: DrawingStore) -> None:
    for turn_id in range(5):
        await drawings.add(replace(drawing(turn_id * 300), stored=f"{turn_id}.png"))
    assert len(await drawings.remove(tuple(range(1300)))) == 5


async def test_knows_whose_bytes_are_kept(drawings: DrawingStore) -> None:
    for turn_id in (1, 2, 3):
        await drawings.add(replace(drawing(turn_id), stored=f"{turn_id}.png"))
    await drawings.add(drawing(4))
    await drawings.released({"1.png": 1, "2.png": 3, "9.png": 9})
    await drawings.released({})
    assert [one.stored for one in await drawings.stored()] == ["2.png", "3.png"]
    assert (await drawings.by_turn(1))[0].stored is None


async def test_a_turn_that_is_forgotten_takes_its_drawings_with_it(turns: TurnStore, drawings: DrawingStore) -> None:
    for turn_id in (1, 2):
        kept = replace(turn(turn_id, state=TurnState.COMPLETE), wish=DrawWish(model="M"))
        await turns.create(kept, prompt_of(kept))
        await drawings.add(drawing(turn_id))
    await turns.forget((1,))
    assert await drawings.by_turn(1) == ()
    assert await drawings.by_turn(2) == (drawing(2),)
    forgotten = await turns.get(1)
    assert forgotten is not None
    assert (forgotten.prompt, forgotten.wish) == ("", None)
