"""The one place where faults of the endpoints and of aiohttp become ``ProviderError``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import aiohttp

from bot.errors import ErrorKind, ProviderError
from bot.providers.http.classify import classify, kind_of_words, may_be_done
from bot.providers.http.lengths import prompt_in, window_in
from bot.providers.http.reading import find_fault, read_report
from bot.providers.http.sentences import clean_sentence, plain_sentence
from bot.providers.wire.framing import Done, Frame, Framer

_TELLING: Final = frozenset({ErrorKind.CONTENT_FILTERED, ErrorKind.UNKNOWN_MODEL, ErrorKind.DRAWING_FAILED})
"""What a sentence that came instead of a picture may be about."""
_SHOWN: Final = _TELLING | {
    ErrorKind.INVALID_REQUEST,
    ErrorKind.NO_VISION,
    ErrorKind.PERMISSION,
    ErrorKind.QUOTA,
    ErrorKind.REFUSED_PARAMETER,
    ErrorKind.REGION,
    ErrorKind.TOO_LONG,
}
"""Where the endpoint's own words may help; those about a key or about trouble of its own help nobody."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def sentence_error(text: str, fallback: ErrorKind) -> ProviderError:
    """Make an error of a sentence that the endpoint gave instead of a picture."""
    kind = kind_of_words(text)
    if kind not in _TELLING:
        kind = fallback
    return ProviderError(kind, "the endpoint answered with a sentence", sentence=plain_sentence(text), drawing=True)


def reported_error(
    fault: object, *, status: int | None = None, code: object = None, retry_after_s: float | None = None
) -> ProviderError:
    """Make an error of what an endpoint reports, in any shape; ``fault`` may be the message alone.

    What it says is in ``detail`` and, where that helps people, in ``sentence``. It may repeat the prompt or a key:
    ``hide`` takes these out before anybody reads it.
    """
    report = read_report(fault, status=status, code=code)
    kind, parameter = classify(report)
    shown = [str(number) for number in report.numbers] + [name for name in report.names if _TOKEN.fullmatch(name)]
    words = clean_sentence(report.message)
    detail = "the endpoint reported an error" + (f" ({', '.join(dict.fromkeys(shown))})" if shown else "")
    long = kind is ErrorKind.TOO_LONG
    return ProviderError(
        kind,
        f"{detail}: {words}" if words else detail,
        sentence=plain_sentence(report.message) if kind in _SHOWN else "",
        status=status,
        retry_after_s=retry_after_s,
        window_tokens=(report.window_tokens or window_in(report.message)) if long else None,
        prompt_tokens=(report.prompt_tokens or prompt_in(report.message)) if long else None,
        parameter=parameter,
        maybe_done=may_be_done(report),
    )


def reported_fault(record: Mapping[str, object]) -> object:
    """Return an object of an answer if it reports an error, in any of the forms of section 2; None if it does not."""
    return find_fault(record)


def _objects(body: bytes) -> list[Mapping[str, object]]:
    """Read what objects an error's body holds; relays send events here too."""
    framer = Framer()
    try:
        frames: list[Frame] = [*framer.feed(body), *framer.close()]
    except ProviderError:
        return []
    return [frame for frame in frames if not isinstance(frame, Done)]


def status_error(status: int, body: bytes, retry_after_s: float | None) -> ProviderError:
    """Make an error of an HTTP answer that is no success; ``body`` may be anything and be cut off."""
    objects = _objects(body)
    fault = next((each for each in objects if find_fault(each) is not None), objects[0] if objects else None)
    if fault is not None and status >= 400:
        return reported_error(fault, status=status, retry_after_s=retry_after_s)
    error = reported_error(_text_of(body) if status >= 400 else "", status=status, retry_after_s=retry_after_s)
    if re.match(rb"\s*<", body):
        error.sentence = ""
    redirect = ", a redirect that is not followed" if 300 <= status < 400 else ""
    words = error.detail.removeprefix("the endpoint reported an error")
    error.tell(f"HTTP {status}{redirect}{words}", sentence=error.sentence)
    return error


def _text_of(body: bytes) -> str:
    """Return a body that is words; of a page its title, since its scripts and styles say nothing of the fault."""
    text = body[:4096].decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>([^<]{0,300})", text, re.IGNORECASE)
        return title[1] if title else ""
    return "" if text.startswith(("{", "[")) else text


def transport_error(error: Exception, *, phase: ErrorKind = ErrorKind.TIMEOUT_FIRST_BYTE) -> ProviderError:
    """Translate what aiohttp or the event loop raised; ``phase`` is the kind of a plain timeout.

    The detail names the kind of error alone: aiohttp's own words may hold URLs.
    """
    name = type(error).__name__
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ProviderError(ErrorKind.TIMEOUT_CONNECT, name)
    if isinstance(error, TimeoutError):
        return ProviderError(phase, name)
    sent = not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ClientSSLError))
    if isinstance(error, aiohttp.ClientSSLError):
        return ProviderError(ErrorKind.NETWORK, f"TLS failed: {name}")
    if isinstance(error, aiohttp.ClientPayloadError):
        return ProviderError(ErrorKind.NETWORK, "the answer broke off", maybe_done=True)
    if isinstance(error, (aiohttp.ClientConnectionError, OSError)):
        return ProviderError(ErrorKind.NETWORK, name, maybe_done=sent)
    # Anything else that aiohttp raises is about what it was sent: a malformed status line, header or chunk.
    return ProviderError(ErrorKind.PROTOCOL, name)


def cut_short(error: ProviderError) -> ProviderError:
    """Name an answer that broke off after its first event: truncated, where its length was known and not reached."""
    if isinstance(error.__cause__, aiohttp.ClientPayloadError):
        return ProviderError(ErrorKind.TRUNCATED, error.detail)
    return error
