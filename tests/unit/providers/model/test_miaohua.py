"""What becomes of a fusion endpoint whose Miaohua token is not set."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.model.events import Failure, ModelEvent
from bot.domain.model.request import Mode
from bot.errors import ErrorKind
from bot.providers.answer.gates import SENTINEL
from bot.providers.http.transport import Transport
from bot.providers.model.fusion import FusionModel
from tests.fakes.asks import ask as asked
from tests.fakes.houses.house import House
from tests.fakes.reply.replies import FakeSink
from tests.unit.providers.samples import text_of, whole
from tests.unit.providers.servers import KEY, RawServer, Step, ask, collect, http


@pytest.fixture
def bare(transport: Transport, server: RawServer) -> FusionModel:
    return FusionModel(transport, url=f"{server.base}/fusion", api_key=KEY, miaohua_token=" ")


def refusal(message: str, *, status: int = 403) -> list[Step]:
    return [http({"error": {"message": message}}, status=status)]


def kind_of(events: Sequence[ModelEvent]) -> ErrorKind | None:
    last = events[-1]
    return last.error.kind if isinstance(last, Failure) else None


NAMED = refusal("Permission denied: mh_key is not valid.")
GOOD: list[Step] = [http(whole("Hi"))]


@pytest.mark.parametrize(
    "answer",
    [
        NAMED,
        refusal("秒画 token 无效", status=401),
        refusal("Miaohua token missing", status=400),
        refusal("no", status=403),
        refusal("no", status=400),
        [http({"code": 3, "msg": "no", "data": None})],
    ],
    ids=["named", "named in Chinese, 401", "named, 400", "403", "400", "at 200"],
)
async def test_a_refusal_is_for_want_of_the_token_and_is_remembered(
    answer: list[Step], server: RawServer, bare: FusionModel
) -> None:
    server.answer(answer)
    assert [kind_of(await collect(bare, ask())) for _ in range(3)] == [ErrorKind.NOT_SET_UP] * 3
    assert server.connections == 1
    assert server.requests[0].json["output_img"] is False


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal("Authentication failed", status=401), ErrorKind.AUTHENTICATION),
        (refusal("no", status=429), ErrorKind.RATE_LIMITED),
        (refusal("insufficient balance", status=403), ErrorKind.QUOTA),
    ],
)
async def test_other_errors_are_what_they_are(
    answer: list[Step], kind: ErrorKind, server: RawServer, bare: FusionModel
) -> None:
    server.answer(answer)
    assert kind_of(await collect(bare, ask())) is kind
    server.answer(GOOD)
    assert text_of(await collect(bare, ask())) == "Hi"


async def test_an_endpoint_that_talked_without_the_token_needs_none_for_that(
    server: RawServer, bare: FusionModel
) -> None:
    server.answer(GOOD, refusal("no", status=400), GOOD)
    assert [kind_of(await collect(bare, ask())) for _ in range(3)] == [None, ErrorKind.INVALID_REQUEST, None]


async def test_with_the_token_a_refusal_stays_what_it_is(server: RawServer, fusion: FusionModel) -> None:
    server.answer(NAMED)
    assert [kind_of(await collect(fusion, ask())) for _ in range(2)] == [ErrorKind.PERMISSION] * 2
    assert server.connections == 2


async def test_a_drawing_is_never_asked_for(server: RawServer, bare: FusionModel) -> None:
    assert kind_of(await collect(bare, ask(mode=Mode.DRAW))) is ErrorKind.NOT_SET_UP
    assert server.connections == 0


async def test_draw_ends_in_words_without_a_call(server: RawServer, bare: FusionModel) -> None:
    house, sink = House(endpoint=bare), FakeSink(first_id=9000)
    await house.draw.draw(asked(text="a fox", mode=Mode.DRAW), sink)
    assert sink.reply.ending.problem is DrawingDenial.NOT_SET_UP
    assert server.connections == 0


async def test_a_question_that_wants_a_picture_ends_in_words(server: RawServer, bare: FusionModel) -> None:
    server.answer([http(whole(SENTINEL))])
    house, sink = House(endpoint=bare), FakeSink(first_id=9000)
    await house.chat.respond(asked(text="draw a fox"), sink)
    assert sink.reply.ending.problem is DrawingDenial.NOT_SET_UP
    assert [received.json["output_img"] for received in server.requests] == [False]
