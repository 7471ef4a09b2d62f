"""What is learnt of how models count tokens: from which answers, for which model, and when it is written down."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.calibration import FRAME, Calibration, Known, ModelName
from bot.domain.model.events import Failure, Finish, FinishReason, ModelEvent, TextDelta, Usage
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.model.tokens import Writing, estimate_tokens
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError, StorageError
from bot.services.background import going_on
from bot.services.model.metering import KEEP_S, MOST_MODELS, Metering
from bot.services.model.registry import Models
from tests.fakes.asks import ask
from tests.fakes.clock import FakeClock, settle
from tests.fakes.houses.bank import ANNS, DONE, Bank
from tests.fakes.houses.house import cancel, kept_turn
from tests.fakes.houses.studio import FOX, Studio
from tests.fakes.model import FakeModel
from tests.fakes.reply.replies import FakeSink
from tests.fakes.stores.calibrations import FakeCalibrationStore

THAI = "วันนี้อากาศดีมาก" * 40
FUSION = ModelName(provider="fusion")
OPENAI = ModelName(provider="chat_completions", model="local")
GONE = StorageError("the disk is gone")


class Stage:
    """A metering of two endpoints, over a store in memory."""

    def __init__(self) -> None:
        self.store = FakeCalibrationStore()
        self.models = Models(
            {"fusion": FakeModel(), "chat_completions": FakeModel()},
            default="fusion",
            chat_models={"chat_completions": "local"},
        )
        self.clock = FakeClock()
        self.metering = self.restarted()

    def restarted(self) -> Metering:
        return Metering(self.store, self.models, self.clock)

    def hears(self, *, times: int = 10, tokens: int = 1000, **changes: object) -> None:
        """Hear answers to prompts of several lengths, of which ``THAI`` alone has so many tokens."""
        for number in range(times):
            length = 1 + number * 3 % 5
            self.metering.note(request(length, **changes), DONE, Usage(prompt_tokens=tokens * length))


def request(length: int = 1, **changes: object) -> ModelRequest:
    messages = (PromptMessage(role=Role.USER, content=THAI * length),)
    return ModelRequest(**{"mode": Mode.CHAT, "messages": messages, "user_key": "k", **changes})  # type: ignore[arg-type]  # fields of ModelRequest


def test_a_model_s_answers_teach_how_it_counts() -> None:
    stage = Stage()
    stage.hears(tokens=1000)
    assert stage.metering.counter("", "")(THAI) == pytest.approx(1000, rel=0.1)
    assert stage.metering.counter("fusion", "any name")(THAI) == stage.metering.counter("operator", "")(THAI)
    assert stage.metering.counter("chat_completions", "") is estimate_tokens


def test_each_model_of_an_endpoint_counts_by_itself() -> None:
    stage = Stage()
    stage.hears(tokens=1000, provider="chat_completions")
    stage.hears(tokens=300, provider="chat_completions", chat_model="other")
    for name in ("", "local"):
        assert stage.metering.counter("chat_completions", name)(THAI) == pytest.approx(1000, rel=0.1)
    assert stage.metering.counter("chat_completions", "other")(THAI) == pytest.approx(300, rel=0.1)
    assert stage.metering.counter("fusion", "") is estimate_tokens


@pytest.mark.parametrize(
    ("ended", "usage", "changes"),
    [
        (DONE, Usage(), {}),
        (DONE, Usage(completion_tokens=50, total_tokens=50), {}),
        (DONE, Usage(prompt_tokens=1000, pictures=1), {}),
        (DONE, Usage(prompt_tokens=1000), {"certain": True}),
        (DONE, Usage(prompt_tokens=1000), {"mode": Mode.DRAW}),
        (DONE, Usage(prompt_tokens=10**9), {}),
        (Finish(reason=FinishReason.FILTERED), Usage(prompt_tokens=1000), {}),
        (Failure(error=ProviderError(ErrorKind.NETWORK)), Usage(prompt_tokens=1000), {}),
        (None, Usage(prompt_tokens=1000), {}),
    ],
    ids=["no usage", "no prompt", "a picture", "to draw", "drawn", "nonsense", "filtered", "failed", "stopped"],
)
def test_what_does_not_count_one_prompt_teaches_nothing(
    ended: ModelEvent | None, usage: Usage, changes: dict[str, Any]
) -> None:
    stage = Stage()
    stage.metering.note(request(**changes), ended, usage)
    assert stage.metering.of("", "") == Calibration()


@pytest.mark.parametrize("reason", [FinishReason.STOP, FinishReason.LENGTH, FinishReason.CUT, FinishReason.UNKNOWN])
def test_an_answer_that_broke_off_has_told_its_prompt_all_the_same(reason: FinishReason) -> None:
    stage = Stage()
    stage.metering.note(request(), Finish(reason=reason), Usage(prompt_tokens=1000))
    assert stage.metering.of("", "") != Calibration()


async def test_what_is_learnt_is_there_after_a_restart() -> None:
    stage = Stage()
    stage.hears()
    await stage.metering.keep()
    again = stage.restarted()
    await again.load()
    assert again.counter("", "")(THAI) == pytest.approx(stage.metering.counter("", "")(THAI), rel=0.03)
    assert set(stage.store.kept) == {FUSION}


async def test_it_is_written_once_in_a_while_and_only_if_it_has_changed() -> None:
    stage = Stage()
    async with going_on(stage.metering.keep_up(), "metering"):
        await asyncio.sleep(KEEP_S * 3)
        assert stage.store.writes == []
        stage.hears(times=30)
        assert stage.store.writes == []
        await asyncio.sleep(KEEP_S * 3)
        assert len(stage.store.writes) == 1
        stage.hears(times=30)
        await asyncio.sleep(KEEP_S * 3)
        assert len(stage.store.writes) <= 2
        stage.hears(times=30)
        stage.hears(times=30)
        before = len(stage.store.writes)
        await asyncio.sleep(KEEP_S * 3)
        assert len(stage.store.writes) == before


async def test_only_what_a_talk_has_is_written() -> None:
    stage = Stage()
    stage.hears()
    await stage.metering.keep()
    (written,) = stage.store.writes
    assert Writing.THAI in written[FUSION]
    assert not {Writing.GREEK, Writing.HANGUL, Writing.DIGITS} & set(written[FUSION])


async def test_while_the_database_is_away_what_is_learnt_holds_and_is_written_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    stage.store.kept = {OPENAI: {Writing.THAI: Known(value=2.0, doubt=0.1)}, FUSION: {FRAME: Known(value=9, doubt=9)}}
    stage.store.failing = GONE
    with caplog.at_level(logging.WARNING):
        await stage.metering.load()
        stage.hears()
        await stage.metering.keep()
        await stage.metering.keep()
    assert len(caplog.records) == 1
    assert stage.metering.counter("", "")(THAI) == pytest.approx(1000, rel=0.1)
    stage.store.failing = None
    await stage.metering.keep()
    assert stage.metering.of("chat_completions", "").terms[Writing.THAI].value == 2.0
    assert stage.store.kept[FUSION][Writing.THAI].value == pytest.approx(1000 / estimate_tokens(THAI), rel=0.1)


async def test_the_models_that_are_remembered_are_bounded() -> None:
    stage = Stage()
    for number in range(MOST_MODELS + 10):
        stage.hears(times=1, provider="chat_completions", chat_model=f"m{number}")
        await stage.metering.keep()
    assert len(stage.store.kept) == MOST_MODELS
    assert stage.metering.of("chat_completions", "m0") == Calibration()
    assert stage.metering.of("chat_completions", f"m{MOST_MODELS + 9}") != Calibration()


async def taught(**operator: object) -> Bank:
    """Let a house hear ten answers, in a channel that is empty again afterwards."""
    house = Bank(operator=operator)
    for number in range(10):
        length = 1 + number * 3 % 5
        told = Usage(prompt_tokens=1000 * length, total_tokens=1000 * length + 1)
        await house.asks(ask(5000 + 10 * number, THAI * length), TextDelta(text="Hi"), told, DONE)
        house.history.messages.clear()
    return house


async def test_a_quota_reserves_what_was_learnt() -> None:
    house = await taught(person_tokens_a_day=1_000_000)
    await house.asks(ask(5900, THAI), TextDelta(text="Hi"), DONE)
    first, last = house.usage.asked[0].demand.prompt_tokens, house.usage.asked[-1].demand.prompt_tokens
    assert first == pytest.approx(estimate_tokens(THAI), rel=0.05)
    assert last == pytest.approx(1000, rel=0.1)


async def test_what_an_endpoint_does_not_tell_is_counted_by_what_was_learnt() -> None:
    house = await taught()
    house.usage.used.clear()
    await house.asks(ask(5900, THAI), TextDelta(text=THAI), DONE)
    used = house.usage.used[ANNS]
    assert used.prompt_tokens == pytest.approx(1000, rel=0.1)
    assert used.completion_tokens == pytest.approx(1000, rel=0.1)


async def test_a_turn_that_a_kill_ended_is_counted_by_what_was_learnt() -> None:
    house = await taught(person_tokens_a_day=1_000_000)
    house.model.script(asyncio.Event())
    task = asyncio.create_task(house.chat.respond(ask(5900, THAI), FakeSink()))
    await settle()
    house.usage.used.clear()
    await house.quota.settle_orphan(kept_turn(5900, prompt=THAI, text=THAI, state=TurnState.STREAMING))
    assert house.usage.used[ANNS].completion_tokens == pytest.approx(1000, rel=0.1)
    await cancel(task)


@pytest.mark.parametrize(("learnt", "held"), [(False, 6), (True, 2)], ids=["by the estimate", "by what was learnt"])
async def test_a_prompt_has_as_much_of_the_history_as_is_known_to_fit(learnt: bool, held: int) -> None:
    house = await taught(context_tokens=2700) if learnt else Bank(operator={"context_tokens": 2700})
    for number in range(8):
        await house.asks(ask(6000 + 10 * number, THAI), TextDelta(text="Hi"), DONE)
    assert "".join(text for _, text in house.sent).count(THAI) == held


@pytest.mark.parametrize(("learnt", "held"), [(False, 6), (True, 2)], ids=["by the estimate", "by what was learnt"])
async def test_a_talk_that_is_drawn_again_has_as_much_of_it_as_is_known_to_fit(learnt: bool, held: int) -> None:
    studio = Studio(context_tokens=2700)
    for number in range(10 if learnt else 0):
        length = 1 + number * 3 % 5
        studio.services.metering.note_prompt(request(length), 1000 * length)
    for number in range(8):
        studio.keep_turn(kept_turn(4000 + 10 * number, prompt=THAI, text="Hi", reply_ids=(4005 + 10 * number,)))
    studio.keep_turn(kept_turn(5000, prompt=THAI, text="", reply_ids=(9000,)))
    studio.keep_drawing(5000, 9000, prompt=THAI)
    studio.model.script(*FOX)
    await studio.draws(9500, THAI, wish=DrawWish(seed=77, origin=Origin(channel_id=1000, message_id=9000)))
    assert "".join(text for _, text in studio.sent).count(THAI) == held
