"""Documented answers, damaged at random: whatever comes of them is events or the project's own error, at any split."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.events import Failure, Finish, ModelEvent, TextDelta
from bot.errors import ProviderError
from bot.providers.answer.gates import SENTINEL
from bot.providers.model.stream import Dialect
from tests.unit.providers.chat_samples import CHAT
from tests.unit.providers.model.test_samples import CHAT_DIALECT, FUSION_DIALECT, run
from tests.unit.providers.picture_samples import PICTURES
from tests.unit.providers.samples import FUSION, Sample, text_of
from tests.unit.providers.server_samples import SERVERS_CHAT, SERVERS_FUSION
from tests.unit.providers.servers import FUZZ_FACTOR

SUBJECTS: list[tuple[Dialect, Sample]] = [
    *((FUSION_DIALECT, sample) for sample in FUSION),
    *((CHAT_DIALECT, sample) for sample in (*CHAT, *PICTURES, *SERVERS_CHAT)),
    *((FUSION_DIALECT, sample) for sample in SERVERS_FUSION),
]
BITS = (
    *(b"\n", b"\r", b"\n\n", b"\0", b"\xff", b"\xe4\xbd", b'"', b"\\", b"\\ud83d", b"{", b"}", b"[", b"]", b",", b":"),
    *(
        b"data: ",
        b"data: [DONE]\n\n",
        b": PING\n\n",
        b"event: error\n",
        b"null",
        b"true",
        b"-1e999",
        b"9" * 30,
        b"<html>",
    ),
    *(
        SENTINEL.encode(),
        SENTINEL[:20].encode(),
        b"<think>",
        b"</think>",
        b"<|channel|>analysis<|message|>",
        b"<|end|>",
        b"[THINK]",
        b"</answer>",
        b"![x](https://a/b.png)",
        b"```",
        b"<img src=",
        b"[![x](https://a/b.png)](/c)",
        b"data:image/png;base64,iVBORw0KGgo",
        b"iVBORw0KGgo" * 9,
        b"<a href='/b'>",
        b"25%",
    ),
    *(
        b'"error": {"message": "x"}, ',
        b'"choices": {}, ',
        b'"delta": [], ',
        b'"picture": true, ',
        b'"image": "/b", ',
        b'"type": "image", ',
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Dialect, Sample, bytes, list[int]]:
    """Take a sample and cut, double, swap and insert bytes; then choose where to split it."""
    dialect, sample = draw(st.sampled_from(SUBJECTS))
    data = sample.body.encode()
    for _ in range(draw(st.integers(1, 4))):
        begin, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
        bit = draw(st.sampled_from(BITS) | st.binary(max_size=3))
        data = draw(
            st.sampled_from(
                (
                    data[:begin] + bit + data[begin:],  # insert
                    data[:begin] + bit + data[end:],  # replace
                    data[:begin],  # cut off
                    data[:end] + data[begin:],  # repeat
                )
            )
        )
    return dialect, sample, data, sorted(draw(st.sets(st.integers(0, len(data)), max_size=6)))


def outcome(dialect: Dialect, sample: Sample, pieces: list[bytes]) -> tuple[str, list[ModelEvent], object]:
    """Read an answer; return its text, its other events and its error's kind."""
    events, error = run(dialect, sample, pieces)
    assert error is None or isinstance(error, ProviderError)
    terminal = [event for event in events if isinstance(event, (Finish, Failure))]
    assert len(terminal) == (1 if error is None else 0)
    return text_of(events), [event for event in events if not isinstance(event, TextDelta)], error and error.kind


@settings(max_examples=300 * FUZZ_FACTOR, deadline=None)
@given(damaged())
def test_damaged_samples(subject: tuple[Dialect, Sample, bytes, list[int]]) -> None:
    dialect, sample, data, cuts = subject
    text, rest, kind = outcome(dialect, sample, [data])
    if dialect is FUSION_DIALECT:
        assert text.strip() != SENTINEL  # within other words it is words; only this endpoint has it
    text.encode()
    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    split = outcome(dialect, sample, pieces)
    if kind is split[2] is None:
        assert split == (text, rest, None)
    else:
        assert split[2] is kind
