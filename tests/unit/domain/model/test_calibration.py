"""What is learnt of how a model counts tokens: soon, in every language, and in spite of wrong numbers."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.calibration import (
    FRAME,
    MESSAGE,
    TERMS,
    Calibration,
    Known,
    PromptWeight,
    learn,
    restored,
    weigh_prompt,
)
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import WRITINGS, Writing, estimate_tokens, weigh

untimed = settings(deadline=None)

LETTERS = {
    Writing.LATIN: "the quick fox jumps over a lazy dog ",
    Writing.DIGITS: "0123456789",
    Writing.SYMBOLS: "{}[]()<>;,.!?",
    Writing.IDEOGRAPHS: "今天气很好我们去公园散步。",
    Writing.KANA: "きょうはいいてんきですね",
    Writing.HANGUL: "오늘은날씨가아주좋네요",
    Writing.CYRILLIC: "сегодняхорошаяпогода",
    Writing.GREEK: "σήμεραέχεικαλόκαιρό",
    Writing.HEBREW: "מזגהאווירהיוםנחמד",
    Writing.ARABIC: "الجوجميلاليوم",
    Writing.THAI: "วันนี้อากาศดีมาก",
    Writing.INDIC: "आजमौसमबहुतअच्छाहै",
    Writing.EMOJI: "😀🎉🐈🌈",
    Writing.OTHER: "დღესკარგიამინდია",
}
PERSONA = "You are a friendly assistant on a chat server. Answer briefly, in the language of the question."
SHORT_TOKENS = 200
Tokenizer = Callable[[str], float]


def tokenizer(factors: dict[Writing, float]) -> Tokenizer:
    """Make a tokenizer that takes so many times the estimate of each kind of characters."""

    def count(text: str) -> float:
        return sum(factors.get(writing, 1.0) * part / 100 for writing, part in zip(WRITINGS, weigh(text), strict=True))

    return count


def talk(rng: random.Random, letters: str) -> list[PromptMessage]:
    """Make a conversation such as a channel has: short questions, longer answers, the question last."""
    found = []
    for number in range(2 * rng.randint(0, 8) + 1):
        role = Role.ASSISTANT if number % 2 else Role.USER
        length = rng.randint(40, 600) if number % 2 else rng.randint(8, 120)
        found.append(PromptMessage(role=role, content="".join(rng.choice(letters) for _ in range(length))))
    return found


def told(count: Tokenizer, messages: Sequence[PromptMessage], *, around: float, frame: float) -> int:
    texts = [PERSONA, *(message.content for message in messages)]
    return round(sum(count(text) + around for text in texts) + frame)


def errors_after(
    answers: int,
    letters: str,
    count: Tokenizer,
    *,
    around: float = 4,
    frame: float = 0,
    known: Calibration | None = None,
) -> tuple[Calibration, list[float]]:
    """Hear so many answers, then tell how far off the estimates of the next ten prompts are, as a share.

    Of a prompt that is mostly what the endpoint adds, a few tokens are allowed.
    """
    rng, found = random.Random(f"{letters}{around}{frame}"), known or Calibration()
    for _ in range(answers):
        messages = talk(rng, letters)
        found = learn(found, weigh_prompt(messages, PERSONA), told(count, messages, around=around, frame=frame))
    errors = []
    for _ in range(10):
        messages = talk(rng, letters)
        truth = told(count, messages, around=around, frame=frame)
        errors.append((found.prompt_tokens(weigh_prompt(messages, PERSONA)) - truth) / max(truth, SHORT_TOKENS))
    return found, errors


@pytest.mark.parametrize("frame", [0, 40, 500], ids=lambda tokens: f"{tokens} tokens around every prompt")
@pytest.mark.parametrize("factor", [0.25, 0.5, 1.0, 2.0, 4.0], ids=lambda factor: f"{factor} of the estimate")
@pytest.mark.parametrize("writing", WRITINGS)
def test_ten_answers_in_a_language_are_enough(writing: Writing, factor: float, frame: int) -> None:
    _, errors = errors_after(10, LETTERS[writing], tokenizer({writing: factor}), around=7, frame=frame)
    assert max(map(abs, errors)) <= 0.2, errors


@pytest.mark.parametrize("second", [writing for writing in WRITINGS if writing is not Writing.IDEOGRAPHS])
def test_languages_that_are_mixed_are_told_apart(second: Writing) -> None:
    count = tokenizer({Writing.IDEOGRAPHS: 0.6, second: 2.0})
    both = LETTERS[Writing.IDEOGRAPHS] + LETTERS[second]
    known, errors = errors_after(10, both, count)
    assert max(map(abs, errors)) <= 0.2, errors
    for alone in (Writing.IDEOGRAPHS, second):
        known, errors = errors_after(5, LETTERS[alone], count, known=known)
        assert max(map(abs, errors)) <= 0.2, errors


def test_a_language_that_is_new_leaves_what_is_known_of_others() -> None:
    count = tokenizer({Writing.IDEOGRAPHS: 0.6, Writing.THAI: 3.0})
    known, _ = errors_after(20, LETTERS[Writing.IDEOGRAPHS], count)
    known, _ = errors_after(20, LETTERS[Writing.THAI], count, known=known)
    _, errors = errors_after(0, LETTERS[Writing.IDEOGRAPHS], count, known=known)
    assert max(map(abs, errors)) <= 0.1, errors


def test_another_model_behind_the_same_name_is_learnt_too() -> None:
    known, _ = errors_after(200, LETTERS[Writing.IDEOGRAPHS], tokenizer({Writing.IDEOGRAPHS: 0.5}))
    _, errors = errors_after(20, LETTERS[Writing.IDEOGRAPHS], tokenizer({Writing.IDEOGRAPHS: 1.9}), known=known)
    assert max(map(abs, errors)) <= 0.2, errors


@pytest.mark.parametrize("times", [0.001, 0.05, 0.3, 3.0, 50.0, 1e6])
def test_one_wrong_number_spoils_nothing(times: float) -> None:
    count, letters = tokenizer({Writing.IDEOGRAPHS: 0.6}), LETTERS[Writing.IDEOGRAPHS]
    known, _ = errors_after(20, letters, count)
    messages = talk(random.Random(1), letters)
    truth = told(count, messages, around=4, frame=0)
    known = learn(known, weigh_prompt(messages, PERSONA), round(truth * times))
    _, errors = errors_after(0, letters, count, known=known)
    assert max(map(abs, errors)) <= 0.2, errors


@pytest.mark.parametrize("times", [0.3, 3.0])
def test_a_wrong_number_at_first_is_forgotten(times: float) -> None:
    count, letters = tokenizer({Writing.IDEOGRAPHS: 0.6}), LETTERS[Writing.IDEOGRAPHS]
    messages = talk(random.Random(1), letters)
    known = learn(
        Calibration(), weigh_prompt(messages, PERSONA), round(times * told(count, messages, around=4, frame=0))
    )
    _, errors = errors_after(15, letters, count, known=known)
    assert max(map(abs, errors)) <= 0.2, errors


def test_a_short_prompt_says_little_about_a_language() -> None:
    hi = weigh_prompt([PromptMessage(role=Role.USER, content="hi")])
    known = learn(Calibration(), hi, 700)  # of which most are instructions that the endpoint adds
    assert known.terms[Writing.LATIN].value == pytest.approx(1.0, abs=0.05)
    assert known.terms[FRAME].value > 0


@pytest.mark.parametrize("tokens", [-5, 0, 1, 10_000_000], ids=lambda tokens: f"{tokens} tokens")
def test_a_number_that_counts_something_else_is_not_heard(tokens: int) -> None:
    prompt = weigh_prompt([PromptMessage(role=Role.USER, content="four words are here " * 50)])
    known = Calibration()
    assert learn(known, prompt, tokens) is known


@untimed
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 10**8), min_size=len(WRITINGS), max_size=len(WRITINGS)),
            st.integers(0, 200),
            st.integers(-10, 10**8),
        ),
        max_size=30,
    )
)
def test_whatever_is_heard_keeps_everything_in_its_range(heard: list[tuple[list[int], int, int]]) -> None:
    known = Calibration()
    for weights, messages, tokens in heard:
        prompt = PromptWeight(weights=tuple(weights), messages=messages)
        before = known.prompt_tokens(prompt)
        known = learn(known, prompt, tokens)
        after = known.prompt_tokens(prompt)
        assert before * 0.49 - 1 <= after <= before * 2.01 + 1
        for name, term in known.terms.items():
            assert TERMS[name].low <= term.value <= TERMS[name].high
            assert 0 < term.doubt <= TERMS[name].doubt * 1.001
        assert all(math.isfinite(cell) for row in known.doubts for cell in row)


@untimed
@given(st.text(), st.text(), st.lists(st.floats(0.2, 5.0), min_size=len(WRITINGS), max_size=len(WRITINGS)))
def test_more_text_is_never_fewer_tokens(first: str, second: str, factors: list[float]) -> None:
    count = restored(
        {name: Known(value=value, doubt=0.1) for name, value in zip(WRITINGS, factors, strict=True)}
    ).counter()
    both = count(first + second)
    assert max(count(first), count(second)) <= both
    assert both <= count(first) + count(second)
    assert bool(first) == bool(count(first))


def test_nothing_is_corrected_before_anything_is_learnt() -> None:
    assert Calibration().counter() is estimate_tokens


def test_what_is_stored_comes_back() -> None:
    known, _ = errors_after(10, LETTERS[Writing.THAI], tokenizer({Writing.THAI: 2.0}), frame=40)
    again = restored(known.terms)
    assert again.values == known.values
    assert again.terms == pytest.approx(known.terms)
    _, after = errors_after(0, LETTERS[Writing.THAI], tokenizer({Writing.THAI: 2.0}), frame=40, known=again)
    assert max(map(abs, after)) <= 0.2


@pytest.mark.parametrize(
    "stored",
    [
        Known(value=math.nan, doubt=0.1),
        Known(value=math.inf, doubt=0.1),
        Known(value=1.0, doubt=math.nan),
        Known(value=1.0, doubt=0.0),
        Known(value=1.0, doubt=-1.0),
        Known(value=1.0, doubt=1e9),
    ],
    ids=str,
)
def test_what_is_stored_and_makes_no_sense_is_as_before(stored: Known) -> None:
    assert restored({Writing.LATIN: stored, "no such term": stored}) == Calibration()


def test_what_is_stored_out_of_its_range_is_brought_back_into_it() -> None:
    found = restored({Writing.LATIN: Known(value=99.0, doubt=0.1), MESSAGE: Known(value=-3.0, doubt=0.1)})
    assert (found.terms[Writing.LATIN].value, found.terms[MESSAGE].value) == (5.0, 0.0)


def test_to_learn_takes_no_time() -> None:
    prompt = weigh_prompt([PromptMessage(role=Role.USER, content="four words are here " * 50)])
    known, started = Calibration(), time.process_time()
    for _ in range(100):
        known = learn(known, prompt, 250)
    assert (time.process_time() - started) / 100 < 0.01
