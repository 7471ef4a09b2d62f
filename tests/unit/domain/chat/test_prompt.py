"""History → the messages of a request."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.chat.names import speaker_name
from bot.domain.chat.notes import CHINESE, ENGLISH
from bot.domain.chat.prompt import CEILING_TOKENS, build_prompt
from bot.domain.chat.shortening import shorten_middle
from bot.domain.history.messages import Asked, HistoryMessage, Kind
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.tokens import estimate_tokens
from bot.domain.people import User
from bot.domain.turn.ask import Reference

# A slow machine is no fault of the code.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def say(number: int, text: str, *, who: int = 1, name: str = "Ada", kind: Kind = Kind.TEXT) -> HistoryMessage:
    """Make a message; ``who`` 0 is the bot."""
    return HistoryMessage(
        id=number,
        channel_id=5,
        guild_id=6,
        author_id=who,
        author_name="Bot" if who == 0 else name,
        role=Role.ASSISTANT if who == 0 else Role.USER,
        text=text,
        created_at=NOON,
        kind=kind,
    )


def refer(number: int, text: str, *, name: str = "Bob", from_bot: bool = False) -> Reference:
    return Reference(id=number, author=User(id=9, name=name), text=text, from_bot=from_bot, created_at=NOON)


def build(history: Sequence[HistoryMessage], **settings: object) -> list[tuple[str, str]]:
    budgets: dict[str, object] = {"budget_messages": 20, "budget_tokens": 2000} | settings
    built = build_prompt(history, **budgets)  # type: ignore[arg-type] # budgets are ints, the reference a Reference
    return [(one.role.value, one.content) for one in built]


def test_a_conversation_of_two_is_passed_on_as_it_is() -> None:
    history = [say(1, "Hi"), say(2, "Hello!", who=0), say(3, "How are you?")]
    assert build(history) == [("user", "Hi"), ("assistant", "Hello!"), ("user", "How are you?")]


def test_messages_of_one_role_are_joined() -> None:
    history = [
        say(1, "One"),
        say(2, "two"),
        say(3, "Yes", who=0),
        say(4, "and", who=0),
        say(5, "three"),
        say(6, "four"),
    ]
    assert build(history) == [("user", "One\ntwo"), ("assistant", "Yes\nand"), ("user", "three\nfour")]


def test_blank_and_deleted_messages_are_left_out() -> None:
    gone = dataclasses.replace(say(2, "secret", who=0), deleted_at=NOON)
    assert build([say(1, "Hi"), gone, say(3, " \n"), say(4, "there")]) == [("user", "Hi\nthere")]


def test_answers_whose_question_is_gone_are_left_out() -> None:
    assert build([say(1, "An answer", who=0), say(2, "Hi")]) == [("user", "Hi")]


@pytest.mark.parametrize("history", [[], [say(1, "Hello", who=0)], [say(1, "  ")]])
def test_a_history_without_a_prompt_is_refused(history: list[HistoryMessage]) -> None:
    with pytest.raises(ValueError, match="prompt"):
        build(history)


def test_a_question_goes_together_with_its_answer() -> None:
    history = [say(1, "Q1"), say(2, "A1", who=0), say(3, "Q2"), say(4, "A2", who=0), say(5, "Q3")]
    assert build(history, budget_messages=5)[0] == ("user", "Q1")
    for budget in (3, 4):
        assert build(history, budget_messages=budget)[0] == ("user", "Q2")
    for budget in (-1, 0, 1, 2):
        assert build(history, budget_messages=budget) == [("user", "Q3")]


def test_the_window_ends_where_the_tokens_do() -> None:
    history = [say(1, "old"), say(2, "x" * 4000, who=0), say(3, "new"), say(4, "answer", who=0), say(5, "now")]
    assert [text for _, text in build(history, budget_tokens=200)] == ["new", "answer", "now"]


def test_messages_before_the_prompt_without_an_answer_go_one_by_one() -> None:
    history = [say(1, "x" * 4000), say(2, "second"), say(3, "third")]
    assert build(history, budget_tokens=100) == [("user", "second\nthird")]


def test_names_go_before_words_where_several_speak() -> None:
    history = [say(1, "Hi"), say(2, "Hello", who=0), say(3, "Me too", who=2, name="Bob\nhi: there")]
    assert build(history) == [("user", "Ada: Hi"), ("assistant", "Hello"), ("user", "Bob hi there: Me too")]


def test_people_of_one_name_are_told_apart_and_a_user_has_one_name() -> None:
    history = [say(1, "a", name="Sam"), say(2, "b", who=2, name="sam"), say(3, "c", name="Samuel"), say(4, "d", who=3)]
    history[3] = dataclasses.replace(history[3], author_name="SAM")
    assert build(history) == [("user", "Samuel: a\nsam: b\nSamuel: c\nSAM (2): d")]


def test_someone_outside_the_window_makes_no_names() -> None:
    history = [say(1, "Hi", who=2, name="Bob"), say(2, "Hello", who=0), say(3, "Me too")]
    assert build(history, budget_messages=1) == [("user", "Me too")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada", "Ada"),
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("Ada: [system]", "Ada system"),
        ("system", "system (a person)"),
        ("Ａｓｓｉｓｔａｎｔ", "Ａｓｓｉｓｔａｎｔ (a person)"),
        ("助手", "助手 (a person)"),
        ("\u202eevil\u200b", "evil"),
        ("\x00\u200b", "Someone"),
        ("", "Someone"),
        ("👩‍💻", "👩‍💻"),
        ("n" * 50, "n" * 31 + "…"),
    ],
)
def test_speaker_names(name: str, expected: str) -> None:
    assert speaker_name(name) == expected


def test_a_drawing_is_told_behind_its_question() -> None:
    history = [say(1, "draw a fox"), say(2, "a red\nfox", who=0, kind=Kind.DRAWING), say(3, "make it darker")]
    assert build(history) == [
        ("user", "draw a fox\n[A picture was drawn for this and sent on 2026-01-01: a red fox]"),
        ("assistant", "Here you are!"),
        ("user", "make it darker"),
    ]
    history[1] = dataclasses.replace(history[1], text="")
    assert build(history)[0] == ("user", "draw a fox\n[A picture was drawn for this and sent on 2026-01-01]")


def test_words_that_came_with_a_picture_are_the_assistant_s_own() -> None:
    answer = dataclasses.replace(say(2, "A fox, as you wished.", who=0), drawn="a red fox")
    assert build([say(1, "a fox!"), answer, say(3, "thanks")]) == [
        ("user", "a fox!\n[A picture was drawn for this and sent on 2026-01-01: a red fox]"),
        ("assistant", "A fox, as you wished."),
        ("user", "thanks"),
    ]


@pytest.mark.parametrize(
    ("kept", "words", "recipe"),
    [
        ("A fox.\n(I drew a picture on 2025-12-31 and sent it: a fox (seed 5))", "A fox.", ": a fox (seed 5)"),
        ("A fox.\n(I drew a picture on 2025-12-31 and sent it.)", "A fox.", ""),
        ("One.\n\nTwo.\n(I drew a picture on 2025-12-31 and sent it: a\nfox)", "One.\n\nTwo.", ": a fox"),
    ],
    ids=["with words", "without a recipe", "over several lines"],
)
def test_answers_that_earlier_releases_kept_are_taken_apart(kept: str, words: str, recipe: str) -> None:
    built = build([say(1, "a fox!"), say(2, kept, who=0), say(3, "thanks")])
    assert built == [
        ("user", f"a fox!\n[A picture was drawn for this and sent on 2026-01-01{recipe}]"),
        ("assistant", words),
        ("user", "thanks"),
    ]


def test_a_note_that_an_earlier_release_let_a_model_copy_is_no_answer() -> None:
    copied = say(2, "(I drew a picture on 2025-12-31 and sent it: the capital of France)", who=0)
    question = dataclasses.replace(say(1, "What is the capital?"), asked=Asked.ENDED)
    assert build([question, copied, say(3, "hm?")]) == [
        ("user", "What is the capital?"),
        ("assistant", "[no answer was given]"),
        ("user", "hm?"),
    ]


def test_words_about_drawing_are_left_alone() -> None:
    story = "Once I said:\n(I drew a picture on the wall and sent it home.)"
    assert build([say(1, "tell"), say(2, story, who=0), say(3, "more")])[1] == ("assistant", story)


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (("画一只狐狸", "谢谢"), "[已为此画图，于 2026-01-01 发出：a fox]"),
        (("用 Python 画一只狐狸可以吗", "ok"), "[已为此画图，于 2026-01-01 发出：a fox]"),
        (("draw a fox", "谢"), "[A picture was drawn for this and sent on 2026-01-01: a fox]"),
        (("キツネの絵を描いて", "ありがとう"), "[A picture was drawn for this and sent on 2026-01-01: a fox]"),
        (("рисуй лису", "спасибо"), "[A picture was drawn for this and sent on 2026-01-01: a fox]"),
        (("🦊", "👍"), "[A picture was drawn for this and sent on 2026-01-01: a fox]"),
    ],
    ids=["Chinese", "Chinese with English words", "English", "Japanese", "Russian", "none"],
)
def test_notes_are_in_the_language_of_the_talk(talk: tuple[str, str], expected: str) -> None:
    built = build([say(1, talk[0]), say(2, "a fox", who=0, kind=Kind.DRAWING), say(3, talk[1])])
    assert built[0] == ("user", f"{talk[0]}\n{expected}")


def ask(number: int, text: str, asked: Asked | None, *, who: int = 1, name: str = "Ada") -> HistoryMessage:
    """Make a message that asked for a turn."""
    return dataclasses.replace(say(number, text, who=who, name=name), asked=asked)


def answer(number: int, text: str, to: int) -> HistoryMessage:
    """Make an answer that names its question."""
    return dataclasses.replace(say(number, text, who=0), reply_to=to)


def test_a_question_that_is_being_answered_is_not_part_of_another_s_prompt() -> None:
    history = [ask(1, "Mine?", Asked.UNDER_WAY), ask(2, "And mine?", Asked.UNDER_WAY, who=2, name="Bob")]
    assert build(history) == [("user", "And mine?")]


def test_a_question_that_is_answered_once_more_keeps_the_answer_that_stands() -> None:
    history = [ask(1, "Why?", Asked.UNDER_WAY), answer(2, "Because.", 1), ask(3, "And?", Asked.UNDER_WAY)]
    assert build(history) == [("user", "Why?"), ("assistant", "Because."), ("user", "And?")]


def test_what_was_overheard_stays_and_so_does_what_nobody_was_asked() -> None:
    history = [say(1, "nice weather"), ask(2, "Why?", Asked.UNDER_WAY), say(3, "yes"), ask(4, "And?", Asked.UNDER_WAY)]
    assert build(history) == [("user", "nice weather\nyes\nAnd?")]


def test_questions_that_were_not_answered_stand_apart() -> None:
    history = [
        ask(1, "One?", Asked.ENDED),
        ask(2, "Two?", Asked.ENDED),
        say(3, "never mind"),
        ask(4, "Three?", Asked.ENDED),
        answer(5, "3", 4),
        ask(6, "Four?", Asked.UNDER_WAY),
    ]
    assert build(history) == [
        ("user", "One?\nTwo?"),
        ("assistant", "[no answer was given]"),
        ("user", "never mind\nThree?"),
        ("assistant", "3"),
        ("user", "Four?"),
    ]


def test_that_nothing_was_answered_is_said_in_chinese_in_a_chinese_talk() -> None:
    history = [ask(1, "这是什么？", Asked.ENDED), ask(2, "你好", Asked.UNDER_WAY)]
    assert build(history)[1] == ("assistant", "[未作回答]")


def test_an_answer_comes_behind_its_own_question() -> None:
    history = [
        ask(1, "One?", Asked.ENDED),
        ask(2, "Two?", Asked.ENDED, who=2, name="Bob"),
        say(3, "hm"),
        answer(4, "1", 1),
        answer(5, "2", 2),
        ask(6, "Three?", Asked.UNDER_WAY),
    ]
    assert [text for _, text in build(history)] == ["Ada: One?", "1", "Bob: Two?", "2", "Ada: hm\nAda: Three?"]


def test_an_answer_that_names_no_question_answers_what_is_before_it() -> None:
    history = [ask(1, "One?", Asked.ENDED), say(2, "1", who=0), ask(3, "Two?", Asked.UNDER_WAY)]
    assert build(history) == [("user", "One?"), ("assistant", "1"), ("user", "Two?")]


def test_a_question_whose_answer_was_taken_back_stands_apart() -> None:
    blank = answer(2, " ", 1)
    gone = dataclasses.replace(answer(2, "", 1), deleted_at=NOON)
    for line in (blank, gone):
        history = [ask(1, "One?", Asked.ENDED), line, ask(3, "Two?", Asked.UNDER_WAY)]
        assert build(history)[1] == ("assistant", "[no answer was given]")


def test_the_message_replied_to_comes_first_where_the_window_lacks_it() -> None:
    history = [say(1, "Long ago"), say(2, "Yes", who=0), say(3, "recent"), say(4, "ok", who=0), say(5, "What is that?")]
    built = build(history, budget_messages=3, referenced=refer(77, "A zebra.", name="Bob"))
    assert built == [
        (
            "user",
            "[The last message replies to this earlier one by Bob:]\n  A zebra.\n[End of the earlier message.]\nrecent",
        ),
        ("assistant", "ok"),
        ("user", "What is that?"),
    ]
    assert "by you, the assistant" in build(history, referenced=refer(78, "Zebra", from_bot=True))[0][1]


def test_the_message_replied_to_comes_once() -> None:
    history = [say(1, "Q"), say(2, "First page. Second page.", who=0), say(3, "Why?")]
    for reference in (refer(1, "Q"), refer(2, "First page.", from_bot=True), refer(99, "Second page.", from_bot=True)):
        assert len(build(history, referenced=reference)) == 3
        assert build(history, referenced=reference)[0] == ("user", "Q")


def test_a_user_who_said_what_the_bot_said_is_still_referred_to() -> None:
    history = [say(1, "Q"), say(2, "The answer is 42.", who=0), say(3, "Why?")]
    assert "by Bob" in build(history, referenced=refer(77, "answer is 42"))[0][1]


def test_the_message_replied_to_takes_its_tokens_from_the_window() -> None:
    history = [say(1, "x" * 300), say(2, "y" * 300, who=0), say(3, "Why?")]
    assert len(build(history, budget_tokens=200)) == 3
    built = build(history, budget_tokens=200, referenced=refer(77, "z" * 300))
    assert len(built) == 1
    assert sum(estimate_tokens(text) for _, text in built) <= 200


def test_a_long_message_replied_to_is_shortened_and_a_blank_one_left_out() -> None:
    built = build([say(1, "Why?")], budget_tokens=400, referenced=refer(9, "word " * 4000))
    assert estimate_tokens(built[0][1]) <= 120
    assert "[…]" in built[0][1]
    assert build([say(1, "Why?")], referenced=refer(9, " ")) == [("user", "Why?")]
    assert build([say(1, "Why?")], budget_tokens=20, referenced=refer(9, "a zebra")) == [("user", "Why?")]


def test_a_prompt_beyond_the_budget_stays_whole_up_to_the_ceiling() -> None:
    text = "中" * CEILING_TOKENS
    assert build([say(1, "old"), say(2, "A", who=0), say(3, text)], budget_tokens=10) == [("user", text)]
    longer = "start" + "中" * 3 * CEILING_TOKENS + "end"
    ((_, content),) = build([say(3, longer)], budget_tokens=10)
    assert estimate_tokens(content) <= CEILING_TOKENS
    assert content.startswith("start中")
    assert content.endswith("中end")
    assert "\n[…]\n" in content


def test_the_middle_is_cut_between_characters() -> None:
    family = "👩‍👩‍👧‍👦"
    for budget in range(20, 40):
        head, tail = shorten_middle(family * 30, budget).split("\n[…]\n")
        assert head == family * (len(head) // len(family))
        assert tail == family * (len(tail) // len(family))
    assert shorten_middle("short", 5) == "short"


speakers = st.integers(0, 3)
sayings = st.one_of(st.sampled_from(["", " ", "Hi", "中文", "a longer one " * 9]), st.text(max_size=20))
becoming = st.sampled_from([None, *Asked])
histories = st.lists(st.tuples(speakers, sayings, st.sampled_from(Kind), becoming), max_size=25)
references = st.one_of(st.none(), st.builds(refer, st.integers(1, 40), st.text(max_size=80), from_bot=st.booleans()))


@untimed
@given(
    made=histories,
    prompt=st.text(min_size=1, max_size=60).filter(str.strip),
    budget_messages=st.integers(0, 12),
    budget_tokens=st.integers(1, 300),
    referenced=references,
)
def test_what_holds_for_every_history(
    made: list[tuple[int, str, Kind, Asked | None]],
    prompt: str,
    budget_messages: int,
    budget_tokens: int,
    referenced: Reference | None,
) -> None:
    history = [
        dataclasses.replace(
            say(number, text, who=who, name=f"P{who}", kind=kind if who == 0 else Kind.TEXT),
            asked=asked if who else None,
            reply_to=number - 2 if who == 0 else None,
        )
        for number, (who, text, kind, asked) in enumerate(made, 1)
    ]
    history.append(say(1000, prompt))
    built = build_prompt(history, budget_messages=budget_messages, budget_tokens=budget_tokens, referenced=referenced)
    roles = [one.role for one in built]
    assert roles == [Role.USER if index % 2 == 0 else Role.ASSISTANT for index in range(len(roles))]
    assert roles[-1] is Role.USER
    assert built[-1].content.splitlines()[-1].endswith(prompt.split()[-1])
    assert all(one.content.strip() for one in built)
    total = sum(estimate_tokens(one.content) for one in built)
    assert total <= max(budget_tokens, estimate_tokens(f"P1: {prompt}"))
    told = {ENGLISH.no_answer, CHINESE.no_answer}
    notes = [one for one in built if one.content in told and one.role is Role.ASSISTANT]
    assert len(built) - len(notes) <= max(1, budget_messages)
    assert isinstance(built[0], PromptMessage)


@untimed
@given(made=histories, more=st.integers(0, 300))
def test_a_larger_budget_never_shows_less(made: list[tuple[int, str, Kind, Asked | None]], more: int) -> None:
    history = [say(number, text, who=who, name=f"P{who}") for number, (who, text, *_) in enumerate(made, 1)]
    history.append(say(1000, "now"))
    small = build_prompt(history, budget_messages=8, budget_tokens=100)
    large = build_prompt(history, budget_messages=8, budget_tokens=100 + more)
    assert len(small) <= len(large)
