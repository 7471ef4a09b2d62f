"""The one place where faults of the endpoints and of aiohttp become ``ProviderError``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp

from bot.errors import ErrorKind, ProviderError
from bot.providers.wire.framing import Done, Frame, Framer
from bot.providers.wire.values import as_text, is_record

_BY_STATUS: Final = {
    # endpoints.md, section 1: what the platform's software development kit makes of a status.
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTHENTICATION,
    403: ErrorKind.PERMISSION,
    404: ErrorKind.INVALID_REQUEST,
    409: ErrorKind.RATE_LIMITED,
    415: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.OVERLOADED,
    # What public servers and proxies of section 2 answer.
    402: ErrorKind.QUOTA,
    408: ErrorKind.BAD_GATEWAY,
    529: ErrorKind.OVERLOADED,
}
_BY_RPC_CODE: Final = {
    # The platform's other endpoints report gRPC status codes in ``error.code`` (inferred for this one).
    3: ErrorKind.INVALID_REQUEST,
    5: ErrorKind.INVALID_REQUEST,
    7: ErrorKind.PERMISSION,
    8: ErrorKind.RATE_LIMITED,
    13: ErrorKind.BAD_GATEWAY,
    14: ErrorKind.OVERLOADED,
    16: ErrorKind.AUTHENTICATION,
}
# Words that say more than a status does, in codes, types and messages; the first that is found wins.
_BY_WORDS: Final = (
    (re.compile(r"敏感|违反|content_?filter|content_policy|content management policy|sensitive_words|moderation"),
     ErrorKind.CONTENT_FILTERED),
    (re.compile(r"不支持的模型|model_?not_?found|(unknown|no such|unsupported) model"
                r"|model\b.{0,80}\b(not found|does not exist)"),
     ErrorKind.UNKNOWN_MODEL),
    (re.compile(r"insufficient_(user_)?(quota|balance)|quota|billing|余额|额度|欠费"), ErrorKind.QUOTA),
    (re.compile(r"invalid_?api_?key|incorrect api key|authentication_error|unauthenticated|unauthorized|令牌"),
     ErrorKind.AUTHENTICATION),
    (re.compile(r"permission_(denied|error)"), ErrorKind.PERMISSION),
    (re.compile(r"rate_?limit|too many requests|请求过于频繁"), ErrorKind.RATE_LIMITED),
    (re.compile(r"overloaded|负载|server_busy|繁忙"), ErrorKind.OVERLOADED),
    (re.compile(r"invalid_request|context_length_exceeded|invalid_argument"), ErrorKind.INVALID_REQUEST),
    (re.compile(r"bad_response|upstream_error|bad gateway|(server|internal|api)_error"
                r"|internal (server )?error|内部错误"),
     ErrorKind.BAD_GATEWAY),
)  # fmt: skip
_TELLING: Final = frozenset({ErrorKind.CONTENT_FILTERED, ErrorKind.UNKNOWN_MODEL, ErrorKind.DRAWING_FAILED})
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_QUERY: Final = re.compile(r"(https?://[^\s?#]*)[?#]\S*")
_SENTENCE_CHARS: Final = 300


_GAVE_UP: Final = re.compile(
    # Deadlines, in the words of relays, proxies and clients of theirs.
    r"time.?out|timed.out|deadline|took too long|超时|逾时|超時|逾時|タイムアウト|시간.?초과|таймаут|тайм-аут"
    r"|zeitüberschreitung|tiempo de espera|délai"
    # Connections of theirs that broke.
    r"|\beof\b|connection (was )?(reset|closed|aborted|lost)|connection.{0,20}\breset\b|broken pipe|prematurely closed"
    r"|server disconnected|context cancell?ed|disconnected|连接(被)?(重置|断开|中断)"
)
_NEVER_SENT: Final = re.compile(r"\bdial\b|connection refused|no such host|getaddrinfo|name or service not known")


def may_be_done(number: int | None) -> bool:
    """Whether a status, of HTTP or in an answer, says that a request was passed on and its answer not waited for."""
    return number is not None and (number in (408, 499, 504, 598, 599) or 520 <= number <= 527)


def tells_of_giving_up(text: str) -> bool:
    """Whether words say that a deadline passed, or a connection broke, behind the endpoint."""
    lowered = text[:2000].lower()
    return _GAVE_UP.search(lowered) is not None and _NEVER_SENT.search(lowered) is None


def kind_of_words(text: str) -> ErrorKind | None:
    """Recognise what a message is about; None where its words say nothing."""
    lowered = text[:2000].lower()
    return next((kind for pattern, kind in _BY_WORDS if pattern.search(lowered)), None)


def kind_of_status(status: int) -> ErrorKind:
    """Map an HTTP status that is no success."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return ErrorKind.BAD_GATEWAY
    if status >= 400:
        return ErrorKind.INVALID_REQUEST
    # 1xx to 3xx: redirects are not followed, since the key would go with them.
    return ErrorKind.PROTOCOL


def clean_sentence(text: str) -> str:
    """Make an endpoint's words fit to be shown: one line, no HTML, no query of a URL, at most 300 characters."""
    if re.search(r"<\s*(!doctype|html|head|body)\b", text, re.IGNORECASE):
        return ""
    sentence = " ".join(_QUERY.sub(r"\1", text).split())
    return sentence if len(sentence) <= _SENTENCE_CHARS else sentence[: _SENTENCE_CHARS - 1] + "…"


