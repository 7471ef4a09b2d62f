"""Drawings: several at once, in lines, out of conversations, and again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.bounds import Bounds
from bot.domain.drawing.plan import Clamp
from bot.domain.drawing.wish import DrawWish
from bot.domain.model.events import DrawingIntent, Failure, PictureUrl, TextDelta
from bot.domain.model.messages import Role
from bot.domain.model.ports import Capabilities
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.files import KeptPicture
from bot.domain.picture.parameters import SEED_MAX, DrawingParameters, Size
from bot.domain.reply.controls import Action
from bot.domain.settings.choices import IntentCheck
from bot.domain.settings.scopes import Target
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, Refusal, StopReason, StorageError, Trouble
from tests.fakes.asks import ask
from tests.fakes.clock import settle
from tests.fakes.houses.house import SEED
from tests.fakes.houses.studio import DONE, FOX, Studio
from tests.fakes.reply.replies import FakeReply, FakeSink
from tests.fakes.turns import assert_nothing_left

PAINTERS = [User(id=20 + number, name=f"P{number}") for number in range(4)]


@pytest.fixture
def studio() -> Studio:
    return Studio()


def problem_kind(reply: FakeReply) -> ErrorKind:
    assert isinstance(reply.ending.problem, ProviderError)
    return reply.ending.problem.kind


# --- one picture ---------------------------------------------------------------------------------------------------


async def test_the_card_tells_everything_that_is_needed_to_draw_it_again(studio: Studio) -> None:
    studio.model.script(2.0, *FOX)
    reply = await studio.draws(wish=DrawWish(steps=20))
    card = reply.ending.card
    assert card is not None
    assert (card.prompt, card.asker_id, card.missing) == ("a fox", 11, 0)
    assert card.pictures == (DrawingParameters(steps=20, seed=SEED),)
    assert card.took_s == pytest.approx(2.0, abs=0.1)
    assert studio.seeds == [SEED]
    kept = studio.drawings.drawings[5000, 0]
    assert (kept.message_id, kept.parameters, kept.guild_id, kept.asker_id) == (9000, card.pictures[0], 1, 11)
    assert kept.took_s == pytest.approx(2.0, abs=0.1)
    assert isinstance(reply.ending.pictures[0].picture, KeptPicture)


async def test_the_turn_is_kept_with_the_seed_that_is_drawn_and_a_retry_draws_the_same(studio: Studio) -> None:
    studio.model.script(Failure(error=ProviderError(ErrorKind.TIMEOUT_TOTAL)))
    await studio.draws()
    kept = studio.turns.turns[5000]
    assert kept.wish == DrawWish(seed=SEED)
    studio.random_seed = lambda: 1
    studio.restart()
    studio.model.script(*FOX)
    assert await studio.draw.answer_anew(ask(text="a fox", mode=Mode.DRAW, wish=kept.wish), kept, FakeSink())
    assert studio.seeds == [SEED, SEED]


async def test_a_mention_never_sends_a_random_seed(studio: Studio) -> None:
    studio.model.script(*FOX)
    reply = await studio.asks(ask(text="draw a fox"))
    assert studio.seeds == [SEED]
    assert reply.ending.card is not None
    assert reply.ending.card.pictures[0].seed == SEED
    assert studio.drawings.drawings[5000, 0].parameters.seed == SEED


async def test_ceilings_hold_and_are_told(studio: Studio) -> None:
    studio.operator["max_size"] = Size(width=512, height=512)
    studio.model.script(*FOX)
    reply = await studio.draws()
    assert studio.model.requests[0].drawing.size == Size(width=512, height=512)
    assert reply.ending.card is not None
    assert reply.ending.card.plan.clamps == (Clamp(field="size", asked="960x960", given="512x512"),)


@pytest.mark.parametrize("allowed", [("cheap", "Artist_V0.1.3"), None])
async def test_a_recipe_of_a_model_that_is_not_allowed_is_drawn_with_the_places_own(
    studio: Studio, allowed: tuple[str, ...] | None
) -> None:
    """A wish may come from a card of before, or out of a stranger's PNG, where nobody typed it."""
    studio.operator["drawing_model"] = "cheap"
    if allowed is not None:
        studio.bounds = Bounds(models={"drawing_model": allowed})
    studio.model.script(*FOX)
    reply = await studio.draws(wish=DrawWish(model="dear"))
    expected = "dear" if allowed is None else "cheap"
    assert studio.model.requests[0].drawing.model == expected
    assert reply.ending.card is not None
    noted = () if allowed is None else (Clamp(field="model", asked="dear", given="cheap"),)
    assert reply.ending.card.plan.clamps == noted


