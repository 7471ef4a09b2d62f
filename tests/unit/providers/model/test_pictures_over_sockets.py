"""Every form of picture over a real socket, from the answer's bytes to the picture's."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from bot.domain.model.events import Failure, ModelEvent, PictureUrl, Progress, TextDelta
from bot.domain.picture.files import PictureFormat
from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.model.chat_completions import ChatCompletionsModel
from bot.providers.picture.download import Reach
from bot.providers.picture.fetcher import PictureFetcher
from tests.fakes.pictures.inline import InlineWorkshop
from tests.unit.providers.chat_samples import chunked
from tests.unit.providers.picture_samples import PICTURES
from tests.unit.providers.samples import ANY, Sample, events_of, text_of
from tests.unit.providers.servers import FakeClock, RawServer, chunk, collect, http, opening

OF_SAMPLES = "http://x/"
"""The endpoint that the samples take their paths to be at."""


def at(base: str, event: ModelEvent) -> ModelEvent:
    if isinstance(event, PictureUrl) and event.url.startswith(OF_SAMPLES):
        return replace(event, url=f"{base}/{event.url.removeprefix(OF_SAMPLES)}")
    return event


@pytest.mark.parametrize("sample", PICTURES, ids=lambda sample: sample.name)
async def test_form(sample: Sample, server: RawServer, chat: ChatCompletionsModel) -> None:
    data = sample.body.encode()
    streamed = data.startswith(b"data:")
    pieces = [chunk(data[at : at + 97]) for at in range(0, len(data), 97)]
    server.answer([opening(), *pieces, chunk(b"")] if streamed else [http(data)])
    events = await collect(chat, sample.request)
    assert text_of(events) == sample.text
    rest = [event for event in events if not isinstance(event, (TextDelta, Progress))]
    if sample.error is None:
        assert rest == [at(server.base, event) for event in sample.rest]
    else:
        (failure,) = rest
        assert isinstance(failure, Failure)
        assert (failure.error.kind, failure.error.sentence) == (sample.error, sample.sentence)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![image](/img/b)", ""),
        ("\n![image](/img/b)\n", "\n\n"),
        ("[![image](https://img.example/t.png)](/img/b)", ""),
        ("![image](/img/b)\nA fox.", "\nA fox."),
    ],
)
async def test_answer_that_begins_with_a_picture(
    text: str, shown: str, server: RawServer, chat: ChatCompletionsModel
) -> None:
    answer = events_of(*(chunked(delta={"content": char}) for char in text), chunked(reason="stop"))
    server.answer([http(answer, content_type="text/event-stream")])
    events = await collect(chat, ANY)
    assert text_of(events) == shown
    assert [event.url for event in events if isinstance(event, PictureUrl)] == [f"{server.base}/img/b"]


@pytest.fixture
def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 4), "teal").save(out, "PNG")
    return out.getvalue()


async def test_path_at_the_endpoint_is_fetched_there(
    picture: bytes, server: RawServer, chat: ChatCompletionsModel, clock: FakeClock
) -> None:
    """The path is under the endpoint's host, not under its API; a host that is not public must be allowed."""
    answer = events_of(chunked(delta={"content": "![image](/images/my fox.png?sig=%2F)"}, reason="stop"))
    server.answer([http(answer, content_type="text/event-stream")], [http(picture)])
    named = next(event for event in await collect(chat, ANY) if isinstance(event, PictureUrl))
    refusing = PictureFetcher(workshop=InlineWorkshop(), clock=clock)
    with pytest.raises(ProviderError) as caught:
        await refusing.fetch(named.url, limit_bytes=10_000, errand=Errand())
    await refusing.close()
    assert caught.value.kind is ErrorKind.PICTURE_HOST
    fetcher = PictureFetcher(
        workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=frozenset({("127.0.0.1", server.port)}))
    )
    assert (await fetcher.fetch(named.url, limit_bytes=10_000, errand=Errand())).format is PictureFormat.PNG
    await fetcher.close()
    (_, fetched) = server.requests
    assert fetched.line == "GET /images/my%20fox.png?sig=%2F HTTP/1.1"
    assert "authorization" not in fetched.headers
