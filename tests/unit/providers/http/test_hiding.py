"""What an endpoint repeats of a request is neither logged nor shown."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from html import escape, unescape
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from bot.domain.model.events import Failure
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.providers.http.hiding import Hidden
from bot.providers.http.transport import Call, Transport
from tests.unit.providers.http.test_paid_once import model_of
from tests.unit.providers.servers import KEY, MIAOHUA, RawServer, collect, http

QUESTION = 'Where did I hide "the silver spoon" of my grandmother?\nIn the cellar!'
CHINESE = "我把奶奶的银勺子藏在地下室了"
PERSONA = "You are a pirate who never tells where the treasure lies."
REQUEST = ModelRequest(
    mode=Mode.CHAT,
    messages=(
        PromptMessage(role=Role.USER, content=CHINESE),
        PromptMessage(role=Role.ASSISTANT, content="Aye, my secret is safe with you"),
        PromptMessage(role=Role.USER, content=QUESTION),
    ),
    persona=PERSONA,
    user_key="u-0123456789",
    draw=False,
)
PRIVATE = (
    KEY,
    KEY[:12],
    MIAOHUA,
    "silver spoon",
    "SILVER SPOON",
    "银勺子",
    "secret is safe",
    "never tells where",
    "u-0123456789",
    "sk-someoneelses",
    "eyJhbGciOi",
    "Signature",
)
ECHOES = {
    "all of it, as JSON in the words": {
        "error": {"message": f"bad request: {json.dumps({'content': QUESTION + CHINESE})} {PERSONA}", "code": "x"}
    },
    "in other letters, with the spaces gone wrong": {"detail": f"no:  {QUESTION.upper()}   {CHINESE} {KEY}"},
    "keys": {"error": f"Incorrect API key provided: {KEY[:14]}… or {KEY}, mh_key {MIAOHUA} for u-0123456789"},
    "keys of others": {
        "message": "use sk-someoneelses12345 or Bearer eyJhbGciOi.eyJhbGciOi.x, https://a/?Signature=x"
    },
    "as an address has it": {"detail": f"{quote(QUESTION)} {quote_plus(PERSONA)} {quote(CHINESE)[:200]}"},
    "as HTML has it": {"detail": escape(QUESTION + PERSONA) + "".join(f"&#{ord(char)};" for char in CHINESE)},
    "as Python prints it": {"detail": f"{CHINESE!a} {CHINESE.encode()!r} {QUESTION!r}"},
    "as JSON in JSON": {"detail": json.dumps(json.dumps(f"{CHINESE}😀 {QUESTION}"))},
    "with blanks and marks between the letters": {"detail": " ".join(QUESTION) + "|".join(CHINESE)},
    "in wide letters": {"detail": "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in KEY)},
    "a part of the middle": {"msg": "…where the treasure lies. 勺子藏在地下室 is safe with you silver spoon"},
}  # fmt: skip


@pytest.mark.parametrize("endpoint", ["fusion", "chat_completions"])
@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
async def test_nothing_private_comes_back(
    echo: object,
    status: int,
    endpoint: str,
    server: RawServer,
    transport: Transport,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer([http(echo, status=status)])
    last = (await collect(model_of(endpoint, server.base, transport), REQUEST))[-1]
    assert isinstance(last, Failure)
    seen = " ".join((caplog.text, str(last.error), repr(last.error), last.error.detail, last.error.sentence))
    seen = unicodedata.normalize("NFKC", unquote_plus(unescape(seen)))
    seen = re.sub(r"(?<=\b\w) (?=\w\b)|\|", "", seen)
    assert not [private for private in PRIVATE if private in seen]


async def test_the_rest_of_the_words_is_quoted_and_logged(
    server: RawServer, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    words = f"The model `talker` does not exist (you wrote: {QUESTION})"
    server.answer([http({"error": {"message": words}}, status=404)])
    last = (await collect(model_of("chat_completions", server.base, transport), REQUEST))[-1]
    assert isinstance(last, Failure)
    assert last.error.sentence == "The model `talker` does not exist (you wrote: …!)"
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    told = "the endpoint reported an error: The model `talker` does not exist (you wrote: …!)"
    assert logged == [f"chat_completions chat failed: unknown_model: {told}"]


def hidden(*contents: object, key: str = "") -> Hidden:
    body = {"messages": [{"role": "user", "content": content} for content in contents]}
    return Hidden(Call(url="", headers={"Authorization": f"Bearer {key}"}, body=json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("content", "said", "left"),
    [
        ("hi", "hi is not allowed: this is", "hi is not allowed: this is"),
        ("hello", 'refused: "hello"', 'refused: "…"'),
        ("画猫", "提示词“画猫”不合规", "提示词“…”不合规"),
        ([{"type": "text", "text": "the long words of a part"}], "no: the long words of a part", "no: …"),
        ("a.b*c(d long enough to be a run", "no a.b*c(d long enough to be a run!", "no …!"),
        ("nothing of it", "Rate limit reached for m, request id 0a1b2c3d-0000-4000-8000-123456789abc",
         "Rate limit reached for m, request id 0a1b2c3d-0000-4000-8000-123456789abc"),
        ("nothing of it", "token AIzaSyA1234567890abcdefg is wrong", "token … is wrong"),
        ("nothing of it", "api_key: abcdef123456 is wrong", "… is wrong"),
        ("nothing of it", "the API key is required", "the API key is required"),
    ],
)  # fmt: skip
def test_what_is_taken_out(content: object, said: str, left: str) -> None:
    assert hidden(content).out_of(said) == left


@pytest.mark.parametrize("said", ["half \ud83d pair", "half \\ud83d pair", "a\0b \\u0000 c", "a \x1b[31m b"])
def test_what_is_left_can_be_sent_and_stored(said: str) -> None:
    left = hidden("x").out_of(said)
    left.encode()
    assert left.isprintable()


def test_pairs_that_are_written_out_are_one_character() -> None:
    assert hidden("x").out_of("no \\ud83d\\ude00 here") == "no 😀 here"


def test_part_of_a_key_is_one() -> None:
    assert hidden("x", key="abcdefghijklmnop").out_of("wrong: abcdefg***") == "wrong: …***"


def test_what_is_taken_out_takes_no_time() -> None:
    assert len(hidden("a" * 200_000, "ab" * 100_000).out_of("a b " * 1000)) <= 600