async def test_a_place_that_has_chosen_a_model_of_before_falls_back_to_the_default(studio: Studio) -> None:
    studio.operator["drawing_model"] = "cheap"
    studio.bounds = Bounds(models={"drawing_model": ("cheap",), "chat_model": ("small",)})
    studio.kept_settings.values[Target.guild(1), "drawing_model"] = "dear"
    studio.kept_settings.values[Target.user(11), "drawing_model"] = "dearer"
    studio.kept_settings.values[Target.guild(1), "chat_model"] = "large"
    studio.model.script(*FOX)
    await studio.draws()
    (request,) = studio.model.requests
    assert (request.drawing.model, request.chat_model) == ("cheap", "")


async def test_an_age_restricted_place_gets_spoilers(studio: Studio) -> None:
    studio.model.script(*FOX)
    reply = await studio.draws(place=Place(channel_id=1000, guild_id=1, age_restricted=True))
    assert reply.ending.pictures[0].filename.startswith("SPOILER_")
    assert studio.drawings.drawings[5000, 0].spoiler


@pytest.mark.parametrize("private", [False, True])
async def test_a_drawing_is_kept_as_private_as_it_was_asked_for(studio: Studio, private: bool) -> None:
    studio.model.script(*FOX)
    await studio.draws(wish=DrawWish(private=private))
    assert studio.drawings.drawings[5000, 0].private is private


async def test_what_such_drawings_took_lately_is_told(studio: Studio) -> None:
    for number, took_s in enumerate([3.0, 40.0, 5.0]):
        parameters = DrawingParameters(seed=number)
        studio.keep_drawing(number, number, took_s=took_s, parameters=parameters)
    studio.model.script(*FOX)
    reply = await studio.draws()
    assert reply.estimates[0] == 5.0
    studio.model.script(*FOX)
    studio.drawings.failing = StorageError("gone")
    reply = await studio.draws(6000, wish=DrawWish(model="another"))
    assert reply.estimates[0] is None


async def test_the_first_of_such_drawings_tells_the_next_one_how_long_it_takes(studio: Studio) -> None:
    estimates: list[float | None] = []
    for turn_id in (5000, 6000):
        studio.model.script(3.0, *FOX)
        estimates += (await studio.draws(turn_id)).estimates[:1]
    assert estimates == [None, pytest.approx(3.0, abs=0.1)]


async def test_the_name_of_a_model_is_no_way_around_a_forbidden_word(studio: Studio) -> None:
    studio.operator["forbidden_words"] = ("spam",)
    reply = await studio.draws(wish=DrawWish(model="a Spam can"))
    assert reply.ending.problem is Refusal.FORBIDDEN_WORD
    assert studio.model.requests == []


async def test_a_database_that_is_gone_is_told(studio: Studio) -> None:
    studio.fail()
    reply = await studio.draws()
    assert reply.ending.problem is Trouble.STORAGE
    assert studio.model.requests == []


# --- several -------------------------------------------------------------------------------------------------------


async def test_several_pictures_are_drawn_side_by_side_with_seeds_of_their_own(studio: Studio) -> None:
    for number in range(4):
        studio.model.script(3.0, PictureUrl(url=f"http://h/{number}"), DONE)
    reply = await studio.draws(wish=DrawWish(count=4, seed=SEED_MAX))
    assert studio.seeds == [SEED_MAX, 0, 1, 2]
    assert [file.filename for file in reply.ending.pictures] == [f"drawing-5000-{n}.png" for n in (1, 2, 3, 4)]
    assert reply.ending.card is not None
    assert [picture.seed for picture in reply.ending.card.pictures] == [SEED_MAX, 0, 1, 2]
    assert reply.ending.card.took_s < 4
    assert not studio.model.open_streams


