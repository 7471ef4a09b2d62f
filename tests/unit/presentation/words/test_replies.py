"""The words: every problem has them, in every language, and nothing untrusted comes through raw."""

from __future__ import annotations

import re

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.small import small
from bot.domain.reply.controls import BROKEN_OFF, ended_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions, problem_of
from bot.domain.turn.record import ProblemKind, TurnState
from bot.errors import RETRYABLE, ErrorKind, ProviderError, Refusal, Trouble
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.shown import ShownMessage, read_reply
from bot.presentation.words.notices import notice, warned
from bot.presentation.words.replies import Words, clean_sentence
from tests.fakes.houses.house import kept_turn
from tests.fakes.words import worded_in

COMMAND = re.compile(r"`/(\w+)`")
PROBLEMS: list[tuple[Problem, str]] = [
    *((ProviderError(kind), f"error.{kind.name.lower()}") for kind in ErrorKind),
    *((refusal, f"refusal.{refusal.name.lower()}") for refusal in Refusal),
    *((trouble, f"trouble.{trouble.name.lower()}") for trouble in Trouble),
    *((denial, f"drawing_denied.{denial.name.lower()}") for denial in DrawingDenial),
]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize(("problem", "word"), PROBLEMS, ids=str)
def test_every_problem_has_its_words(problem: Problem, word: str, locale: str) -> None:
    names = {name: f"`/{worded_in(locale, f'command.{name}.name')}`" for name in ("ask", "draw")}
    values = names if problem is Refusal.EMPTY_PROMPT else {}
    text = Words(locale).problem(problem)
    assert text == worded_in(locale, word, **values)
    assert any("\u4e00" <= character <= "\u9fff" for character in text) is (locale == "zh-CN")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_commands_are_named_as_discord_shows_them(locale: str) -> None:
    shown = {worded_in(locale, f"command.{name}.name") for name in ("ask", "draw", "settings")}
    words = Words(locale)
    named = {name for problem, _ in PROBLEMS for said in words.ways(problem) for name in COMMAND.findall(said)}
    assert named == shown


def test_what_an_endpoint_says_is_shown_tame() -> None:
    error = ProviderError(
        ErrorKind.UNKNOWN_MODEL, sentence="不支持的模型: *x*\n@everyone https://h/p?Signature=abc {0} " + "很" * 900
    )
    shown = Words("zh-CN").problem(error)
    assert "不支持的模型" in shown
    assert "Signature" not in shown
    assert "\\*x\\*" in shown
    assert "{0}" in shown
    assert len(shown) < 600
    assert "\n@" not in shown


def test_a_page_of_html_is_not_shown() -> None:
    assert clean_sentence("<!DOCTYPE html><html><body>502</body></html>") == ""


QUOTED = {
    ErrorKind.UNKNOWN_MODEL,
    ErrorKind.DRAWING_FAILED,
    ErrorKind.CONTENT_FILTERED,
    ErrorKind.INVALID_REQUEST,
    ErrorKind.PERMISSION,
    ErrorKind.QUOTA,
    ErrorKind.NO_VISION,
    ErrorKind.REFUSED_PARAMETER,
    ErrorKind.REGION,
}


@pytest.mark.parametrize("kind", ErrorKind)
def test_an_endpoint_is_quoted_where_its_words_help_and_nowhere_else(kind: ErrorKind) -> None:
    error = ProviderError(kind, sentence="inner words")
    words = Words("en")
    for said in (
        words.problem(error),
        words.problem(error, written=True),
        words.problem(error, written=True, goes_on=True),
    ):
        assert said.endswith("\nThe model provider says: inner words") is (kind in QUOTED)
        assert ("inner words" in said) is (kind in QUOTED)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_words_name_buttons_and_settings_as_they_are_called(locale: str) -> None:
    words = Words(locale)
    for kind, name in (
        (ErrorKind.THOUGHT_TOO_LONG, "settings.title.max_new_tokens"),
        (ErrorKind.TOO_LONG, "settings.title.context_tokens"),
        (ErrorKind.ONLY_THOUGHT, "button.retry"),
    ):
        assert worded_in(locale, name) in words.problem(ProviderError(kind))


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("kind", sorted(BROKEN_OFF))
def test_an_answer_that_may_go_on_names_the_button_for_it(kind: ProblemKind, locale: str) -> None:
    words = Words(locale)
    problem = problem_of(kind)
    assert problem is not None
    assert worded_in(locale, "button.continue") in words.problem(problem, goes_on=True)
    assert worded_in(locale, "button.continue") in words.cut(goes_on=True)
    assert worded_in(locale, "button.continue") not in words.problem(problem) + words.cut(goes_on=False)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("kind", sorted(BROKEN_OFF))