def sentence_error(text: str, fallback: ErrorKind) -> ProviderError:
    """Make an error of a sentence that the endpoint gave instead of a picture."""
    kind = kind_of_words(text)
    if kind not in _TELLING:
        kind = fallback
    return ProviderError(kind, "the endpoint answered with a sentence", sentence=clean_sentence(text), drawing=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """What an endpoint says of an error; texts are empty if it says nothing. ``status`` is that of HTTP."""

    code: str
    type: str
    status_name: str
    message: str
    status: int | None


def _by_code(report: _Report) -> ErrorKind | None:
    return kind_of_words(report.code)


def _by_type(report: _Report) -> ErrorKind | None:
    return kind_of_words(report.type) or kind_of_words(report.status_name)


def _by_words(report: _Report) -> ErrorKind | None:
    return kind_of_words(report.message)


def _by_http_status(report: _Report) -> ErrorKind | None:
    return kind_of_status(report.status) if report.status is not None and report.status >= 400 else None


def _by_rpc_code(report: _Report) -> ErrorKind | None:
    if not re.fullmatch(r"\d{1,9}", report.code):
        return None
    number = int(report.code)
    return _BY_RPC_CODE.get(number) or (kind_of_status(number) if 400 <= number <= 599 else None)


def _of_the_unknown(report: _Report) -> ErrorKind:
    # The endpoint understood the request and did not take it, unless it was to be sent elsewhere.
    return ErrorKind.INVALID_REQUEST if report.status is None else kind_of_status(report.status)


_READERS: Final = (_by_code, _by_type, _by_words, _by_http_status, _by_rpc_code, _of_the_unknown)
"""Find the kind of an error, those first that say most; the first that knows it wins."""


def reported_error(
    fault: object, *, status: int | None = None, code: object = None, retry_after_s: float | None = None
) -> ProviderError:
    """Make an error of an error object: of its code and type, its words, and the HTTP status, in that order.

    ``fault`` is ``{"code", "type", "message"}``, or the message alone. Words of the endpoint are shown to people only
    where they are about what was asked for: others may repeat a key.
    """
    record = fault if is_record(fault) else {"message": fault}
    report = _Report(
        code=as_text(record.get("code", code)),
        type=as_text(record.get("type")),
        status_name=as_text(record.get("status")),
        message=next((text for name in ("message", "msg", "detail") if (text := as_text(record.get(name)))), ""),
        status=status,
    )
    kind = next(kind for read in _READERS if (kind := read(report)) is not None)
    numbers = [status, *(int(text) for text in (report.code, report.type) if re.fullmatch(r"\d{1,9}", text))]
    words = " ".join((report.code, report.type, report.status_name, report.message))
    shown = [name for name in (report.code, report.type, report.status_name) if _TOKEN.fullmatch(name)]
    return ProviderError(
        kind,
        "the endpoint reported an error" + (f" ({', '.join(shown)})" if shown else ""),
        sentence=clean_sentence(report.message) if kind in _TELLING else "",
        status=status,
        retry_after_s=retry_after_s,
        maybe_done=any(map(may_be_done, numbers)) or tells_of_giving_up(words),
    )


def reported_fault(record: Mapping[str, object]) -> object:
    """Find the error in an object of an answer, in the forms of section 2; None where there is none."""
    error = record.get("error")
    if isinstance(error, list) and error:
        error = error[0]
    if error and not _says_well(error):
        return error
    if record.get("object") == "error":
        return record
    if "choices" not in record and "data" not in record:
        for name in ("message", "msg", "detail"):
            if record.get(name):
                return record
    return None


def _says_well(error: object) -> bool:
    """Whether an error object says that there is none: code 0 (gRPC's OK) and no words; some send it along."""
    return is_record(error) and as_text(error.get("code")) == "0" and not (error.get("message") or error.get("msg"))


def _objects(body: bytes) -> list[Frame]:
    """Read what objects an error's body holds; relays send events here too."""
    framer = Framer()
    try:
        return [*framer.feed(body), *framer.close()]
    except ProviderError:
        return []


def status_error(status: int, body: bytes, retry_after_s: float | None) -> ProviderError:
    """Make an error of an HTTP answer that is no success; ``body`` may be anything and be cut off."""
    for frame in _objects(body):
        if not isinstance(frame, Done) and (fault := reported_fault(frame)) is not None:
            return reported_error(fault, status=status, code=frame.get("code"), retry_after_s=retry_after_s)
    detail = f"HTTP {status}" + (", a redirect that is not followed" if 300 <= status < 400 else "")
    return ProviderError(
        kind_of_status(status),
        detail,
        status=status,
        retry_after_s=retry_after_s,
        maybe_done=may_be_done(status) or tells_of_giving_up(_plain(body)),
    )


def _plain(body: bytes) -> str:
    """Return a body that is words; of a page its title, since its scripts and styles say nothing of the fault."""
    text = body[:4096].decode("utf-8", "replace")
    if not re.match(r"\s*<", text):
        return text
    title = re.search(r"<title[^>]*>([^<]{0,300})", text, re.IGNORECASE)
    return title[1] if title else ""


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
