"""The checks of the model's endpoint: reached, key accepted, an answer streamed, a picture drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.config import Config
from bot.domain.clock import Clock
from bot.domain.model.events import DrawingIntent, Failure, PictureBytes, PictureUrl, ReasoningDelta, TextDelta
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode, ModelRequest, Sampling
from bot.domain.picture.files import Picture
from bot.domain.picture.ports import Errand, PictureSource
from bot.domain.settings.catalogue import Settings
from bot.errors import ErrorKind, ProviderError
from bot.operations.doctor.endpoint.choice import check_choice, in_force, model_names
from bot.operations.doctor.endpoint.faults import explain
from bot.operations.doctor.findings import Finding, Verdict, failed, fine, skipped, warning
from bot.operations.doctor.web import Get, WebFaultError, host_of

ANSWER_TIMEOUT_S: Final = 60.0
DRAWING_TIMEOUT_S: Final = 300.0
ANSWER_TOKENS: Final = 16
PICTURE_BYTES: Final = 10 * 1024 * 1024
"""What Discord takes in a server without boosts."""
_LISTED_MODELS: Final = 5
_THOUGHT: Final = frozenset({ErrorKind.EMPTY, ErrorKind.ONLY_THOUGHT, ErrorKind.THOUGHT_TOO_LONG})
"""How an answer ends if all of the few tokens went into what a reasoning model thinks."""
_KEY_ACCEPTED: Final = _THOUGHT | {
    ErrorKind.INVALID_REQUEST,
    ErrorKind.REFUSED_PARAMETER,
    ErrorKind.UNKNOWN_MODEL,
    ErrorKind.QUOTA,
    ErrorKind.REGION,
    ErrorKind.NOT_SET_UP,
    ErrorKind.CONTENT_FILTERED,
}
"""What an endpoint says only to whom it let in."""

IsPublic = Callable[[str, int], Awaitable[bool]]
"""Whether a host's addresses all are ones of the public Internet. Raises ``OSError`` where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the checks are made with. ``other_scheme`` is the fusion endpoint asked with the key written the other way;
    None where there is but one way."""

    model: ChatModel
    other_scheme: ChatModel | None
    pictures: PictureSource
    get: Get
    is_public: IsPublic
    clock: Clock


class EndpointCheckup:
    """Asks the endpoint of one configuration. ``calls`` False leaves out what may cost, ``draw`` makes a picture."""

    def __init__(self, given: Config, tools: Tools, *, calls: bool, draw: bool) -> None:
        config = in_force(given)
        self._config = config
        self._choice = check_choice(given)
        self._chat_name, self._image_name = model_names(given)
        self._tools = tools
        self._calls = calls
        self._draw = draw
        self._fusion = config.provider == "fusion"
        self._settings = Settings(**config.defaults)
        self._may_draw = self._settings.drawing_allowed
        self._url = config.fusion_url if self._fusion else config.openai_base_url
        self._names = {
            "key": "FUSION_API_SECRET_KEY" if self._fusion else "OPENAI_API_KEY",
            "url": "FUSION_URL" if self._fusion else "OPENAI_BASE_URL",
            "model": "DEFAULT_DRAWING_MODEL" if self._fusion else self._chat_name,
        }

    async def run(self) -> list[Finding]:
        """Make every check; nothing is called that could not answer anyway."""
        findings = await (self._reached() if self._fusion else self._listed())
        findings += [*self._choice, *await self._local(), *self._token()]
        if findings[0].verdict is Verdict.FAILED:
            return [*findings, skipped("answer", "the endpoint is not reached")]
        if not self._calls:
            return [*findings, skipped("answer", "left out as asked for: no call was made")]
        answer = await self._answer()
        if answer.verdict is Verdict.FAILED or self._token():
            return [*findings, answer]
        return [*findings, answer, await self._drawing()]

    async def _reached(self) -> list[Finding]:
        """Reach the address without a key: whatever HTTP says to it, somebody is there, and nothing was charged."""
        try:
            answer = await self._tools.get(self._url, {})
        except WebFaultError as fault:
            return [failed("reachable", fault.found, fault.cure)]
        return [fine("reachable", f"{host_of(self._url)} answered in {answer.took_s * 1000:.0f} ms")]

    async def _listed(self) -> list[Finding]:
        """Ask for the list of models, which costs nothing; not every server has one."""
        key = self._config.openai_api_key
        headers = {"Authorization": f"Bearer {key.reveal()}"} if key else {}
        try:
            answer = await self._tools.get(f"{self._url}/models", headers)
        except WebFaultError as fault:
            return [failed("reachable", fault.found, fault.cure)]
        found = fine("reachable", f"{host_of(self._url)} answered in {answer.took_s * 1000:.0f} ms")
        if answer.status in (401, 403):
            refused = f"the list of models is refused with HTTP {answer.status}: the key may not be accepted"
            return [
                found,
                warning("models", refused, "Copy the key again from the model provider into OPENAI_API_KEY."),
            ]
        if answer.status != 200 or not isinstance(answer.body, dict) or not isinstance(answer.body.get("data"), list):
            return [found, skipped("models", f"the server lists none (HTTP {answer.status})")]
        listed = [str(item.get("id")) for item in answer.body["data"] if isinstance(item, dict)]
        chosen = {
            self._chat_name: self._config.openai_chat_model,
            self._image_name: self._config.openai_image_model,
        }
        absent = [f"{name}={model}" for name, model in chosen.items() if not is_listed(model, listed)]
        self._may_draw &= is_listed(self._config.openai_image_model, listed)
        if absent:
            some = ", ".join(listed[:_LISTED_MODELS]) + (", …" if len(listed) > _LISTED_MODELS else "")
            cure = f"Choose among the server's: {some or 'it has none yet'}. Without an image model, /draw will fail."
            return [found, warning("models", f"the server does not list {' and '.join(absent)}", cure)]
        return [found, fine("models", f"both are among the {len(listed)} that the server lists")]

    async def _local(self) -> list[Finding]:
        """Look whether the endpoint's own host is a public one: keys and pictures then travel differently."""
        parts = urlsplit(self._url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            public = await self._tools.is_public(host, port)
        except OSError:
            return []  # told already, by what could not be reached
        if public and parts.scheme == "http":
            return [
                warning(
                    "encryption",
                    "the address begins with http://: the key and what people write can be read on the way",
                    f"Use https:// in {self._names['url']}, where the model provider has it.",
                )
            ]
        if self._may_draw and not public and (host, port) not in self._config.image_fetch_allow:
            return [
                warning(
                    "picture host",
                    f"{host} is not public, so pictures that lie there are refused",
                    f"If the endpoint gives addresses of its own for pictures: IMAGE_FETCH_ALLOW={host}:{port}",
                )
            ]
        return []

    async def _answer(self) -> Finding:
        """Ask for a few words, in the cheapest way there is: a drawing would only be recognised, not made."""
        started = self._tools.clock.monotonic()
        error, first_s = await self._ask(self._tools.model)
        if error is None:
            took_s = self._tools.clock.monotonic() - started
            words = f"first words after {first_s * 1000:.0f} ms, " if first_s is not None else ""
            return fine("answer", f"the key is accepted, an answer came: {words}whole after {took_s:.1f} s")
        found, cure = explain(error, names=self._names)
        if error.kind is ErrorKind.AUTHENTICATION and self._tools.other_scheme is not None:
            again, _ = await self._ask(self._tools.other_scheme)
            if again is None or again.kind in _KEY_ACCEPTED:
                other = "raw" if self._config.fusion_auth_scheme == "bearer" else "bearer"
                return failed(
                    "answer",
                    f"{found}; written the other way it is",
                    f"Set FUSION_AUTH_SCHEME={other}",
                )
        return failed("answer", found, cure)

    async def _ask(self, model: ChatModel) -> tuple[ProviderError | None, float | None]:
        """Make one call; returns its error, and after how many seconds the first words came."""
        request = ModelRequest(
            mode=Mode.CHAT,
            messages=(PromptMessage(role=Role.USER, content="Say: ready"),),
            user_key="doctor",
            draw=False,
            sampling=Sampling(max_new_tokens=ANSWER_TOKENS),
        )
        started = self._tools.clock.monotonic()
        first_s: float | None = None
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S), model.stream(request) as events:
                async for event in events:
                    if isinstance(event, (TextDelta, ReasoningDelta, DrawingIntent)) and first_s is None:
                        first_s = self._tools.clock.monotonic() - started
                    if isinstance(event, Failure):
                        # So few tokens may all go into what a reasoning model thinks: it answered all the same.
                        thought = event.error.kind in _THOUGHT and first_s is not None
                        return (None if thought else event.error), first_s
        except TimeoutError:
            return ProviderError(ErrorKind.TIMEOUT_TOTAL, f"{ANSWER_TIMEOUT_S:.0f} s"), first_s
        return None, first_s

    def _token(self) -> list[Finding]:
        """Look whether there is the second token, which drawings need and the endpoint requires with every request."""
        if not self._fusion or self._config.miaohua_token:
            return []
        return [
            warning(
                "drawing",
                "MIAOHUA_TOKEN is not set: nothing is drawn, and the endpoint may refuse questions too",
                "Put the Miaohua token into MIAOHUA_TOKEN.",
            )
        ]

    async def _drawing(self) -> Finding:
        if not self._draw:
            return skipped("drawing", "not tried; --draw makes one picture, which costs what a picture costs")
        started = self._tools.clock.monotonic()
        try:
            async with asyncio.timeout(DRAWING_TIMEOUT_S):
                picture = await self._picture()
        except TimeoutError:
            error = ProviderError(ErrorKind.TIMEOUT_TOTAL, f"{DRAWING_TIMEOUT_S:.0f} s")
        except ProviderError as raised:
            error = raised
        else:
            took_s = self._tools.clock.monotonic() - started
            size = f"{picture.width}x{picture.height}, {len(picture.data) / 1024:.0f} KiB"
            return fine("drawing", f"a picture was made and fetched: {size}, after {took_s:.1f} s")
        names = self._names | ({} if self._fusion else {"model": self._image_name})
        return failed("drawing", *explain(error, names=names))

    async def _picture(self) -> Picture:
        """Make a picture with the operator's own settings and fetch it. Raises ``ProviderError``."""
        request = ModelRequest(
            mode=Mode.DRAW,
            messages=(PromptMessage(role=Role.USER, content="a fox in the snow"),),
            user_key="doctor",
            drawing=self._settings.drawing,
        )
        source: PictureUrl | PictureBytes | None = None
        async with self._tools.model.stream(request) as events:
            async for event in events:
                if isinstance(event, Failure):
                    raise event.error
                if isinstance(event, (PictureUrl, PictureBytes)) and source is None:
                    source = event
        if isinstance(source, PictureUrl):
            return await self._tools.pictures.fetch(source.url, limit_bytes=PICTURE_BYTES, errand=Errand())
        if source is not None:
            return await self._tools.pictures.accept(source.data, limit_bytes=PICTURE_BYTES, errand=Errand())
        raise ProviderError(ErrorKind.DRAWING_FAILED, "the answer held no picture")


def is_listed(model: str, listed: list[str]) -> bool:
    """Whether a server lists a model; some servers (Ollama) add a tag to the name that they take without it."""
    return any(name == model or name.removesuffix(":latest") == model for name in listed)
