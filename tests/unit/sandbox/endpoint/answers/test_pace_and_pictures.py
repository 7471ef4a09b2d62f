"""Signed addresses of pictures, and the cutting of text."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from sandbox.endpoint import LocalEndpoint
from sandbox.endpoint.answers.pace import paced, shreds, tokens, until_stop
from sandbox.endpoint.painting.recipe import Recipe
from sandbox.endpoint.painting.store import PictureStore
from tests.unit.sandbox.endpoint.calling import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

SMALL = Recipe(prompt="fox", width=64, height=64)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_an_address_serves_its_picture_until_it_expires() -> None:
    clock = Clock()
    async with LocalEndpoint(port=0, clock=clock, picture_ttl_s=60) as endpoint, aiohttp.ClientSession() as session:
        answer = await Caller(endpoint, session).fusion_json(text="draw a fox")
        url = answer["data"]["choices"][0]["content"]
        async with session.get(url) as response:
            data = await response.read()
            assert response.status == 200
            assert int(response.headers["Content-Length"]) == len(data)
            assert data.startswith(b"\x89PNG")
        clock.now += 62
        async with session.get(url) as response:
            assert response.status == 403
            assert "<Code>AccessDenied</Code>" in await response.text()


@pytest.mark.parametrize(
    "change", [{"Expires": "9999999999"}, {"Signature": "0" * 64}, {"Signature": ""}, {"Expires": "never"}]
)
async def test_an_address_that_was_tampered_with_is_refused(caller: Caller, change: dict[str, str]) -> None:
    answer = await caller.fusion_json(text="draw a fox")
    async with caller.session.get(URL(answer["data"]["choices"][0]["content"]).update_query(change)) as response:
        assert response.status == 403
        assert "<Code>SignatureDoesNotMatch</Code>" in await response.text()


async def test_pictures_are_rendered_once_and_again_when_they_left_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[Recipe] = []

    def paint(recipe: Recipe) -> bytes:
        painted.append(recipe)
        return b"x" * 20_000_000

    monkeypatch.setattr("sandbox.endpoint.painting.store.paint", paint)
    store = PictureStore(clock=Clock(), ttl_s=60)
    other = Recipe(prompt="cat", width=64, height=64)
    assert await store.add(SMALL) != await store.add(SMALL)
    await store.render(other)
    await store.render(SMALL)
    assert painted == [SMALL, other, SMALL]


async def texts(*parts: str) -> AsyncGenerator[str]:
    for part in parts:
        yield part


@given(st.text(alphabet="ab9_' \n\t.,狐狸", max_size=60))
def test_tokens_and_shreds_lose_nothing(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert "".join(shreds(text, random.Random(1))) == text


@pytest.mark.parametrize("stops", [["c"], ["bc", "zzz"], ["cd"], ["bcd", "d"]])
async def test_text_ends_before_a_stop_sequence_at_any_cut(stops: Sequence[str]) -> None:
    whole = "abcdefg"
    wanted = whole[: min(whole.find(stop) for stop in stops if stop in whole)]
    for cut in range(len(whole)):
        parts = texts(whole[:cut], whole[cut:])
        assert "".join([part async for part in until_stop(parts, stops)]) == wanted


async def test_pieces_have_the_size_asked_for_and_one_end() -> None:
    made = [
        piece
        async for piece in paced(
            texts("one two three", " four", "  狐狸"),
            limit_tokens=None,
            tokens_per_s=0,
            chunk_tokens=(1, 2),
            rng=random.Random(3),
        )
    ]
    assert "".join(piece.text for piece in made) == "one two three four  狐狸"
    assert {piece.tokens for piece in made[:-1]} <= {1, 2}
    assert [piece.finish for piece in made if piece.finish] == ["stop"]
    assert made[-1].text == ""
