"""What the documented samples don't show: progress, reasoning, what stands when an answer breaks off."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.domain.model.events import (
    DrawingIntent,
    Finish,
    FinishReason,
    PictureBytes,
    PictureUrl,
    Progress,
    ReasoningDelta,
    Retraction,
    TextDelta,
    Usage,
)
from bot.domain.model.request import ModelRequest
from bot.errors import ErrorKind
from bot.providers.answer.gates import SENTINEL
from tests.unit.providers.chat_samples import URL, chunked, completion
from tests.unit.providers.model.test_samples import CHAT_DIALECT, FUSION_DIALECT, run
from tests.unit.providers.samples import (
    ANY,
    CHECK,
    DRAW,
    NO_USAGE,
    SENSITIVE,
    SIGNED,
    STOP,
    Sample,
    delta,
    envelope,
    events_of,
    lines,
    text_of,
    whole,
)


def sample(body: str, request: object = ANY) -> Sample:
    return Sample(name="", body=body, request=request)  # type: ignore[arg-type]  # one of the three requests


def test_progress_comes_line_by_line() -> None:
    body = events_of(
        chunked(delta={"content": "> 生成"}), chunked(delta={"content": "中 …\n>\n> 90%\nno"}),
        chunked(delta={"content": f"ise\n![x]({URL})"}, reason="stop"),
    )  # fmt: skip
    events, error = run(CHAT_DIALECT, sample(body, DRAW), [body.encode()])
    assert error is None
    assert events == [
        Progress(text="生成中 …"), Progress(text="90%"), PictureUrl(url=URL), Usage(pictures=1), STOP,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart(name: str) -> None:
    body = events_of(chunked(delta={name: "hm"}), chunked(delta={"content": "Hi"}, reason="stop"))
    events, _ = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert events == [ReasoningDelta(text="hm"), TextDelta(text="Hi"), STOP]


def test_reasoning_in_the_text_is_kept_apart() -> None:
    body = events_of(chunked(delta={"content": "<think>h"}), chunked(delta={"content": "m</think>\n\nHi"}))
    events, _ = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert events[:3] == [ReasoningDelta(text="h"), ReasoningDelta(text="m"), TextDelta(text="Hi")]


@pytest.mark.parametrize("delta_", [{"reasoning": "hm"}, {"content": "<think>hm"}], ids=["apart", "in the text"])
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("stop", ErrorKind.ONLY_THOUGHT),
        ("length", ErrorKind.THOUGHT_TOO_LONG),
        ("content_filter", ErrorKind.CONTENT_FILTERED),
        ("network_error", ErrorKind.TRUNCATED),
    ],
)
def test_reasoning_alone_is_no_answer(delta_: dict[str, str], reason: str, kind: ErrorKind) -> None:
    body = events_of(chunked(delta=delta_), chunked(reason=reason))
    events, error = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert events == [ReasoningDelta(text="hm")]
    assert error is not None
    assert error.kind is kind


def test_picture_inside_a_huge_delta() -> None:
    data = "iVBORw0KGgo" + "A" * 2_000_001
    body = events_of(chunked(delta={"content": f"![x](data:image/png;base64,{data})"}, reason="stop"))
    for request in (ANY, DRAW):
        events, _ = run(CHAT_DIALECT, sample(body, request), [body.encode()])
        assert isinstance(events[0], PictureBytes)
        assert (len(events), len(events[0].data)) == (3, len(data) // 4 * 3)


@pytest.mark.parametrize(
    "content", [f"![x]({URL})", f"> 90%\n![x]({URL}) and more", f'<img src="{URL}">'], ids=["md", "more", "img"]
)
def test_drawing_that_came_before_the_answer_broke_off(content: str) -> None:
    body = events_of(chunked(delta={"content": content}), done=False)
    events, error = run(CHAT_DIALECT, sample(body, DRAW), [body.encode()])
    assert error is None
    assert events[-3:] == [PictureUrl(url=URL), Usage(pictures=1), Finish(reason=FinishReason.UNKNOWN)]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        pytest.param({"images": [{"image_url": {"url": URL}}]}, [URL], id="beside the words"),
        pytest.param({"content": f"Here: ![x]({URL}) and mo"}, [URL], id="in the words"),
        pytest.param({"content": f"![a]({URL}) ![b]({URL}2) ![c]({URL}"}, [URL, URL + "2"], id="the last one half"),
        pytest.param({"content": f"![a]({URL}"}, [], id="half of one"),
        pytest.param({"content": "data:image/png;base64,iVBORw0KGgo"}, [], id="half of one's bytes"),
        pytest.param({"content": f"> 25%\n![25%]({URL})"}, [], id="a preview alone"),
    ],
)
def test_a_chat_that_breaks_off_shows_the_pictures_that_came_whole(
    content: dict[str, object], shown: list[str]
) -> None:
    body = events_of(chunked(delta=content), done=False)
    events, error = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert [event.url for event in events if isinstance(event, PictureUrl)] == shown
    assert not [event for event in events if isinstance(event, PictureBytes)]
    assert error is not None
    assert error.kind is ErrorKind.TRUNCATED


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        pytest.param({"images": [{"image_url": {"url": URL}}]}, [URL], id="beside the words"),
        pytest.param({"content": f"![a]({URL}) ![b]({URL}2) ![c]({URL}"}, [URL, URL + "2"], id="the last one half"),
        pytest.param({"content": URL}, [], id="an address that may be half"),
        pytest.param({"content": f"> 25%\n![25%]({URL})"}, [], id="a preview alone"),
    ],
)
def test_a_drawing_that_ends_in_an_error_keeps_the_pictures_that_came_whole(
    content: dict[str, object], shown: list[str]
) -> None:
    body = events_of(chunked(delta=content), {"error": {"code": 503, "message": "no"}})
    events, error = run(CHAT_DIALECT, sample(body, DRAW), [body.encode()])
    assert [event.url for event in events if isinstance(event, PictureUrl)] == shown
    assert error is not None
    assert error.kind is ErrorKind.OVERLOADED


@pytest.mark.parametrize("content", [URL, f"![x]({URL}", "data:image/png;base64,AAAA", "words"])
def test_drawing_that_may_be_cut(content: str) -> None:
    body = events_of(chunked(delta={"content": content}), done=False)
    events, error = run(CHAT_DIALECT, sample(body, DRAW), [body.encode()])
    assert events == []
    assert error is not None
    assert error.kind is ErrorKind.TRUNCATED


def test_held_text_is_shown_when_an_answer_breaks_off() -> None:
    body = events_of(delta("https://exam"), done=False)
    events, error = run(FUSION_DIALECT, sample(body), [body.encode()])
    assert (text_of(events), error is not None and error.kind) == ("https://exam", ErrorKind.TRUNCATED)
    body = events_of(delta("Yes. This is a drawing req"), done=False)
    events, error = run(FUSION_DIALECT, sample(body, CHECK), [body.encode()])
    assert (text_of(events), error is not None and error.kind) == ("Yes. ", ErrorKind.TRUNCATED)


def test_refusal_that_was_streamed_already_is_not_told_twice() -> None:
    body = events_of(delta(SENSITIVE[:9]), delta(SENSITIVE[9:]), delta("", "stop", picture=True))
    events, error = run(FUSION_DIALECT, sample(body), [body.encode()])
    assert text_of(events) == SENSITIVE
    assert error is not None
    assert (error.kind, error.sentence) == (ErrorKind.CONTENT_FILTERED, "")


@pytest.mark.parametrize("request_", [ANY, DRAW], ids=["talk", "drawing"])
def test_picture_under_a_prompt_of_the_greatest_length(request_: ModelRequest) -> None:
    prompt = "[best] a (red:1.2) fox. " * 80
    body = events_of(*(chunked(delta={"content": piece}) for piece in ("![", prompt[:99], prompt[99:], f"]({URL})")))
    events, error = run(CHAT_DIALECT, sample(body, request_), [body.encode()])
    assert error is None
    assert (text_of(events), events[0]) == ("", PictureUrl(url=URL, named=request_ is ANY))


def test_drawing_under_a_prompt_of_several_lines() -> None:
    body = events_of(chunked(delta={"content": f"![a fox]]\nin the [snow]({URL})\n[download]({URL}2)"}, reason="stop"))
    events, _ = run(CHAT_DIALECT, sample(body, DRAW), [body.encode()])
    assert events[0] == PictureUrl(url=URL)


@pytest.mark.parametrize("words", ["", "No."])
def test_moderation_of_a_drawing_is_about_a_picture(words: str) -> None:
    body = events_of(delta(words), delta("", "sensitive", picture=True))
    _, error = run(FUSION_DIALECT, sample(body), [body.encode()])
    assert error is not None
    assert (error.kind, error.drawing, error.sentence) == (ErrorKind.CONTENT_FILTERED, True, "")


def test_picture_that_was_not_to_be_made_is_an_intent() -> None:
    body = lines(whole(SIGNED, picture=True))
    events, _ = run(FUSION_DIALECT, sample(body, CHECK), [body.encode()])
    assert not any(isinstance(event, PictureUrl) for event in events)
    assert len(events) == 3


@pytest.mark.parametrize("flag", [True, 1, "true"])
def test_picture_flag_in_any_notation(flag: object) -> None:
    body = lines(envelope({"content": SIGNED, "finish_reason": "stop"}, {"picture": flag}))
    events, _ = run(FUSION_DIALECT, sample(body), [body.encode()])
    assert events[0] == PictureUrl(url=SIGNED)


def test_drawing_answer_without_the_flag() -> None:
    """Nothing says whether the drawing path was taken, but nothing else was asked for."""
    body = lines(envelope({"content": SIGNED, "finish_reason": "stop"}, {}))
    events, _ = run(FUSION_DIALECT, sample(body, DRAW), [body.encode()])
    assert events[0] == PictureUrl(url=SIGNED)
    body = lines(envelope({"content": SIGNED, "finish_reason": "stop"}, NO_USAGE))
    _, error = run(FUSION_DIALECT, sample(body, DRAW), [body.encode()])
    assert error is not None
    assert error.kind is ErrorKind.DRAWING_FAILED


@pytest.mark.parametrize("status", ["ok", "0", None, 0])
def test_status_that_is_no_error(status: object) -> None:
    body = lines(envelope({"content": "Hi", "finish_reason": "stop"}, {}, status=status))
    events, _ = run(FUSION_DIALECT, sample(body), [body.encode()])
    assert text_of(events) == "Hi"


def test_other_choices_are_not_mixed_in() -> None:
    record = completion({"content": "first"})
    choices = record["choices"]
    assert isinstance(choices, list)
    choices.append({"index": 1, "message": {"content": "second"}})
    body = json.dumps(record)
    events, _ = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert text_of(events) == "first"


def test_pillow_is_not_loaded_before_the_first_picture() -> None:
    code = "import sys, bot.providers.picture.fetcher, bot.providers.model.fusion; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("request_", [ANY, DRAW], ids=["talk", "drawing"])
def test_pictures_in_reasoning_are_not_the_answer_s(request_: ModelRequest) -> None:
    body = events_of(
        chunked(delta={"content": f"Maybe ![a]({URL}).\n"}), chunked(delta={"content": f"</think>\n![b]({URL}2)"}),
        chunked(reason="stop"),
    )  # fmt: skip
    events, error = run(CHAT_DIALECT, sample(body, request_), [body.encode()])
    assert error is None
    assert [event for event in events if isinstance(event, PictureUrl)] == [
        PictureUrl(url=URL + "2", named=request_ is ANY)
    ]
    assert text_of(events).strip() == ""


@pytest.mark.parametrize(
    ("pieces", "retracted"),
    [
        pytest.param(["I think so.\n", "</think>\nHi"], True, id="shown by then"),
        pytest.param(["I think so.\n</think>\nHi"], False, id="not shown"),
        pytest.param(["https://x", "\n</think>\nHi"], False, id="held back by then"),
        pytest.param(["<think>a</think>Hi", "\n</think>\n"], False, id="opened before"),
    ],
)
def test_text_that_was_shown_is_taken_back_once(pieces: list[str], retracted: bool) -> None:
    for dialect, body in (
        (CHAT_DIALECT, events_of(*(chunked(delta={"content": piece}) for piece in pieces), chunked(reason="stop"))),
        (FUSION_DIALECT, events_of(*(delta(piece) for piece in pieces), delta("", "stop"))),
    ):
        events, error = run(dialect, sample(body), [body.encode()])
        assert error is None
        assert text_of(events).strip() == "Hi"
        assert events.count(Retraction()) == retracted


def test_an_intent_may_come_after_reasoning() -> None:
    for thought in ("<think>hm</think>\n", "hm\n</think>\n"):
        body = events_of(delta(thought[:3]), delta(thought[3:]), delta(SENTINEL), delta("", "stop"))
        events, error = run(FUSION_DIALECT, sample(body, CHECK), [body.encode()])
        assert error is None
        assert DrawingIntent() in events
        assert text_of(events) == ""


def test_an_answer_that_breaks_off_in_its_reasoning_shows_none_of_it() -> None:
    body = events_of(chunked(delta={"content": "<think>I thi"}), done=False)
    events, error = run(CHAT_DIALECT, sample(body), [body.encode()])
    assert (events, error is not None and error.kind) == ([ReasoningDelta(text="I thi")], ErrorKind.TRUNCATED)
