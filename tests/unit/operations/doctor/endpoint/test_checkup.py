"""What the doctor makes of the model's endpoint."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.config import Secret
from bot.domain.model.events import Failure, Finish, FinishReason, PictureBytes, PictureUrl, ReasoningDelta, TextDelta
from bot.domain.model.request import Mode
from bot.errors import ErrorKind, ProviderError
from bot.operations.doctor.endpoint.checkup import ANSWER_TIMEOUT_S, EndpointCheckup, Tools, is_listed
from bot.operations.doctor.endpoint.faults import EXPLAINED, explain
from bot.operations.doctor.findings import Finding, Verdict
from bot.operations.doctor.web import WebFaultError
from bot.providers.http.failures import reported_error
from tests.fakes.clock import FakeClock
from tests.fakes.model import FakeModel, FakePictures
from tests.unit.operations.conftest import FakeWeb, answer, by_check, config

DONE = Finish(reason=FinishReason.STOP)
CHAT: dict[str, Any] = {
    "provider": "chat_completions",
    "openai_base_url": "https://chat.test/v1",
    "openai_chat_model": "talker",
}


class Bench:
    """A checkup with everything around it faked."""

    def __init__(self) -> None:
        self.model, self.other, self.pictures = FakeModel(), FakeModel(), FakePictures()
        self.web = FakeWeb({"": answer(status=405), "/models": answer({"data": [{"id": "talker"}]})})
        self.public: bool | OSError = True

    async def is_public(self, host: str, port: int) -> bool:
        if isinstance(self.public, OSError):
            raise self.public
        return self.public

    async def run(self, *, calls: bool = True, draw: bool = False, **changes: Any) -> dict[str, Finding]:
        tools = Tools(
            model=self.model,
            other_scheme=self.other if changes.get("provider", "fusion") == "fusion" else None,
            pictures=self.pictures,
            get=self.web.get,
            is_public=self.is_public,
            clock=FakeClock(),
        )
        return by_check(await EndpointCheckup(config(**changes), tools, calls=calls, draw=draw).run())


@pytest.fixture
def bench() -> Bench:
    return Bench()


def failure(kind: ErrorKind, detail: str = "", **more: Any) -> Failure:
    return Failure(error=ProviderError(kind, detail, **more))


async def test_the_cheapest_call_and_no_picture(bench: Bench) -> None:
    bench.model.script(0.25, TextDelta(text="ready"), 0.5, DONE)
    findings = await bench.run()
    assert list(findings) == ["reachable", "answer", "drawing"]
    assert "first words after 250 ms, whole after 0.8 s" in findings["answer"].found
    assert findings["drawing"].verdict is Verdict.SKIPPED
    (request,) = bench.model.requests
    assert (request.mode, request.draw, request.sampling.max_new_tokens) == (Mode.CHAT, False, 16)
    assert bench.web.asked == [("https://sensenova.sensetime.com/v1/fusion/chat-with-image", {})], "and without a key"


async def test_no_calls_are_no_calls(bench: Bench) -> None:
    findings = await bench.run(calls=False, draw=True)
    assert findings["answer"].verdict is Verdict.SKIPPED
    assert bench.model.requests == []


async def test_an_endpoint_that_is_not_reached_is_not_called(bench: Bench, fault: WebFaultError) -> None:
    bench.web.answers[""] = fault
    bench.public = OSError("no such name")
    findings = await bench.run()
    assert (findings["reachable"].found, findings["reachable"].verdict) == (fault.found, Verdict.FAILED)
    assert findings["answer"].verdict is Verdict.SKIPPED
    assert bench.model.requests == []


@pytest.mark.parametrize("kind", ErrorKind)
async def test_each_kind_of_fault_has_its_words_and_cure(bench: Bench, kind: ErrorKind) -> None:
    bench.model.script(failure(kind, "HTTP 418"))
    bench.other.script(failure(ErrorKind.AUTHENTICATION))
    finding = (await bench.run())["answer"]
    assert finding.verdict is Verdict.FAILED
    assert "HTTP 418" in finding.found
    assert "{" not in finding.cure, "every name is filled in"


def test_the_same_words_for_no_two_kinds() -> None:
    assert EXPLAINED.keys() == set(ErrorKind)
    assert len({found for found, _ in EXPLAINED.values()}) == len(EXPLAINED)


def test_what_the_endpoint_says_of_what_was_asked_is_shown() -> None:
    error = ProviderError(
        ErrorKind.UNKNOWN_MODEL, "the endpoint reported an error (5)", sentence="不支持的模型: x", status=404
    )
    found, cure = explain(error, names={"key": "K", "url": "U", "model": "M"})
    assert found == "the endpoint does not know the model (HTTP 404, 5): 不支持的模型: x"
    assert cure.startswith("Correct M:")


@pytest.mark.parametrize(("scheme", "other"), [("raw", "bearer"), ("bearer", "raw")])
@pytest.mark.parametrize("outcome", [DONE, failure(ErrorKind.QUOTA), failure(ErrorKind.INVALID_REQUEST)])
async def test_a_key_that_is_written_the_wrong_way(
    bench: Bench, scheme: str, other: str, outcome: Finish | Failure
) -> None:
    bench.model.script(failure(ErrorKind.AUTHENTICATION))
    bench.other.script(outcome)
    finding = (await bench.run(fusion_auth_scheme=scheme))["answer"]
    assert finding.verdict is Verdict.FAILED
    assert finding.cure == f"Set FUSION_AUTH_SCHEME={other}"


@pytest.mark.parametrize("outcome", [failure(ErrorKind.AUTHENTICATION), failure(ErrorKind.NETWORK)])
async def test_a_key_that_is_wrong_either_way(bench: Bench, outcome: Failure) -> None:
    bench.model.script(failure(ErrorKind.AUTHENTICATION))
    bench.other.script(outcome)
    assert "FUSION_API_SECRET_KEY" in (await bench.run())["answer"].cure


@pytest.mark.parametrize("kind", [ErrorKind.EMPTY, ErrorKind.ONLY_THOUGHT, ErrorKind.THOUGHT_TOO_LONG])
async def test_a_model_that_only_thought_has_answered(kind: ErrorKind, bench: Bench) -> None:
    bench.model.script(ReasoningDelta(text="hm"), failure(kind))
    assert (await bench.run())["answer"].verdict is Verdict.OK


async def test_an_endpoint_that_never_answers_is_given_up(bench: Bench) -> None:
    bench.model.script(asyncio.Event())
    finding = (await bench.run())["answer"]
    assert EXPLAINED[ErrorKind.TIMEOUT_TOTAL][0] in finding.found
    assert asyncio.get_running_loop().time() == pytest.approx(ANSWER_TIMEOUT_S, abs=1)
    assert bench.model.open_streams == 0


async def test_a_missing_second_token_is_told_with_and_without_calls(bench: Bench) -> None:
    bench.model.script(failure(ErrorKind.NOT_SET_UP))
    findings = await bench.run(miaohua_token=Secret(""))
    assert findings["drawing"].verdict is Verdict.WARNING
    assert "MIAOHUA_TOKEN" in findings["answer"].cure
    assert (await bench.run(calls=False, miaohua_token=Secret("")))["drawing"].verdict is Verdict.WARNING
    # The endpoint requires it with every request, also where nothing is drawn.
    off = await bench.run(calls=False, miaohua_token=Secret(""), defaults={"drawing_allowed": False})
    assert off["drawing"].verdict is Verdict.WARNING


async def test_the_endpoint_s_words_are_told_and_the_key_is_named(bench: Bench) -> None:
    error = reported_error({"message": "无效的令牌", "type": "one_api_error"}, status=401)
    bench.model.script(Failure(error=error))
    finding = (await bench.run(**CHAT))["answer"]
    assert finding.found == "the key is not accepted (HTTP 401, one_api_error): 无效的令牌"
    assert "OPENAI_API_KEY" in finding.cure


@pytest.mark.parametrize("source", [PictureUrl(url="https://pictures.test/1"), PictureBytes(data=b"picture")])
async def test_a_picture_is_drawn_with_the_operators_settings_and_fetched(
    bench: Bench, source: PictureUrl | PictureBytes
) -> None:
    bench.model.script(TextDelta(text="ready"), DONE)
    bench.model.script(2.0, source, DONE)
    finding = (await bench.run(draw=True, defaults={"steps": 7}))["drawing"]
    assert finding.verdict is Verdict.OK
    assert "64x64" in finding.found
    assert "after 2.0 s" in finding.found
    request = bench.model.requests[-1]
    assert (request.mode, request.draw, request.drawing.steps) == (Mode.DRAW, True, 7)


async def test_a_picture_that_is_not_to_be_had(bench: Bench) -> None:
    said = TextDelta(text="ready"), DONE
    bench.model.script(*said)
    bench.model.script(failure(ErrorKind.DRAWING_FAILED, sentence="no"))
    assert "MIAOHUA_TOKEN" in (await bench.run(draw=True))["drawing"].cure
    bench.model.script(*said)
    bench.model.script(TextDelta(text="I would rather not"), DONE)
    assert "held no picture" in (await bench.run(draw=True))["drawing"].found
    bench.model.script(*said)
    bench.model.script(PictureUrl(url="https://pictures.test/1?Signature=secret"), DONE)
    bench.pictures.failing = ProviderError(ErrorKind.PICTURE_HOST, "10.0.0.1:8000 is not public")
    finding = (await bench.run(draw=True))["drawing"]
    assert "IMAGE_FETCH_ALLOW" in finding.cure
    assert "10.0.0.1:8000" in finding.found
    assert "secret" not in finding.found
    bench.model.script(*said)
    bench.model.script(asyncio.Event())
    assert (await bench.run(draw=True))["drawing"].verdict is Verdict.FAILED


async def test_the_key_travels_unencrypted(bench: Bench) -> None:
    finding = (await bench.run(calls=False, fusion_url="http://model.test/chat"))["encryption"]
    assert finding.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("url", "allowed", "told"),
    [
        ("http://model.home:8080/chat", frozenset(), "IMAGE_FETCH_ALLOW=model.home:8080"),
        ("https://model.home/chat", frozenset(), "IMAGE_FETCH_ALLOW=model.home:443"),
        ("http://model.home:8080/chat", frozenset({("model.home", 8080)}), ""),
    ],
)
async def test_pictures_of_a_host_that_is_not_public(
    bench: Bench, url: str, allowed: frozenset[tuple[str, int]], told: str
) -> None:
    bench.public = False
    findings = await bench.run(calls=False, fusion_url=url, image_fetch_allow=allowed)
    assert told in findings["picture host"].cure if told else "picture host" not in findings
    assert "encryption" not in findings, "nothing leaves one's own network"


@pytest.mark.parametrize(
    ("body", "status", "verdict"),
    [
        ({"data": [{"id": "talker"}, {"id": "stable-diffusion-api:latest"}]}, 200, Verdict.OK),
        ({"data": [{"id": "talker"}]}, 200, Verdict.WARNING),
        ({"data": []}, 200, Verdict.WARNING),
        ({"data": ["odd"]}, 200, Verdict.WARNING),
        ({"data": None}, 200, Verdict.SKIPPED),
        (None, 404, Verdict.SKIPPED),
        (None, 401, Verdict.WARNING),
    ],
)
async def test_the_models_that_a_server_lists(bench: Bench, body: object, status: int, verdict: Verdict) -> None:
    bench.web.answers["/models"] = answer(body, status=status)
    findings = await bench.run(calls=False, openai_api_key=Secret("sk-key"), **CHAT)
    assert findings["models"].verdict is verdict
    assert bench.web.asked == [("https://chat.test/v1/models", {"Authorization": "Bearer sk-key"})]


async def test_a_chat_server_that_refuses_the_key_is_not_asked_twice(bench: Bench) -> None:
    bench.model.script(failure(ErrorKind.AUTHENTICATION))
    findings = await bench.run(**CHAT)
    assert "OPENAI_API_KEY" in findings["answer"].cure
    assert bench.other.requests == []


async def test_a_chat_server_that_is_not_reached(bench: Bench, fault: WebFaultError) -> None:
    bench.web.answers["/models"] = fault
    assert (await bench.run(**CHAT))["answer"].verdict is Verdict.SKIPPED


def test_a_name_with_a_tag_is_the_same_model() -> None:
    assert is_listed("qwen", ["qwen:latest"])
    assert not is_listed("qwen", ["qwen:7b"])


async def test_the_endpoint_and_models_that_places_get_are_asked(bench: Bench) -> None:
    bench.model.script(TextDelta(text="ready"), DONE)
    both = CHAT | {"provider": "fusion", "defaults": {"provider": "chat_completions", "chat_model": "other"}}
    findings = await bench.run(**both)
    assert bench.web.asked[0][0] == "https://chat.test/v1/models"
    assert "DEFAULT_CHAT_MODEL=other" in findings["models"].found
    assert findings["answer"].verdict is Verdict.OK
    assert "endpoint" not in findings


async def test_a_chosen_endpoint_that_is_not_set_up(bench: Bench) -> None:
    bench.model.script(TextDelta(text="ready"), DONE)
    findings = await bench.run(defaults={"provider": "chat_completions"})
    assert findings["endpoint"].verdict is Verdict.WARNING
    assert "DEFAULT_PROVIDER=chat_completions is not set up" in findings["endpoint"].found
    assert "OPENAI_BASE_URL" in findings["endpoint"].cure
    assert bench.web.asked[0][0].startswith("https://sensenova"), "PROVIDER's is asked, as the bot does"