async def test_those_that_come_are_delivered_and_the_missing_ones_told(studio: Studio) -> None:
    studio.model.script(*FOX)
    studio.model.script(Failure(error=ProviderError(ErrorKind.CONTENT_FILTERED)))
    studio.model.script(TextDelta(text="no"), DONE)
    reply = await studio.draws(wish=DrawWish(count=3, seed=1))
    assert (reply.ending.state, problem_kind(reply)) == (TurnState.COMPLETE, ErrorKind.CONTENT_FILTERED)
    assert reply.ending.card is not None
    assert (reply.ending.card.missing, [picture.seed for picture in reply.ending.card.pictures]) == (2, [1])
    assert reply.text == ""


async def test_where_none_comes_the_words_for_the_first_fault_and_retry(studio: Studio) -> None:
    studio.model.script(TextDelta(text="I can't."), DONE)
    studio.model.script(Failure(error=ProviderError(ErrorKind.OVERLOADED)))
    reply = await studio.draws(wish=DrawWish(count=2))
    assert (reply.ending.state, problem_kind(reply)) == (TurnState.FAILED, ErrorKind.DRAWING_FAILED)
    assert reply.text == "I can't."
    assert reply.ending.controls is not None
    assert Action.RETRY in reply.ending.controls.actions


async def test_an_endpoint_that_brings_several_in_a_call_is_called_until_there_are_enough(studio: Studio) -> None:
    studio.model.capabilities = Capabilities(intent_check=False, pictures_per_call=4, drawing_fields=frozenset())
    studio.model.script(PictureUrl(url="http://h/1"), PictureUrl(url="http://h/2"), DONE)
    studio.model.script(PictureUrl(url="http://h/3"), DONE)
    reply = await studio.draws(wish=DrawWish(count=3, steps=9))
    assert len(studio.model.requests) == 2
    assert len(reply.ending.pictures) == 3
    assert reply.ending.card is not None
    assert (reply.ending.card.missing, reply.ending.card.plan.unused) == (0, ("steps",))
    # What the endpoint did not heed is not told as if the pictures were made so.
    assert [line.text for line in studio.history.messages.values() if line.role is Role.ASSISTANT] == ["a fox"]


async def test_stop_ends_the_calls_at_once_and_keeps_what_came(studio: Studio) -> None:
    studio.model.script(*FOX)
    studio.model.script(asyncio.Event())
    task = asyncio.create_task(studio.draws(wish=DrawWish(count=2, seed=1)))
    await asyncio.sleep(1)
    assert studio.coordinator.stop(5000, StopReason.ASKED)
    reply = await task
    assert studio.model.open_streams == 0
    assert (reply.ending.state, reply.ending.problem) == (TurnState.STOPPED, Trouble.STOPPED)
    assert len(reply.ending.pictures) == 1
    assert reply.ending.card is not None
    assert reply.ending.card.missing == 1
    assert studio.drawings.drawings[5000, 0].message_id == 9000


async def test_what_came_before_the_bot_had_to_stop_is_delivered(studio: Studio) -> None:
    studio.model.script(*FOX)
    studio.model.script(asyncio.Event())
    replies: list[FakeReply] = []
    sink = FakeSink(prepare=replies.append)
    asked = ask(5000, "a fox", mode=Mode.DRAW, wish=DrawWish(count=2))
    task = asyncio.create_task(studio.draw.draw(asked, sink))
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait((task,))
    ending = replies[0].ending
    assert (ending.state, ending.problem, len(ending.pictures)) == (TurnState.INTERRUPTED, Trouble.INTERRUPTED, 1)
    assert studio.turns.turns[5000].state is TurnState.INTERRUPTED


async def test_a_picture_that_is_being_kept_when_the_stop_comes_is_delivered(studio: Studio) -> None:
    reached, go = asyncio.Event(), asyncio.Event()
    write = studio.files.write

    async def slowly(name: str, pieces: Sequence[bytes | memoryview]) -> Path:
        reached.set()
        await go.wait()
        return await write(name, pieces)

    studio.files.write = slowly  # type: ignore[method-assign]  # a disk that takes its time
    studio.model.script(*FOX)
    task = asyncio.create_task(studio.draws())
    await reached.wait()
    assert studio.coordinator.stop(5000, StopReason.ASKED)
    await settle()
    go.set()
    reply = await task
    assert (reply.ending.state, len(reply.ending.pictures)) == (TurnState.STOPPED, 1)
    assert studio.drawings.drawings[5000, 0].message_id == 9000


# --- lines ---------------------------------------------------------------------------------------------------------


