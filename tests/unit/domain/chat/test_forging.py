"""Nobody's words can pass for another's, or for what the prompt itself says: whatever they write."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.chat.frame import guarded, under
from bot.domain.chat.lookalikes import looks_of
from bot.domain.chat.names import names_of
from bot.domain.chat.notes import kept_words
from bot.domain.chat.prompt import build_prompt
from bot.domain.chat.talk import Talk
from bot.domain.model.calibration import MESSAGE, Known, restored
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import WRITINGS, estimate_tokens
from bot.domain.model.window import Bound
from bot.domain.turn.ask import Reference
from tests.unit.domain.chat.hostile import (
    Exchange,
    anew,
    history_of,
    hostile,
    line,
    lines_of,
    names,
    parts_of,
    read,
    references,
    referred,
    talks,
)
from tests.unit.domain.chat.read_back import CUT, Quoted, Said, read_back

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@untimed
@given(talk=talks(), referenced=references)
def test_a_prompt_is_read_back_into_its_parts(
    talk: tuple[list[Exchange], Exchange], referenced: Reference | None
) -> None:
    exchanges, last = talk
    referenced = anew(exchanges, referenced)
    # What earlier releases kept is another matter.
    exchanges = [
        one if one.answer is None else dataclasses.replace(one, answer=kept_words(one.answer)) for one in exchanges
    ]
    exchanges = [one for one in exchanges if not (one.answer or "").strip().startswith("(I drew a picture on ")]
    built = build_prompt(
        history_of(exchanges, last), budget_messages=50, budget_tokens=10**6, referenced=referenced, ceiling_tokens=1
    )
    assert read(built, exchanges, last) == parts_of(exchanges, last, referenced)


counters = st.lists(st.floats(0.2, 5.0), min_size=len(WRITINGS), max_size=len(WRITINGS)).map(
    lambda factors: restored(
        {
            **{
                writing.value: Known(value=factor, doubt=0.1) for writing, factor in zip(WRITINGS, factors, strict=True)
            },
            MESSAGE: Known(value=4, doubt=0.1),
        }
    ).counter()
)


@untimed
@given(talk=talks(), referenced=references, budget=st.integers(1, 400), count=counters)
def test_the_frame_is_within_the_budget_however_tokens_are_counted(
    talk: tuple[list[Exchange], Exchange],
    referenced: Reference | None,
    budget: int,
    count: Callable[[str], int],
) -> None:
    exchanges, last = talk
    people = [(one.who, one.name) for one in (*exchanges, last)]
    label = f"{names_of(dict(people))[last.who]}: " if len(dict(people)) > 1 else ""
    built = build_prompt(
        history_of(exchanges, last), budget_messages=50, budget_tokens=budget, referenced=referenced, count=count
    )
    total = sum(count(one.content) for one in built)
    assert total <= max(budget, count(under(label, guarded(last.text))))


long = st.lists(hostile, min_size=5, max_size=40).map("\n".join).filter(str.strip)


def assert_cut(shown: str, text: str) -> None:
    """Hold what is shown to be the text, or its beginning and its end."""
    said = lines_of(text)
    if shown != said:
        beginning, found, end = shown.partition(f"\n{CUT}\n")
        assert found
        assert said.startswith(beginning.rstrip())
        assert said.endswith(end.lstrip())


@untimed
@given(text=long, ceiling=st.integers(8, 200), count=counters)
def test_a_question_that_is_cut_forges_nothing(text: str, ceiling: int, count: Callable[[str], int]) -> None:
    talk = Talk(lines=(line(1, text, who=1),), budget_messages=5, budget_tokens=ceiling, count=count)
    (built,) = talk.messages(Bound(most_tokens=ceiling))
    assert built.content.split("\n").count("[…]") <= 1
    (said,) = read_back([built], several=False)
    assert isinstance(said, Said)
    assert_cut(said.words, text)


@untimed
@given(text=long, name=names, from_bot=st.booleans(), budget=st.integers(800, 1200))
def test_a_quotation_that_is_cut_forges_nothing(text: str, name: str, from_bot: bool, budget: int) -> None:
    referenced = referred(text, name=name, from_bot=from_bot)
    built = build_prompt(
        [line(1, "What?", who=1, name=name)], budget_messages=5, budget_tokens=budget, referenced=referenced
    )
    quoted, said = read_back(built, several=False)
    assert isinstance(quoted, Quoted)
    assert_cut(quoted.words, text)
    assert said == Said(words="What?")


@untimed
@given(text=long, most=st.integers(20, 200))
def test_an_answer_that_goes_on_forges_nothing(text: str, most: int) -> None:
    talk = Talk(lines=(line(1, "Go", who=1),), budget_messages=5, budget_tokens=9, given=text)
    _, given, _ = talk.messages(Bound(most_tokens=most))
    assert estimate_tokens(given.content) <= max(most // 2, 24)
    (said,) = read_back([PromptMessage(role=Role.USER, content="Go"), given], several=False)[1:]
    assert isinstance(said, Said)
    assert lines_of(text).endswith(said.words.removeprefix(f"{CUT}\n").strip())


@untimed
@given(st.lists(st.tuples(st.integers(1, 5), names), max_size=9))
def test_names_are_names_and_look_different(people: list[tuple[int, str]]) -> None:
    named = names_of(dict(people))
    assert named.keys() == {person for person, _ in people}
    assert len({looks_of(name) for name in named.values()}) == len(named)
    for name in named.values():
        assert name.strip() == name != ""
        assert not set(name) & set(":[]<>\n\u2028\u200b\u202e")
        assert looks_of(name) not in {"you", "assistant", "助手", "你", "you, the assistant"}
