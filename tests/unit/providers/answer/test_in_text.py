"""Which pictures are the endpoint's own, and which a talk's text names: these are few, allowed, or stay links."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.domain.model.events import FinishReason, ModelEvent, PictureBytes, PictureUrl
from bot.domain.model.request import Mode
from bot.domain.picture.parameters import MAX_COUNT
from bot.providers.answer.chat import MOST, ChatAssembler, InText
from bot.providers.answer.parts import Assembler, PictureReference, Piece, Stopped
from bot.providers.model.chat_completions import ChatCompletionsModel
from tests.unit.providers.samples import text_of
from tests.unit.providers.servers import ask

BASE = "https://endpoint.test/v1/chat/completions"
URL = "https://img.test/a.png"
DATA = "data:image/png;base64,iVBORw0KGgo="
OFF = InText(hosts=frozenset())
SOME = InText(hosts=frozenset({("img.test", 443), ("other.test", 8080)}))


def spoken(assembler: Assembler, texts: Iterable[str], *given: PictureReference) -> list[ModelEvent]:
    """Give an answer as these pieces of text, after pictures beside them."""
    events = [event for part in given for event in assembler.feed(part)]
    for text in texts:
        events += assembler.feed(Piece(text=text))
    assembler.feed(Stopped(reason=FinishReason.STOP))
    return [*events, *assembler.end(done=True)]


def pictures(events: Iterable[ModelEvent]) -> list[PictureUrl | PictureBytes]:
    return [event for event in events if isinstance(event, (PictureUrl, PictureBytes))]


LINKS = [
    (f"See ![a fox]({URL}).", f"See [a fox]({URL})."),
    (f"![]({URL}) it is", f"{URL} it is"),
    (f'![a fox]({URL} "title")', f"[a fox]({URL})"),
    (f"[![a fox](https://img.test/t.png)]({URL}) ", f"[a fox]({URL}) "),
    (f'<img alt="a fox" src="{URL}">', f"[a fox]({URL})"),
    (f'<img src="{URL}">', URL),
    (f'<a href="{URL}"><img src="https://img.test/t.png"></a>', URL),
    ("![at the endpoint](/img/1)!", "[at the endpoint](/img/1)!"),
    (URL, URL),
    (f"![a fox]({URL}) and ![no]({URL}", f"[a fox]({URL}) and ![no]({URL}"),
    (f"`![code]({URL})`", f"`![code]({URL})`"),
]


@pytest.mark.parametrize(("text", "shown"), LINKS, ids=[text for text, _ in LINKS])
def test_what_is_not_fetched_stays_a_link(text: str, shown: str) -> None:
    for pieces in ([text], list(text)):
        events = spoken(ChatAssembler(base=BASE, in_text=OFF), pieces)
        assert (text_of(events), pictures(events)) == (shown, [])


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        (URL, True),
        ("https://IMG.test/a.png", True),
        ("http://img.test/a.png", False),
        ("https://img.test:8443/a.png", False),
        ("http://other.test:8080/a.png", True),
        ("https://other.test/a.png", False),
        ("https://img.test.evil.test/a.png", False),
        ("https://img.test@evil.test/a.png", False),
        ("https://img.test:x/a.png", False),
        ("/a.png", False),
    ],
)
def test_hosts_that_a_text_may_name(url: str, fetched: bool) -> None:
    events = spoken(ChatAssembler(base=BASE, in_text=SOME), [f"![x]({url})"])
    assert pictures(events) == ([PictureUrl(url=url, named=True)] if fetched else [])


def test_a_path_at_the_endpoint_is_of_the_endpoint_s_host() -> None:
    in_text = InText(hosts=frozenset({("endpoint.test", 443)}))
    events = spoken(ChatAssembler(base=BASE, in_text=in_text), ["![x](/a.png)"])
    assert pictures(events) == [PictureUrl(url="https://endpoint.test/a.png", named=True)]


@pytest.mark.parametrize("in_text", [OFF, SOME, InText()], ids=["off", "some", "on"])
def test_what_needs_no_fetching_or_is_the_endpoint_s_own_is_taken_all_the_same(in_text: InText) -> None:
    beside = PictureReference(url="https://cdn.test/made.png")
    events = spoken(ChatAssembler(base=BASE, in_text=in_text), [f"![x]({DATA})"], beside)
    assert pictures(events) == [PictureUrl(url=beside.url), PictureBytes(data=b"\x89PNG\r\n\x1a\n")]
    assert text_of(events) == ""


def test_a_text_names_no_more_than_a_few() -> None:
    urls = [f"https://img.test/{number}.png" for number in range(10)]
    events = spoken(ChatAssembler(base=BASE), ["".join(f"![{url[-5]}]({url})" for url in urls)])
    assert pictures(events) == [PictureUrl(url=url, named=True) for url in urls[:MOST]]
    assert text_of(events) == "".join(f"[{url[-5]}]({url})" for url in urls[MOST:])


def test_previews_that_give_way_count_for_nothing() -> None:
    previews = "".join(f"![{number * 10}%](https://img.test/{number}.png)" for number in range(1, 10))
    events = spoken(ChatAssembler(base=BASE), [previews, f"![fox]({URL})"])
    assert pictures(events) == [PictureUrl(url=URL, named=True)]


def test_one_that_is_beside_the_text_too_is_the_endpoint_s() -> None:
    events = spoken(ChatAssembler(base=BASE), [f"![x]({URL})"], PictureReference(url=URL))
    assert pictures(events) == [PictureUrl(url=URL)]


@pytest.fixture
def off(chat: ChatCompletionsModel) -> ChatCompletionsModel:
    chat._in_text = OFF
    return chat


@pytest.mark.parametrize("certain", [False, True], ids=["drawing", "certain of a talk"])
def test_what_was_ordered_is_the_endpoint_s_own_wherever_it_is_named(certain: bool, off: ChatCompletionsModel) -> None:
    """For many servers the text is the only place; a picture was asked for, so what comes first is that."""
    request = ask(certain=True) if certain else ask(mode=Mode.DRAW)
    urls = [f"https://img.test/{number}.png" for number in range(6)]
    found = pictures(spoken(off.assembler(request), ["".join(f"![x]({url})" for url in urls)]))
    assert found[:MAX_COUNT] == [PictureUrl(url=url) for url in urls[:MAX_COUNT]]
    assert [event for event in found[MAX_COUNT:] if isinstance(event, PictureUrl) and not event.named] == []


def test_a_talk_orders_nothing(off: ChatCompletionsModel) -> None:
    assert pictures(spoken(off.assembler(ask()), [f"![x]({URL})"])) == []
