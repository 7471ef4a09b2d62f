"""What an error is about: status, codes, types and words weighed against each other.

What says more wins: words and codes about one thing before those about access and load, these before a status that says
something, that before a number, and last what nearly every error carries (``invalid_request_error``, ``…_api_error``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.errors import ErrorKind
from bot.providers.http.reading import Report
from bot.providers.http.vocabulary import (
    ACCESS,
    GAVE_UP,
    GENERIC,
    GENERIC_NAME,
    LATER,
    NEVER_SENT,
    OF_THE_REQUEST,
    PARAMETERS,
    REFUSES,
    ROLE,
    SOON,
    TELLING,
    UNCERTAIN_MODEL,
)

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
    407: ErrorKind.AUTHENTICATION,
    408: ErrorKind.BAD_GATEWAY,
    413: ErrorKind.TOO_LONG,
    451: ErrorKind.REGION,
    499: ErrorKind.BAD_GATEWAY,
    529: ErrorKind.OVERLOADED,
}
_SAYS_LITTLE: Final = frozenset({400, 404, 405, 415, 422, 500, 501, 502})
"""Statuses that servers give for faults of every kind."""
_BY_NUMBER: Final = {
    # The platform's other endpoints report gRPC status codes in ``error.code`` (inferred for this one).
    3: ErrorKind.INVALID_REQUEST,
    4: ErrorKind.BAD_GATEWAY,
    5: ErrorKind.INVALID_REQUEST,
    7: ErrorKind.PERMISSION,
    8: ErrorKind.RATE_LIMITED,
    13: ErrorKind.BAD_GATEWAY,
    14: ErrorKind.OVERLOADED,
    16: ErrorKind.AUTHENTICATION,
    # Those of vendors, as far as no two mean different things by one.
    1008: ErrorKind.QUOTA,  # MiniMax
    1026: ErrorKind.CONTENT_FILTERED,
    1027: ErrorKind.CONTENT_FILTERED,
    1039: ErrorKind.RATE_LIMITED,
    2049: ErrorKind.AUTHENTICATION,
    1113: ErrorKind.QUOTA,  # GLM
    1211: ErrorKind.UNKNOWN_MODEL,
    1220: ErrorKind.PERMISSION,
    1261: ErrorKind.TOO_LONG,
    1301: ErrorKind.CONTENT_FILTERED,
    1302: ErrorKind.RATE_LIMITED,
    1303: ErrorKind.RATE_LIMITED,
    1304: ErrorKind.QUOTA,
    1305: ErrorKind.OVERLOADED,
    1308: ErrorKind.QUOTA,
    1309: ErrorKind.QUOTA,
    1310: ErrorKind.QUOTA,
    1311: ErrorKind.REGION,
    20012: ErrorKind.UNKNOWN_MODEL,  # SiliconFlow
    30001: ErrorKind.QUOTA,
    10907: ErrorKind.TOO_LONG,  # Spark
    11200: ErrorKind.PERMISSION,
    11201: ErrorKind.QUOTA,
    11202: ErrorKind.RATE_LIMITED,
    11203: ErrorKind.RATE_LIMITED,
    50505: ErrorKind.OVERLOADED,
    50603: ErrorKind.OVERLOADED,
}
_URL: Final = re.compile(r"https?://\S+")


def kind_of_words(text: str) -> ErrorKind | None:
    """Recognise what a message, a code or a type is about; None if its words say nothing."""
    lowered = _plain(text)
    return _telling(lowered) or _first(ACCESS, lowered) or _first(GENERIC, lowered)


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


def classify(report: Report) -> tuple[ErrorKind, str]:
    """Weigh what is said of an error; returns its kind, and of a refused parameter the name."""
    specific = [_plain(name) for name in report.names if not GENERIC_NAME.match(name.lower())]
    names, message = " ".join(specific), _plain(report.message)
    refused = refused_parameter(report)
    kind = _telling(names) or _telling(message)
    if kind is None and refused:
        return ErrorKind.REFUSED_PARAMETER, refused
    kind = kind or _unknown_model(names) or _unknown_model(message)
    kind = kind or next(filter(None, (_first(ACCESS, text) for text in (*specific, message))), None)
    return kind or _by_status(report) or _by_number(report) or _by_generic_name(report) or _of_the_unknown(report), ""


def refused_parameter(report: Report) -> str:
    """Name the field of the request that is refused, ``system`` for that role; empty if none is."""
    if report.status not in (None, 200, 400, 404, 422, 500, 501):
        return ""
    text = _plain(" ".join((*report.names, report.message)))
    if ROLE.search(text):
        return "system"
    if not REFUSES.search(text):
        return ""
    named = [name.rpartition(".")[2] for name in report.parameters]
    known = next((name for name in named if name in PARAMETERS), "")
    return known or next((name for name in PARAMETERS if re.search(rf"(?<![a-z_]){name}(?![a-z_])", text)), "")


def may_be_done(report: Report) -> bool:
    """Whether an error says that the request was passed on, and that its answer was only not waited for."""
    numbers = [*report.numbers, *([report.status] if report.status is not None else [])]
    if any(number in (4, 408, 499, 504, 598, 599) or 520 <= number <= 527 for number in numbers):
        return True
    text = _plain(" ".join((*report.names, report.message)))
    return GAVE_UP.search(text) is not None and NEVER_SENT.search(text) is None


def _plain(text: str) -> str:
    return _URL.sub(" ", text[:4000].lower())


def _first(words: Sequence[tuple[re.Pattern[str], ErrorKind]], text: str) -> ErrorKind | None:
    return next((kind for pattern, kind in words if pattern.search(text)), None)


def _telling(text: str) -> ErrorKind | None:
    kind = _first(TELLING, text)
    if kind is ErrorKind.QUOTA and SOON.search(text):
        return ErrorKind.RATE_LIMITED
    return kind


def _unknown_model(text: str) -> ErrorKind | None:
    return ErrorKind.UNKNOWN_MODEL if UNCERTAIN_MODEL.search(text) and not LATER.search(text) else None


def _by_status(report: Report) -> ErrorKind | None:
    status = report.status
    return kind_of_status(status) if status is not None and status >= 400 and status not in _SAYS_LITTLE else None


def _by_number(report: Report) -> ErrorKind | None:
    for number in report.numbers:
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]
        if 400 <= number <= 599 and not (number in _SAYS_LITTLE and report.status is not None and report.status >= 400):
            return kind_of_status(number)
    return None


def _by_generic_name(report: Report) -> ErrorKind | None:
    """Read what says least; that the server is at fault is not believed beside a status that says the request is."""
    kind = _first(GENERIC, _plain(" ".join(report.names))) or _first(GENERIC, _plain(report.message))
    if kind is ErrorKind.INVALID_REQUEST and report.status is not None and report.status >= 500:
        text = _plain(report.message)  # relays give this type to everything
        return ErrorKind.BAD_GATEWAY if GAVE_UP.search(text) or NEVER_SENT.search(text) else kind
    if kind is ErrorKind.BAD_GATEWAY:
        if report.status is not None and 400 <= report.status < 500:
            return None
        text = _plain(report.message)
        return ErrorKind.INVALID_REQUEST if OF_THE_REQUEST.search(text) and not GAVE_UP.search(text) else kind
    return kind


def _of_the_unknown(report: Report) -> ErrorKind:
    # The endpoint understood the request and did not take it, unless it was to be sent elsewhere.
    if report.status is None or 200 <= report.status < 300:
        return ErrorKind.INVALID_REQUEST
    text = _plain(report.message)
    if report.status >= 500 and OF_THE_REQUEST.search(text) and not GAVE_UP.search(text):
        return ErrorKind.INVALID_REQUEST
    return kind_of_status(report.status)
