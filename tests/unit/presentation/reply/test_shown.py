"""Which messages of a channel are a turn's, and what is read out of what Discord sends."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.model.events import FinishReason
from bot.domain.reply.controls import Action
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.turn.ask import Source
from bot.domain.turn.record import StandingEnd, TurnState
from bot.errors import Trouble
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.shown import ShownMessage, of_turn, read_reply, read_shown
from bot.presentation.words.replies import Words
from tests.fakes.houses.house import kept_turn

WORDS = Words("en-US")
ENDED = frozenset({Action.RETRY, Action.DELETE})


def first(message_id: int, turn_id: int) -> ShownMessage:
    return ShownMessage(id=message_id, text="first", answers=turn_id)


def middle(message_id: int) -> ShownMessage:
    return ShownMessage(id=message_id, text="middle")


def last(message_id: int, turn_id: int) -> ShownMessage:
    return ShownMessage(id=message_id, text="last", turn_id=turn_id, actions=ENDED)


ALONE = (first(11, 10), middle(12), last(13, 10))
CHANNELS: dict[str, tuple[tuple[ShownMessage, ...], dict[str, Any], list[int]]] = {
    "alone": (ALONE, {}, [11, 12, 13]),
    "behind another's": ((first(3, 2), middle(4), last(5, 2), *ALONE), {}, [11, 12, 13]),
    "among another's": ((first(9, 8), *ALONE, last(14, 8)), {}, [11, 13]),
    "among another's, but known": ((first(9, 8), *ALONE, last(14, 8)), {"reply_ids": (11, 12)}, [11, 12, 13]),
    "known by its first message": ((middle(11), middle(12), last(13, 10)), {"reply_ids": (11,)}, [11, 12, 13]),
    "a command's, whose pages answer the first": (
        (middle(11), ShownMessage(id=12, text="", answers=11), last(13, 10)),
        {"reply_ids": (11,)},
        [11, 12, 13],
    ),
    "in a thread of its own": ((middle(11), middle(12), last(13, 10), middle(20)), {"channel_id": 10}, [11, 12, 13]),
    "nothing": ((middle(11), first(12, 2)), {}, []),
}


@pytest.mark.parametrize(("seen", "changes", "expected"), CHANNELS.values(), ids=CHANNELS)
def test_a_turn_s_messages_are_told_from_others(
    seen: tuple[ShownMessage, ...], changes: dict[str, Any], expected: list[int]
) -> None:
    turn = kept_turn(10, **{"reply_ids": (), **changes})
    assert [message.id for message in of_turn(turn, seen)] == expected


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param("> say \\*hi\\* - to https://a.example/b_c", id="as earlier versions wrote it"),
        pytest.param("> -# say \\*hi\\* \\- to https\\:\\/\\/a.example\\/b\\_c", id="as small print"),
    ],
)
def test_the_prompt_above_a_command_s_answer_is_no_part_of_it(heading: str) -> None:
    turn = kept_turn(10, source=Source.INTERACTION, prompt="say *hi* - to https://a.example/b_c")
    message = ShownMessage(id=11, text=f"{heading}\n> A quote\n\n-# 12 tokens", turn_id=10, actions=ENDED)
    found = read_reply(turn, (message,), WORDS)
    assert (found.text, found.end) == ("> A quote", StandingEnd(state=TurnState.COMPLETE))


@pytest.mark.parametrize("sign", ["", "-# "], ids=["as earlier versions wrote it", "as small print"])
@pytest.mark.parametrize("goes_on", [False, True])
def test_how_a_reply_ended_is_read_from_its_note(goes_on: bool, sign: str) -> None:
    turn = kept_turn(10)

    def read(note: str) -> tuple[str, StandingEnd | None]:
        message = ShownMessage(id=11, text=f"Half\n\n{sign}⚠️ {note}", turn_id=10, actions=ENDED)
        found = read_reply(turn, (message,), WORDS)
        return found.text, found.end

    interrupted = StandingEnd(state=TurnState.INTERRUPTED, error_kind=Trouble.INTERRUPTED)
    assert read(WORDS.problem(Trouble.INTERRUPTED, written=True, goes_on=goes_on)) == ("Half", interrupted)
    cut = StandingEnd(state=TurnState.COMPLETE, reason=FinishReason.CUT)
    assert read(WORDS.cut(goes_on=goes_on)) == ("Half", cut)


def test_a_line_that_was_kept_from_being_small_print_is_read_as_it_was_written() -> None:
    text = "-# one\n\n> -# two\n```\n-# three\n```\n- -# four"
    composition = Composition(WORDS, ReplyOptions())
    composition.push(text)
    composition.end(Ending(state=TurnState.COMPLETE, reason=FinishReason.LENGTH))
    (page,) = composition.pages()
    assert page.content.count("\\") == 3
    found = read_reply(kept_turn(10), (ShownMessage(id=11, text=page.content, turn_id=10, actions=ENDED),), WORDS)
    assert found.text == text


@pytest.mark.parametrize("raw", [None, [], {}, {"id": None}, {"id": "x"}], ids=str)
def test_what_is_no_message_is_none(raw: object) -> None:
    assert read_shown(raw) is None


def test_a_message_is_read_as_far_as_it_is_one() -> None:
    odd = {
        "id": "5",
        "content": None,
        "components": [None, {"components": [7, {"custom_id": 7}]}],
        "attachments": ["x"],
    }
    assert read_shown(odd) == ShownMessage(id=5, text="")