async def test_forty_people_of_one_channel_who_draw_at_once_are_all_served_in_fair_order(studio: Studio) -> None:
    for _ in range(40):
        studio.model.script(1.0, *FOX)
    tasks = [
        asyncio.create_task(studio.draws(5000 + number, user=User(id=number, name=f"P{number}")))
        for number in range(1, 41)
    ]
    await settle()
    assert len(studio.model.requests) == 4
    replies = [await task for task in tasks]
    assert all(len(reply.ending.pictures) == 1 for reply in replies)
    assert max(max(reply.places, default=0) for reply in replies) == 36
    assert replies[-1].places == [36, *range(35, -1, -1)]
    assert_nothing_left(studio.coordinator)


async def test_drawings_do_not_wait_for_talk_nor_talk_for_drawings(studio: Studio) -> None:
    hold = asyncio.Event()
    studio.model.script(hold, TextDelta(text="Hi"), DONE)
    talk = asyncio.create_task(studio.asks(ask(4000, "hello")))
    await settle()
    studio.model.script(*FOX)
    assert len((await studio.draws()).ending.pictures) == 1
    hold.set()
    await talk


async def test_who_waits_in_line_can_stop_and_the_line_can_be_full(studio: Studio) -> None:
    hold = asyncio.Event()
    tasks = []
    for number in range(2 + 10):  # a user has half of the places at most
        studio.model.script(hold, *FOX)
        tasks.append(asyncio.create_task(studio.draws(5000 + number)))
        await settle()
    assert studio.coordinator.queue_full(ask().place, 11)
    assert not studio.coordinator.queue_full(ask().place, 12)
    reply = await studio.draws(5900)
    assert reply.ending.problem is Refusal.BUSY
    assert studio.coordinator.stop(5011, StopReason.ASKED)
    assert (await tasks.pop()).ending.state is TurnState.STOPPED
    hold.set()
    await asyncio.gather(*tasks)
    assert_nothing_left(studio.coordinator)


async def test_a_question_that_wants_a_drawing_waits_in_that_line_too(studio: Studio) -> None:
    studio.operator["intent_check"] = IntentCheck.ALWAYS
    hold = asyncio.Event()
    for _ in range(4):
        studio.model.script(hold, *FOX)
    drawing = [asyncio.create_task(studio.draws(5000 + number, user=PAINTERS[number])) for number in range(4)]
    await settle()
    studio.model.script(DrawingIntent(), DONE)
    asking = asyncio.create_task(studio.asks(ask(6000, "draw a fox")))
    await settle()
    assert len(studio.model.requests) == 5
    studio.model.script(*FOX)
    hold.set()
    reply = await asking
    assert reply.places == [1, 0]
    assert len(reply.ending.pictures) == 1
    await asyncio.gather(*drawing)
    assert_nothing_left(studio.coordinator)


async def test_a_question_that_waits_to_be_drawn_can_be_stopped(studio: Studio) -> None:
    studio.operator["intent_check"] = IntentCheck.ALWAYS
    hold = asyncio.Event()
    for _ in range(4):
        studio.model.script(hold, *FOX)
    drawing = [asyncio.create_task(studio.draws(5000 + number, user=PAINTERS[number])) for number in range(4)]
    await settle()
    studio.model.script(DrawingIntent(), DONE)
    asking = asyncio.create_task(studio.asks(ask(6000, "draw a fox")))
    await settle()
    assert studio.coordinator.stop(6000, StopReason.ASKED)
    assert (await asking).ending.state is TurnState.STOPPED
    hold.set()
    await asyncio.gather(*drawing)
    assert_nothing_left(studio.coordinator)


async def test_a_question_that_waits_to_be_drawn_is_told_that_the_bot_stops(studio: Studio) -> None:
    studio.operator["intent_check"] = IntentCheck.ALWAYS
    for _ in range(4):
        studio.model.script(1.0, *FOX)
    drawing = [asyncio.create_task(studio.draws(5000 + number, user=PAINTERS[number])) for number in range(4)]
    await settle()
    studio.model.script(DrawingIntent(), DONE)
    asking = asyncio.create_task(studio.asks(ask(6000, "draw a fox")))
    await settle()
    await studio.coordinator.drain(grace_s=20, stop_s=5)
    assert (await asking).ending.problem is Refusal.CLOSING
    assert [len(reply.ending.pictures) for reply in await asyncio.gather(*drawing)] == [1] * 4
