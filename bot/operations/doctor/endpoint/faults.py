"""The faults of the model's endpoint in words for whoever runs the bot, each with its cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.errors import ErrorKind, ProviderError

_NETWORK: Final = "Check the address, this machine's network and its firewall."
_LATER: Final = "Try again in a few minutes; if this goes on, ask the model provider."
_SLOW: Final = "Try again; if this goes on, choose a faster model or ask the model provider."

EXPLAINED: Final[Mapping[ErrorKind, tuple[str, str]]] = {
    ErrorKind.AUTHENTICATION: (
        "the key is not accepted",
        "Copy the key again from the model provider's console into {key}; check that it is this endpoint's key.",
    ),
    ErrorKind.PERMISSION: (
        "the key is accepted, but not allowed to do this",
        "Allow this model and this endpoint for the key in the model provider's console.",
    ),
    ErrorKind.QUOTA: ("the account is used up", "Top the account up in the model provider's console."),
    ErrorKind.RATE_LIMITED: ("too many requests at the moment", "Wait a minute; stop what else uses the key."),
    ErrorKind.INVALID_REQUEST: (
        "the endpoint does not take the request",
        "Check that {url} is the whole and right address, and the DEFAULT_ settings and models.",
    ),
    ErrorKind.UNKNOWN_MODEL: (
        "the endpoint does not know the model",
        "Correct {model}: names are passed on as they are, letter by letter.",
    ),
    ErrorKind.CONTENT_FILTERED: (
        "the endpoint took a harmless prompt for sensitive",
        "Try again; if this goes on, ask the model provider.",
    ),
    ErrorKind.DRAWING_FAILED: (
        "the picture could not be made",
        "Check MIAOHUA_TOKEN, DEFAULT_DRAWING_MODEL and DEFAULT_SIZE; then try again.",
    ),
    ErrorKind.OVERLOADED: ("the endpoint is overloaded", _LATER),
    ErrorKind.BAD_GATEWAY: ("the endpoint is in trouble itself", _LATER),
    ErrorKind.NETWORK: ("the endpoint can't be reached, or broke the connection off", _NETWORK),
    ErrorKind.TIMEOUT_CONNECT: ("no connection to the endpoint came about in time", _NETWORK),
    ErrorKind.TIMEOUT_FIRST_BYTE: ("the endpoint did not begin to answer in time", _SLOW),
    ErrorKind.TIMEOUT_IDLE: ("the answer stopped in the middle", _SLOW),
    ErrorKind.TIMEOUT_TOTAL: ("the answer took too long", _SLOW),
    ErrorKind.TRUNCATED: (
        "the connection broke off before the answer was whole",
        "A proxy in between may cut streams off: check it; otherwise try again.",
    ),
    ErrorKind.EMPTY: (
        "the answer was empty",
        "Try again; if this goes on, check the model's name, and that it is made for conversation.",
    ),
    ErrorKind.PROTOCOL: (
        "what came is no answer of such an endpoint",
        "Check PROVIDER and that {url} is the whole and right address.",
    ),
    ErrorKind.TOO_LARGE: ("the answer was too large", "Choose a smaller size in DEFAULT_SIZE."),
    ErrorKind.PICTURE_FETCH: (
        "the picture was made, but could not be downloaded",
        "Check that this machine may reach the picture's host, and that its address leads to a picture.",
    ),
    ErrorKind.PICTURE_HOST: (
        "the picture was made, but is on a host that is not public",
        (
            "If it is a host of your own, put it into IMAGE_FETCH_ALLOW as host:port; "
            "otherwise the endpoint gave a wrong address."
        ),
    ),
    ErrorKind.BUSY: ("every connection is in use", _LATER),
    ErrorKind.PICTURE_NAMED: (
        "the answer's text names a picture at an address that is not fetched",
        "If it is a host of your own, put it into IMAGE_FETCH_ALLOW and IMAGE_FETCH_IN_TEXT as host:port.",
    ),
    ErrorKind.PICTURE_BUSY: ("the picture was made, but too many pictures came at once", "Try again."),
    ErrorKind.PICTURE_SLOW: (
        "the picture was made, but it took too long to check it",
        "Check what else this machine is doing, and that the picture opens elsewhere.",
    ),
    ErrorKind.CANCELLED: ("the call was cancelled", "Try again."),
    ErrorKind.TOO_LONG: (
        "the model's context window is smaller than one short question",
        "Choose a model with a larger context window, or start its server with one.",
    ),
    ErrorKind.NO_VISION: ("the model can't see pictures", "Choose a model that can."),
    ErrorKind.REFUSED_PARAMETER: (
        "the model does not take a setting that is sent with every request",
        "Remove that DEFAULT_ setting, or choose a value that the model takes.",
    ),
    ErrorKind.REGION: (
        "the account's region or plan does not include this",
        "Use the endpoint of the account's own region, or a plan that includes this model.",
    ),
    ErrorKind.NOT_SET_UP: (
        "the endpoint refuses questions without a Miaohua token",
        "Put the Miaohua token into MIAOHUA_TOKEN.",
    ),
    ErrorKind.ONLY_THOUGHT: (
        "the model thought and gave no answer",
        "Try again; if this goes on, choose another model, or switch its thinking off at the endpoint.",
    ),
    ErrorKind.THOUGHT_TOO_LONG: (
        "the model used all of the answer's length for thinking",
        "A thinking model needs more room than this check gives it; a longer answer may be fine.",
    ),
}


def explain(error: ProviderError, *, names: Mapping[str, str]) -> tuple[str, str]:
    """Say what went wrong and what to do; ``names`` are the configuration's for ``key``, ``url`` and ``model``.

    Of the endpoint itself come the HTTP status, the code and its words, all cleaned.
    """
    found, cure = EXPLAINED[error.kind]
    codes, _, words = error.detail.removeprefix("the endpoint reported an error").strip().partition(": ")
    codes = codes.strip().removeprefix("(").removesuffix(")")
    status = f"HTTP {error.status}" if error.status and str(error.status) not in codes else ""
    told = ", ".join(filter(None, (status, codes)))
    words = words.strip() or error.sentence
    found = f"{found} ({told})" if told else found
    return (f"{found}: {words}" if words else found), cure.format(**names)
