"""The kind of an error that an endpoint reports: what it says most clearly decides."""

from __future__ import annotations

import pytest

from bot.errors import ErrorKind
from bot.providers.http.failures import reported_error

RATE = {"message": "Too many requests"}


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        # The code's words come before everything else.
        ({"code": "invalid_api_key", "type": "rate_limit_error", **RATE}, 500, ErrorKind.AUTHENTICATION),
        ({"code": "429", "type": "overloaded_error", **RATE}, 500, ErrorKind.OVERLOADED),
        # Then those of the type, and of gRPC's name for its status.
        ({"type": "overloaded_error", "status": "PERMISSION_DENIED", **RATE}, 500, ErrorKind.OVERLOADED),
        ({"type": "error", "status": "PERMISSION_DENIED", **RATE}, 500, ErrorKind.PERMISSION),
        # Then those of the message, whatever it is called, or if it is all that there is.
        (RATE, 500, ErrorKind.RATE_LIMITED),
        ({"msg": "Too many requests"}, 500, ErrorKind.RATE_LIMITED),
        ({"message": "", "detail": "Too many requests"}, 500, ErrorKind.RATE_LIMITED),
        ({"message": "No.", "detail": "Too many requests"}, None, ErrorKind.RATE_LIMITED),
        ("Too many requests", 500, ErrorKind.RATE_LIMITED),
        # Then the HTTP status, if it is an error's.
        ({"code": 7, "message": "No."}, 503, ErrorKind.OVERLOADED),
        # Then a number as the code: gRPC's, or HTTP's.
        ({"code": 7, "message": "No."}, 200, ErrorKind.PERMISSION),
        ({"code": "14"}, None, ErrorKind.OVERLOADED),
        ({"code": 402}, None, ErrorKind.QUOTA),
        ({"code": 599}, 200, ErrorKind.BAD_GATEWAY),
        # What says nothing was understood and refused, unless a redirect was not followed.
        ({"code": 399}, None, ErrorKind.INVALID_REQUEST),
        ({"code": 600}, None, ErrorKind.INVALID_REQUEST),
        ({"code": "1234567890"}, None, ErrorKind.INVALID_REQUEST),
        (None, None, ErrorKind.INVALID_REQUEST),
        ({"message": "Moved."}, 302, ErrorKind.PROTOCOL),
    ],
)
def test_the_clearest_word_decides(fault: object, status: int | None, kind: ErrorKind) -> None:
    assert reported_error(fault, status=status).kind is kind


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"message": "No."}, ErrorKind.AUTHENTICATION),
        ("No.", ErrorKind.AUTHENTICATION),
        ({"code": "rate_limit", "message": "No."}, ErrorKind.RATE_LIMITED),
        ({"code": None, "message": "No."}, ErrorKind.AUTHENTICATION),
    ],
)
def test_the_code_beside_an_error_counts_if_the_error_has_none(fault: object, kind: ErrorKind) -> None:
    assert reported_error(fault, code="invalid_api_key").kind is kind


def test_the_detail_has_the_codes_and_the_words() -> None:
    fault = {"code": 401, "type": "see https://a/b?key=1", "status": "UNAUTHENTICATED", "message": "No  entry."}
    error = reported_error(fault, status=400, retry_after_s=3.0)
    assert error.detail == "the endpoint reported an error (401, UNAUTHENTICATED): No entry."
    assert (error.status, error.retry_after_s, error.sentence) == (400, 3.0, "")
    assert reported_error({"type": "an error"}).detail == "the endpoint reported an error"


def test_words_are_shown_if_they_help_who_asked() -> None:
    assert reported_error({"message": "no such model  x"}).sentence == "no such model x"
    assert reported_error({"message": "no such model x", "code": "quota"}).sentence == "no such model x"
    assert reported_error({"message": "bad key x", "code": "invalid_api_key"}).sentence == ""
