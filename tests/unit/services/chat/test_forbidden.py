"""Forbidden words in what goes along with a question: kept lines, threads' starters, replied-to messages, names."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.history.messages import HistoryMessage, Kind
from bot.domain.model.messages import Role
from bot.domain.people import Place
from bot.domain.reply.controls import Action
from bot.domain.turn.ask import Reference
from bot.domain.turn.forbidden import has_forbidden_word
from bot.errors import Refusal
from bot.services.turn import filter as word_filter
from bot.services.turn.presses import Press
from tests.fakes.asks import ANN, BOB, HERE, ME, ask, referred, said
from tests.fakes.houses.bank import HI, Bank
from tests.fakes.houses.house import kept_turn
from tests.fakes.houses.studio import FOX, Studio

THREAD = Place(channel_id=2000, guild_id=1, parent_id=1000)
OTHER = replace(BOB, id=13, name="Spam Inc")


@pytest.fixture
def house() -> Bank:
    return Bank(operator={"forbidden_words": ("spam",)})


def sent(house: Bank | Studio) -> str:
    """All that the newest request says."""
    return "\n".join(text for _, text in house.sent)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param((said(2000, "Spam, said to nobody"),), id="a message that was kept"),
        pytest.param((said(1990, "what is spam?"), said(2000, "a can", user=ME, reply_to=1990)), id="an answer"),
    ],
)
async def test_a_kept_starter_of_a_thread_with_a_forbidden_word_is_left_out(
    house: Bank, kept: tuple[HistoryMessage, ...]
) -> None:
    house.keep(*kept)
    await house.asks(ask(5000, "answer the question at the top", place=THREAD), *HI)
    assert house.sent == [(Role.USER, "answer the question at the top")]
    held = [line.text for (channel, _), line in sorted(house.history.messages.items()) if channel == 2000]
    assert held == [""] * len(kept) + ["answer the question at the top", "Hi"]


async def test_a_starter_from_discord_with_a_forbidden_word_is_neither_kept_nor_sent(house: Bank) -> None:
    house.starters.found = referred(2000, "all about S\u200bpam")
    await house.asks(ask(5000, "answer the question at the top", place=THREAD), *HI)
    await house.asks(ask(5010, "and again", place=THREAD), *HI)
    assert "pam" not in sent(house)
    assert all("pam" not in line.text for line in house.history.messages.values())
    assert house.starters.asked == [2000], "it is not looked for at every question"


async def test_a_line_that_was_kept_before_a_word_was_forbidden_is_not_sent_nor_what_answered_it() -> None:
    house = Bank()
    await house.asks(ask(5000, "first"), *HI)
    await house.asks(ask(5010, "spam?"), *HI)
    house.operator["forbidden_words"] = ("spam",)
    await house.asks(ask(5020, "third"), *HI)
    assert house.sent == [(Role.USER, "first"), (Role.ASSISTANT, "Hi"), (Role.USER, "third")]
    house.operator["forbidden_words"] = ()
    await house.asks(ask(5030, "fourth"), *HI)
    assert "spam?" in sent(house), "what is kept stays"


async def test_what_the_bot_itself_said_is_nobody_s_words(house: Bank) -> None:
    house.keep(said(10, "a can?"), said(11, "spam", user=ME, reply_to=10))
    await house.asks(ask(5000, "yes"), *HI)
    assert (Role.ASSISTANT, "spam") in house.sent


@pytest.mark.parametrize(
    "line",
    [
        said(11, "a can of spam, 960x960", user=ME, reply_to=10, kind=Kind.DRAWING),
        said(11, "Look!", user=ME, reply_to=10, drawn="a can of spam, 960x960"),
        said(11, "Look!\n(I drew a picture on 2026-01-01 and sent it: spam)", user=ME, reply_to=10),
    ],
    ids=["a drawing", "words and a drawing", "as an older release kept it"],
)
async def test_the_prompt_of_a_drawing_is_somebody_s_words(house: Bank, line: HistoryMessage) -> None:
    house.keep(said(10, "draw it"), line)
    await house.asks(ask(5000, "nice"), *HI)
    assert "spam" not in sent(house)
    assert "draw it" in sent(house)


async def test_a_name_with_a_forbidden_word_is_not_sent(house: Bank) -> None:
    house.keep(said(10, "hello", user=OTHER))
    reference = Reference(id=9, author=OTHER, text="a riddle", from_bot=False, created_at=ask().created_at)
    await house.asks(ask(5000, "well?", reference=reference), *HI)
    assert "Spam" not in sent(house)
    assert "a riddle" in sent(house)
    assert "Someone: hello" in sent(house)
    await house.asks(ask(5010, "me too", user=OTHER), *HI)
    assert "Spam" not in sent(house), "nobody is refused for their name, and it goes to no model"


@pytest.mark.parametrize("forbidden", [True, False])
async def test_a_retry_does_not_send_what_it_replied_to_where_that_is_forbidden_by_now(forbidden: bool) -> None:
    house = Bank(operator={"forbidden_words": ("spam",) if forbidden else (), "context_messages": 1})
    house.keep_turn(kept_turn())
    house.keep(replace(said(5000, "hello"), reply_to=10), said(10, "spam from Bob", user=BOB))
    house.model.script(*HI)
    press = Press(action=Action.RETRY, turn_id=5000, user=ANN, place=HERE, manages_messages=False)
    assert await house.control().press(press, house.sink_for) is None
    assert ("spam from Bob" in sent(house)) is not forbidden


async def test_a_line_that_an_edit_gave_a_forbidden_word_takes_its_answer_with_it(house: Bank) -> None:
    await house.asks(ask(5000, "first"), *HI)
    await house.asks(ask(5010, "second"), *HI)
    await house.history.edit(1000, 5010, text="", edited_at=house.clock.now())
    await house.asks(ask(5020, "third"), *HI)
    assert house.sent == [(Role.USER, "first"), (Role.ASSISTANT, "Hi"), (Role.USER, "third")]


# --- drawings ----------------------------------------------------------------------------------------------------


async def test_a_card_whose_prompt_is_forbidden_by_now_is_not_drawn_again() -> None:
    house = Studio(forbidden_words=("fox",))
    house.keep_drawing()
    house.keep_turn(kept_turn(100, prompt="a fox", reply_ids=(101,)))
    wish = DrawWish(seed=7, origin=Origin(channel_id=1000, message_id=101))
    assert (await house.draws(5000, "a fox", wish=wish)).ending.problem is Refusal.FORBIDDEN_WORD
    assert house.model.requests == []


async def test_the_conversation_behind_a_card_goes_along_without_forbidden_words() -> None:
    house = Studio()
    house.model.script(*FOX)
    await house.asks(ask(5000, "all about spam"))
    house.model.script(*FOX)
    drawn = await house.asks(ask(5010, "draw it darker"))
    house.operator["forbidden_words"] = ("spam",)
    house.model.script(*FOX)
    wish = DrawWish(seed=7, origin=Origin(channel_id=1000, message_id=drawn.message_ids[-1]))
    await house.draws(5020, "draw it darker", wish=wish)
    assert sent(house) == "draw it darker"


async def test_an_attachment_s_name_is_somebody_s_words(house: Bank) -> None:
    refused = await house.asks(ask(5000, "look\n[attachment: spam.png]"))
    assert refused.ending.problem is Refusal.FORBIDDEN_WORD
    assert house.model.requests == []


# --- what it costs -----------------------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked through for forbidden words in kept lines."""
    found: list[str] = []

    def count(text: str, words: tuple[str, ...]) -> bool:
        found.append(text)
        return has_forbidden_word(text, words)

    monkeypatch.setattr(word_filter, "has_forbidden_word", count)
    return found


async def test_two_hundred_kept_lines_are_looked_through_once_for_a_list(reads: list[str]) -> None:
    house = Bank(operator={"forbidden_words": ("spam",), "context_messages": 200, "context_tokens": 200_000})
    house.keep(*(said(number, f"line {number}") for number in range(1, 400)))
    await house.asks(ask(5000, "first"), *HI)
    assert len(reads) == 200  # 199 lines and one name
    reads.clear()
    await house.asks(ask(5010, "second"), *HI)
    assert reads == ["first"], "only what came since"


async def test_others_have_their_turn_between_two_lines(reads: list[str]) -> None:
    words = word_filter.WordFilter()
    turns: list[int] = []

    async def another() -> None:
        while len(reads) < 20:
            turns.append(len(reads))
            await asyncio.sleep(0)

    beside = asyncio.create_task(another())
    await words.lines([said(number, f"line {number}") for number in range(20)], ("spam",), asked=None)
    await beside
    assert max(after - before for before, after in pairwise(turns)) <= 2


async def test_so_many_texts_are_known_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_filter, "MOST_KNOWN", 5)
    words = word_filter.WordFilter()
    for number in range(50):
        assert await words.holds(f"spam {number}", ("spam",))
    assert len(words._known) == 5
