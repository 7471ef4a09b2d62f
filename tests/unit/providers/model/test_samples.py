"""Every documented answer, at every split of its bytes and with every line end, gives the same events."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.model.events import Failure, ModelEvent, Progress, ReasoningDelta, Retraction, TextDelta
from bot.errors import ProviderError
from bot.providers.answer.parts import Lost
from bot.providers.http.transport import Transport
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.model.fusion import FusionModel
from bot.providers.model.stream import Dialect, restored
from bot.providers.wire.framing import Done, Framer
from tests.unit.providers.chat_samples import CHAT
from tests.unit.providers.picture_samples import PICTURES
from tests.unit.providers.samples import ANY, FUSION, Sample, text_of
from tests.unit.providers.server_samples import SERVERS_CHAT, SERVERS_FUSION
from tests.unit.providers.servers import FUZZ_FACTOR, KEY, MIAOHUA, FakeClock, RawServer, collect, http

HTTP = Transport(clock=FakeClock())
FUSION_DIALECT = FusionModel(HTTP, url="https://f.test/x", api_key=KEY, miaohua_token=MIAOHUA)
CHAT_DIALECT = ChatCompletionsModel(HTTP, base_url="http://x/v1", api_key=KEY, chat_model="a", image_model="b")
SAMPLES = [pytest.param(FUSION_DIALECT, sample, id=f"fusion: {sample.name}") for sample in FUSION]
SAMPLES += [pytest.param(CHAT_DIALECT, sample, id=f"chat: {sample.name}") for sample in (*CHAT, *PICTURES)]
SAMPLES += [pytest.param(CHAT_DIALECT, sample, id=f"chat, in public: {sample.name}") for sample in SERVERS_CHAT]
SAMPLES += [pytest.param(FUSION_DIALECT, sample, id=f"fusion, in public: {sample.name}") for sample in SERVERS_FUSION]
_NOT_THE_REST = (TextDelta, Progress, ReasoningDelta, Retraction)
LINE_ENDS = ("\n", "\r", "\r\n")


def run(dialect: Dialect, sample: Sample, pieces: Iterable[bytes]) -> tuple[list[ModelEvent], ProviderError | None]:
    """Read an answer as the stream does, without a network."""
    framer = Framer()
    events, error = read(dialect, sample, pieces, framer)
    return [restored(event, framer.cutter) for event in events], error


def read(
    dialect: Dialect, sample: Sample, pieces: Iterable[bytes], framer: Framer
) -> tuple[list[ModelEvent], ProviderError | None]:
    """Read an answer without what is cut out of its events."""
    assembler = dialect.assembler(sample.request)
    events: list[ModelEvent] = []
    try:
        for data in (*pieces, None):
            for frame in framer.close() if data is None else framer.feed(data):
                if isinstance(frame, Done):
                    if framer.lost:
                        assembler.feed(Lost())
                    return events + assembler.end(done=True), None
                for part in dialect.decode(frame):
                    events += assembler.feed(part)
        if framer.lost:
            assembler.feed(Lost())
        return events + assembler.end(done=False), None
    except ProviderError as error:
        return events + assembler.abandon(), error


def check(sample: Sample, events: list[ModelEvent], error: ProviderError | None) -> None:
    assert text_of(events) == sample.text
    rest = tuple(event for event in events if not isinstance(event, _NOT_THE_REST))
    if sample.error is None:
        assert error is None
        assert rest == sample.rest
    else:
        assert error is not None
        assert (error.kind, error.sentence) == (sample.error, sample.sentence)
        assert rest == ()


@pytest.mark.parametrize("line_end", LINE_ENDS, ids=("LF", "CR", "CRLF"))
@pytest.mark.parametrize(("dialect", "sample"), SAMPLES)
def test_at_every_split(dialect: Dialect, sample: Sample, line_end: str) -> None:
    data = sample.body.replace("\n", line_end).encode()
    check(sample, *run(dialect, sample, [data]))
    check(sample, *run(dialect, sample, (data[at : at + 1] for at in range(len(data)))))
    for at in range(1, len(data)):
        check(sample, *run(dialect, sample, [data[:at], data[at:]]))


@settings(max_examples=150 * FUZZ_FACTOR, deadline=None)
@given(st.data())
def test_at_random_splits(data: st.DataObject) -> None:
    dialect, sample = data.draw(st.sampled_from([param.values for param in SAMPLES]))
    assert isinstance(sample, Sample)
    body = sample.body.replace("\n", data.draw(st.sampled_from(LINE_ENDS))).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=12)))
    pieces = [body[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    check(sample, *run(dialect, sample, pieces))  # type: ignore[arg-type]  # both kinds of sample are run by their own


@pytest.mark.parametrize(("dialect", "sample"), SAMPLES)
def test_between_garbage(dialect: Dialect, sample: Sample) -> None:
    """Garbage events before and between good ones change nothing."""
    for garbage in (
        'data: {"broken": \n\n',
        '{"broken"\n',
        "data: nonsense\n\n",
        "event: ping\nid: 7\n\n",
        '{"a": "\n',
    ):
        if sample.body.startswith(("data:", ":")):
            body = garbage + sample.body.replace("\n\n", "\n\n" + garbage)
        else:
            body = garbage + sample.body
        check(sample, *run(dialect, sample, [body.encode()]))


@pytest.mark.parametrize(("dialect", "sample"), [param for param in SAMPLES if "in public" in str(param.id)])
async def test_over_a_socket(
    dialect: Dialect, sample: Sample, server: RawServer, fusion: FusionModel, chat: ChatCompletionsModel
) -> None:
    server.answer([http(sample.body, content_type="text/event-stream")])
    *events, last = await collect(fusion if dialect is FUSION_DIALECT else chat, sample.request)
    if isinstance(last, Failure):
        check(sample, events, last.error)
    else:
        check(sample, [*events, last], None)


@pytest.mark.parametrize(
    "number",
    ["0.10", "1e50", "1E+2", "2024", "-7", "0", "-0", "3.0", "12345678901234567890123", "9" * 5000, "true", "false"],
)
def test_number_with_its_digits_as_they_were_written(number: str) -> None:
    chat, fusion = ('{"choices": [{"delta": {"content": %s}}]}', '{"code": 0, "data": {"choices": [{"delta": %s}]}}')
    for dialect, body in ((CHAT_DIALECT, chat), (FUSION_DIALECT, fusion)):
        data = f"data: {body % number}\n\ndata: [DONE]\n\n".encode()
        events, error = run(dialect, Sample(name="", body="", request=ANY), [data])
        assert error is None
        assert text_of(events) == number