def test_what_is_said_below_an_answer_that_broke_off_is_not_read_as_the_answer(kind: ProblemKind, locale: str) -> None:
    words = Words(locale)
    problem = problem_of(kind)
    assert problem is not None
    assert words.answer_in(f"Half\n\n{notice(words.problem(problem, goes_on=True))}") == "Half"
    assert words.answer_in(f"Half\n\n{notice(words.cut(goes_on=True))}") == "Half"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("heading", ["", "> a fox?\n", "> -# a fox?\n"])
def test_what_the_bot_says_of_itself_is_never_read_as_an_answer(heading: str, locale: str) -> None:
    words = Words(locale)
    said = [
        words.thinking,
        words.drawing,
        words.drawing_for(12.0),
        words.waiting(3),
        f"{words.waiting(3)}\n-# {words.may_end}",
        f"-# {words.thinking_for(12)}",
        *(words.retry(kind, 40) for kind in RETRYABLE),
        warned(words.problem(Trouble.INTERNAL)),
    ]
    # Earlier versions wrote some of these lines without the sign of small print.
    said += [small(each) for each in said if not each.startswith("-# ")]
    assert [words.answer_in(f"{heading}{each}") for each in said] == [""] * len(said)
    for line in (f"-# {words.thinking_for(12)}", f"-# {words.retry(ErrorKind.NETWORK, 40)}"):
        assert words.answer_in(f"Half\n\n{line}") == "Half"


@pytest.mark.parametrize("answer", ["> a quote\nand more", "> a quote", "It takes 12 s.", "💭 Thinking… about 12 s"])
def test_what_only_looks_like_the_bot_s_own_words_is_an_answer(answer: str) -> None:
    assert Words("en-US").answer_in(answer) == answer


@pytest.mark.parametrize(
    ("field", "setting"),
    [
        ("temperature", "temperature"),
        ("max_tokens", "max_new_tokens"),
        ("max_completion_tokens", "max_new_tokens"),
        ("mh_scale", "scale"),
        ("system", "persona"),
        ("stream_options", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_refused_field_is_named_as_the_setting_that_it_is_sent_for(field: str, setting: str, locale: str) -> None:
    said = Words(locale).problem(ProviderError(ErrorKind.REFUSED_PARAMETER, parameter=field))
    title = worded_in(locale, f"settings.title.{setting}") if setting else ""
    named = worded_in(locale, "error.refused_setting", setting=title)
    assert said == (named if setting else worded_in(locale, "error.refused_parameter"))


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("kind", [None, ErrorKind.CONTENT_FILTERED, *sorted(BROKEN_OFF)])
def test_how_an_answer_broke_off_is_read_again_from_what_stands(kind: ProblemKind | None, locale: str) -> None:
    words = Words(locale)
    problem = problem_of(kind)
    reason = FinishReason.CUT if kind is None else FinishReason.STOP
    state = TurnState.COMPLETE if kind is None else TurnState.FAILED
    if kind is Trouble.INTERRUPTED:
        state = TurnState.INTERRUPTED
    controls = ended_controls(
        5000, state=state, reason=reason, drawn=False, version=1, versions=1, problem=kind, written=True
    )
    composition = Composition(words, ReplyOptions())
    composition.push("Half of it")
    composition.end(Ending(state=state, reason=reason, problem=problem, controls=controls))
    (page,) = composition.pages()
    message = ShownMessage(id=9000, text=page.content, turn_id=5000, actions=frozenset(controls.actions))
    shown = read_reply(kept_turn(text="", locale=locale), [message], words)
    assert shown.text == "Half of it"
    assert shown.end is not None
    assert (shown.end.state, shown.end.reason) == (state, reason)
    again = problem_of(shown.end.error_kind)
    assert (again is None) is (problem is None)
    if problem is not None and again is not None:  # several kinds say the same
        assert words.problem(again, written=True, goes_on=True) == words.problem(problem, written=True, goes_on=True)


def test_where_else_the_bot_may_be_asked() -> None:
    for locale in ("en-US", "zh-CN"):
        between = worded_in(locale, "list.separator")
        said = worded_in(locale, "refusal.channel_elsewhere", channels=f"<#5>{between}<#6>")
        assert Words(locale).elsewhere((5, 6)) == said
