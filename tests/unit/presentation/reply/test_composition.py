"""What a reply is to look like: its messages, its file, its notes and its buttons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import FinishReason
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.domain.page.small import small
from bot.domain.picture.files import PictureFile
from bot.domain.reply.controls import Action, running_controls
from bot.domain.reply.ending import Ending, Problem, ReplyOptions
from bot.domain.turn.record import TurnState
from bot.domain.usage.quota import Cost
from bot.errors import ErrorKind, ProviderError, Refusal, Trouble
from bot.presentation.outbound.upload import Upload
from bot.presentation.reply.composition import ANSWER_FILE, Composition
from bot.presentation.reply.growing.messages import ReplyMessage
from bot.presentation.words.drawings import quoted
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from tests.fakes.model import picture
from tests.fakes.reply.pages import paginate
from tests.fakes.words import worded_in

WORDS = Words("zh-CN")
STOP = running_controls(5)
RETRY = replace(STOP, version=2, versions=2)
WHOLE = Ending(state=TurnState.COMPLETE, controls=RETRY)
LONG = "".join(f"This is sentence number {n}. " for n in range(600))
PAGES = paginate(LONG)
FOX = PictureFile(picture=picture(), filename="fox.png", alt="a fox")
IN_FILE = f"-# {WORDS.rest_in_file}"


def composed(text: str = "", *, heading: str = "", **options: object) -> Composition:
    plain = ReplyOptions(controls=STOP, pages_before_file=3)
    made = Composition(WORDS, replace(plain, **options), heading=heading)  # type: ignore[arg-type]  # fields of ReplyOptions
    for start in range(0, len(text), 700):
        made.push(text[start : start + 700])
    return made


def failed(kind: ErrorKind) -> Ending:
    return Ending(state=TurnState.FAILED, problem=ProviderError(kind))


def contents(composition: Composition) -> list[str]:
    pages = composition.pages()
    assert all(units(page.content) <= PAGE_LIMIT for page in pages)
    return [page.content for page in pages]


def has_files(composition: Composition) -> bool:
    return any(page.files for page in composition.pages())


def under(composition: Composition) -> list[object]:
    """What stands under each message."""
    return [page.controls for page in composition.pages()]


# --- while it grows ------------------------------------------------------------------------------------------------


def test_there_is_nothing_before_there_is_something_to_show() -> None:
    assert composed().pages() == []
    assert composed(heading="> a fox?").pages() == []


@pytest.mark.parametrize("heading", ["", "> a fox?"], ids=["no heading", "heading"])
@pytest.mark.parametrize("kept", [0, 5, 3000])
def test_text_that_is_taken_back_leaves_what_stood_before_it(kept: int, heading: str) -> None:
    made = composed(LONG, heading=heading)
    made.retract(LONG[:kept])
    made.push("and on")
    assert contents(made) == contents(composed(f"{LONG[:kept]}and on", heading=heading))
    made.end(WHOLE)
    assert "number 500" not in "".join(contents(made))


def test_where_a_turn_stands_is_shown_until_there_is_text() -> None:
    made = composed(heading="> a fox?")
    made.show_waiting(2)
    assert made.pages() == [ReplyMessage(content=f"> a fox?\n-# {WORDS.waiting(2)}", controls=STOP)]
    made.show_waiting(0)
    assert contents(made) == [f"> a fox?\n-# {WORDS.thinking}"]
    made.show_drawing()
    assert contents(made) == [f"> a fox?\n-# {WORDS.drawing}"]
    made.push("Here")
    made.show_drawing()
    assert contents(made) == ["> a fox?\nHere"]


def test_a_thought_is_told_in_small_print_until_there_is_text() -> None:
    made = composed(heading="> a fox?")
    made.show_thinking(since=100.0)
    assert (made.pages(), made.changes_at) == ([], 101.0)
    made.tick(112.5)
    line = f"-# {WORDS.thinking_for(12)}"
    assert made.pages() == [ReplyMessage(content=f"> a fox?\n{line}", controls=STOP)]
    assert made.changes_at == 116.0
    made.push("Here")
    assert contents(made) == ["> a fox?\nHere"]
    assert not made.tells_time


@pytest.mark.parametrize("kind", [ErrorKind.RATE_LIMITED, ErrorKind.NETWORK])
def test_another_try_is_told_and_what_was_told_before_after_it(kind: ErrorKind) -> None:
    made = composed()
    made.show_drawing(12.0)
    made.show_retry(kind, now=100.0, after_s=40.0)
    assert made.pages() == [ReplyMessage(content=small(WORDS.retry(kind, 40)), controls=STOP)]
    made.tick(131.0)
    assert contents(made) == [small(WORDS.retry(kind, 10))]
    made.tick(140.0)
    assert (contents(made), made.changes_at) == ([small(WORDS.drawing_for(12.0))], None)


def test_after_the_wait_for_another_try_the_answer_is_on_its_way() -> None:
    made = composed()
    made.show_retry(ErrorKind.OVERLOADED, now=100.0, after_s=4.0)
    made.tick(104.0)
    assert contents(made) == [small(WORDS.thinking)]
    made.show_thinking(since=104.0)
    made.tick(110.0)
    assert contents(made) == [f"-# {WORDS.thinking_for(4)}"]
    made.push("Here")
    assert contents(made) == ["Here"]


def test_a_short_wait_for_another_try_is_not_worth_a_word() -> None:
    made = composed()
    made.show_retry(ErrorKind.OVERLOADED, now=100.0, after_s=2.0)
    assert (made.pages(), made.changes_at) == ([], None)


def test_of_several_waits_the_longest_is_told() -> None:
    made = composed()
    made.show_retry(ErrorKind.RATE_LIMITED, now=100.0, after_s=40.0)
    made.show_retry(ErrorKind.RATE_LIMITED, now=101.0, after_s=5.0)
    assert contents(made) == [small(WORDS.retry(ErrorKind.RATE_LIMITED, 40))]
    made.show_retry(ErrorKind.RATE_LIMITED, now=101.0, after_s=50.0)
    assert contents(made) == [small(WORDS.retry(ErrorKind.RATE_LIMITED, 50))]


def test_a_drawing_that_begins_ends_the_thought_that_led_to_it() -> None:
    made = composed()
    made.show_thinking(since=100.0)
    made.tick(112.0)
    made.show_drawing()
    assert (contents(made), made.changes_at) == ([small(WORDS.drawing)], None)


@pytest.mark.parametrize("text", ["Half", "x" * PAGE_LIMIT])
def test_below_an_answer_that_goes_on_a_line_has_its_room_or_is_left_out(text: str) -> None:
    made = composed(text)
    made.show_retry(ErrorKind.RATE_LIMITED, now=100.0, after_s=40.0)
    line = f"-# {WORDS.retry(ErrorKind.RATE_LIMITED, 40)}"
    assert contents(made) == [f"Half\n\n{line}" if text == "Half" else text]
    made.show_thinking(since=140.0)
    made.tick(144.0)
    assert contents(made) == [f"Half\n\n-# {WORDS.thinking_for(4)}" if text == "Half" else text]
    made.push(" of it")
    assert "".join(contents(made)) == f"{text} of it"[: len(text)] + (" of it" if text == "Half" else "of it")


def test_an_end_takes_the_place_of_a_line() -> None:
    made = composed()
    made.show_retry(ErrorKind.RATE_LIMITED, now=100.0, after_s=40.0)
    made.end(Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED))
    assert (contents(made), made.changes_at) == ([f"-# {WORDS.problem(Trouble.STOPPED)}"], None)


def test_the_buttons_stand_under_the_last_message_alone() -> None:
    made = composed(LONG[:5000])
    assert under(made) == [None, None, STOP]
    made.end(WHOLE)
    assert under(made) == [None, None, RETRY]


def test_without_buttons_there_are_none() -> None:
    made = composed("Hello", controls=None)
    assert under(made) == [None]
    made.end(Ending(state=TurnState.COMPLETE))
    assert under(made) == [None]


@pytest.mark.parametrize("heading", ["", "> a fox?"])
def test_it_is_known_how_much_of_the_text_a_message_brings(heading: str) -> None:
    assert [page.chars for page in composed("Hello ", heading=heading).pages()] == [6]
    waiting = composed(heading=heading)
    waiting.show_waiting(2)
    assert [page.chars for page in waiting.pages()] == [0]
    made = composed(LONG[:5000], heading=heading)
    pages = contents(made)
    for index, page in enumerate(made.pages()[:-1]):
        brought = LONG[: page.chars]
        assert brought.endswith(page.content[-50:])
        assert sum(len(page) for page in pages[: index + 1]) - len(heading) - len(brought) < 5
    assert made.pages()[-1].chars == 5000


def test_where_the_rest_is_in_a_file_all_of_the_text_is_brought() -> None:
    made = composed(LONG)
    made.end(WHOLE)
    assert made.pages()[-1].chars == len(LONG)
    assert made.pages()[0].chars < 2000


# --- long answers --------------------------------------------------------------------------------------------------


def test_past_so_many_messages_the_whole_text_comes_as_a_file() -> None:
    made = composed(LONG)
    assert len(PAGES) > 3
    assert contents(made) == PAGES[:3]
    assert not has_files(made)
    made.end(WHOLE)
    pages = made.pages()
    assert [page.files for page in pages[:-1]] == [()] * (len(pages) - 1)
    assert pages[-1].files == (Upload(data=LONG.encode(), filename=ANSWER_FILE),)
    assert pages[-1].content.endswith(IN_FILE)
    assert contents(made)[:2] == PAGES[:2]
    assert has_files(made)


def test_the_file_holds_the_answer_as_it_came_without_the_heading() -> None:
    text = "```py\n" + "print('x')\n" * 900 + "```\n狐狸"
    made = composed(text, heading="> a fox?", pages_before_file=1)
    made.end(WHOLE)
    (file,) = made.pages()[-1].files
    assert file.data == text.encode()


def test_as_many_messages_as_are_allowed_need_no_file() -> None:
    made = composed(LONG, pages_before_file=len(PAGES))
    made.end(WHOLE)
    assert contents(made) == PAGES
    assert not has_files(made)


def test_where_no_file_may_be_attached_it_goes_on_in_messages() -> None:
    made = composed(LONG, can_attach=False)
    assert contents(made) == PAGES
    made.end(WHOLE)
    assert contents(made) == PAGES
    assert not has_files(made)


def test_a_file_that_turns_out_to_be_forbidden_is_done_without() -> None:
    made = composed(LONG)
    made.end(WHOLE)
    made.forbid_files()
    made.end(WHOLE)
    assert contents(made) == PAGES
    assert not has_files(made)
    assert under(made) == [None] * (len(PAGES) - 1) + [RETRY]


def test_pictures_come_before_the_file() -> None:
    made = composed(LONG)
    made.end(replace(WHOLE, pictures=(FOX,)))
    assert [file.filename for file in made.pages()[-1].files] == ["fox.png", ANSWER_FILE]


# --- how it ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "note"),
    [
        (Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED), f"-# {WORDS.problem(Trouble.STOPPED)}"),
        (
            Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED),
            f"-# ⚠️ {WORDS.problem(Trouble.INTERRUPTED)}",
        ),
        (Ending(state=TurnState.FAILED, problem=Refusal.BUSY), f"-# ⚠️ {WORDS.problem(Refusal.BUSY)}"),
        (Ending(state=TurnState.COMPLETE, reason=FinishReason.LENGTH), f"-# {WORDS.cut_by_length}"),
    ],
)
def test_a_note_stands_below_the_text_or_alone_below_the_heading(ending: Ending, note: str) -> None:
    with_text, without, headed = composed("Half"), composed(), composed(heading="> a fox?")
    for made in (with_text, without, headed):
        made.end(ending)
    assert contents(with_text) == [f"Half\n\n{note}"]
    assert contents(without) == [note]
    assert contents(headed) == [f"> a fox?\n{note}"]


GOES_ON = replace(STOP, actions=(Action.RETRY, Action.CONTINUE, Action.DELETE))


@pytest.mark.parametrize(
    ("ending", "goes_on", "otherwise"),
    [
        (Ending(state=TurnState.COMPLETE, reason=FinishReason.CUT), "broke_off.cut", "reply.cut"),
        (failed(ErrorKind.TRUNCATED), "broke_off.connection", "error.truncated"),
        (failed(ErrorKind.TIMEOUT_IDLE), "broke_off.silence", "error.timeout_idle"),
        (failed(ErrorKind.OVERLOADED), "broke_off.busy", "error.overloaded"),
        (failed(ErrorKind.CONTENT_FILTERED), "reply.filtered_here", "reply.filtered_here"),
        (
            Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED),
            "broke_off.interrupted",
            "trouble.interrupted",
        ),
    ],
    ids=repr,
)
@pytest.mark.parametrize("heading", ["", "> a fox?"])
def test_an_answer_that_broke_off_says_so_and_what_its_buttons_do(
    ending: Ending, goes_on: str, otherwise: str, heading: str
) -> None:
    made = composed("Half", heading=heading)
    above = f"{heading}\nHalf" if heading else "Half"
    made.end(replace(ending, controls=GOES_ON))
    assert contents(made) == [f"{above}\n\n-# ⚠️ {worded_in('zh-CN', goes_on)}"]
    made.end(replace(ending, controls=RETRY))
    assert contents(made) == [f"{above}\n\n-# ⚠️ {worded_in('zh-CN', otherwise)}"]


def test_what_was_filtered_before_a_word_is_said_as_ever() -> None:
    made = composed()
    made.end(failed(ErrorKind.CONTENT_FILTERED))
    assert contents(made) == [f"-# ⚠️ {worded_in('zh-CN', 'error.content_filtered')}"]


def test_a_note_for_which_there_is_no_room_gets_a_message_with_the_buttons() -> None:
    made = composed("x" * PAGE_LIMIT)
    made.end(Ending(state=TurnState.STOPPED, problem=Trouble.STOPPED, controls=RETRY))
    assert contents(made) == ["x" * PAGE_LIMIT, f"-# {WORDS.problem(Trouble.STOPPED)}"]
    assert under(made) == [None, RETRY]


@pytest.mark.parametrize("text", ["狐" * 1990, "x" * 1985, "🦊" * 995])
def test_room_is_counted_as_discord_counts_it(text: str) -> None:
    made = composed(text)
    made.end(Ending(state=TurnState.FAILED, problem=Trouble.STORAGE))
    assert len(contents(made)) == 2


@pytest.mark.parametrize("heading", ["", "> a question"])
def test_an_answer_of_which_nothing_is_seen_is_said_to_be_empty(heading: str) -> None:
    made = composed("<br>", heading=heading)
    made.end(WHOLE)
    (content,) = contents(made)
    assert content.removeprefix(f"{heading}\n") == notice(WORDS.problem(ProviderError(ErrorKind.EMPTY)))


def test_an_ending_may_be_replaced() -> None:
    made = composed("Half")
    made.end(WHOLE)
    made.end(Ending(state=TurnState.INTERRUPTED, problem=Trouble.INTERRUPTED))
    assert contents(made) == [f"Half\n\n-# ⚠️ {WORDS.problem(Trouble.INTERRUPTED)}"]


def test_a_file_does_not_show_its_bytes() -> None:
    assert "secret" not in repr(Upload(data=b"secret", filename="a.md"))


PROBLEMS = (*map(ProviderError, ErrorKind), *Refusal, *Trouble, *DrawingDenial)


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
@pytest.mark.parametrize("text", ["", "-# ⚠️ It is over.\n\n> -# Me too"], ids=["no text", "text"])
def test_every_line_of_the_bot_s_is_small_print_and_none_of_the_model_s_is(problem: Problem, text: str) -> None:
    sentence = "two\nlines -# ⚠️"
    if isinstance(problem, ProviderError):
        problem = ProviderError(problem.kind, sentence=sentence)
    made = composed(text, heading=quoted("a fox?\n-# ⚠️", 200))
    made.show_retry(ErrorKind.RATE_LIMITED, now=0.0, after_s=40.0)
    growing = "\n".join(contents(made)).split("\n")
    cost = Cost(amount=1.0, currency="元")
    ended = Ending(state=TurnState.FAILED, reason=FinishReason.LENGTH, problem=problem, notices=(cost,))
    made.end(ended)
    for lines in (growing, "\n".join(contents(made)).split("\n")):
        theirs = [line for line in lines if line and not line.startswith(("-# ", "> -# "))]
        assert theirs == ([] if not text else ["-\\# ⚠️ It is over.", "> -\\# Me too"])
        assert lines[0].startswith("> -# a fox?")
