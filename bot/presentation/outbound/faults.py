"""What Discord's refusals mean for a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import aiohttp
import discord

from bot.errors import BotError

_GONE = frozenset({10003, 10008})
_INTERACTION_OVER = frozenset({50027, 10015, 10062})
_TOO_LARGE = frozenset({40005})
_TEXT = frozenset({50006, 200000, 200001, 240000})
"""Nothing in it, AutoMod, the filter of harmful links (Discord documentation, JSON Error Codes)."""
_FULL = frozenset({40094})
"""A user-installed bot has sent all the followups that it may (Discord documentation, JSON Error Codes)."""
_ARCHIVED = frozenset({50083})
_INVALID_FORM = 50035
_FIELD = re.compile(r"^In ([a-z_]+)", re.MULTILINE)
"""How the library writes down which field of a request was wrong."""
_PASSING = frozenset({20016, 20022, 20028, 20029, 30046, 40004, 40062, 130000})
"""Rates of writing and editing, and overload (Discord documentation, JSON Error Codes), whatever the status."""


class DeliveryFault(StrEnum):
    """Why Discord did not take a message."""

    GONE = "gone"
    """The message or its channel is no more."""
    FORBIDDEN = "forbidden"
    INTERACTION_OVER = "interaction_over"
    """An interaction's token is accepted no more."""
    TOO_LARGE = "too_large"
    LOST = "lost"
    """A file that was to be uploaded is gone from the bot's own disk."""
    TEXT = "text"
    """Discord does not want this text: a link in it, a rule of the server, or its form."""
    COMPONENTS = "components"
    """Discord does not want these buttons."""
    FULL = "full"
    """Another message is one too many; those that stand can be changed."""
    ARCHIVED = "archived"
    """The thread is closed, and the bot may not open it again."""
    REJECTED = "rejected"
    """It is not known what of it Discord does not want."""
    PASSING = "passing"
    """Worth another try."""


class DeliveryError(BotError):
    """Discord did not take a message; ``retry_after_s`` is how long it wants to be left alone, in seconds."""

    def __init__(self, fault: DeliveryFault, detail: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.retry_after_s = retry_after_s


@contextmanager
def translated(*, as_bot: bool = False) -> Iterator[None]:
    """Turn the library's errors into ``DeliveryError``; ``as_bot``: what is asked goes by the bot's own token."""
    try:
        yield
    except discord.HTTPException as error:
        detail = f"HTTP {error.status}, code {error.code}"
        # That the bot's own token is refused for good is found out elsewhere (``Wire.refused``), and ends the process.
        refused = as_bot and error.status == 401 and error.code not in _INTERACTION_OVER
        fault = DeliveryFault.PASSING if refused else _fault(error)
        raise DeliveryError(fault, detail, retry_after_s=_retry_after_s(error)) from error
    except FileNotFoundError as error:
        raise DeliveryError(DeliveryFault.LOST, "a file to upload is gone") from error
    except (aiohttp.ClientError, OSError, discord.RateLimited) as error:
        raise DeliveryError(DeliveryFault.PASSING, type(error).__name__) from error


def _retry_after_s(error: discord.HTTPException) -> float:
    text = error.response.headers.get("Retry-After", "") if error.status == 429 else ""
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _fault(error: discord.HTTPException) -> DeliveryFault:
    if error.code in _PASSING or (error.code == 0 and error.text.lstrip().startswith("<")):
        # A page is not Discord's answer but that of something before it.
        return DeliveryFault.PASSING
    if error.code in _GONE:
        return DeliveryFault.GONE
    if error.code in _TOO_LARGE or error.status == 413:
        return DeliveryFault.TOO_LARGE
    if error.code in _TEXT:
        return DeliveryFault.TEXT
    if error.code in _FULL:
        return DeliveryFault.FULL
    if error.code in _ARCHIVED:
        return DeliveryFault.ARCHIVED
    if error.code in _INTERACTION_OVER or error.status == 401:
        return DeliveryFault.INTERACTION_OVER
    if error.status == 403:
        return DeliveryFault.FORBIDDEN
    if error.status == 404:
        return DeliveryFault.GONE
    if error.status >= 500 or error.status == 429:
        return DeliveryFault.PASSING
    return _of_form(error) if error.code == _INVALID_FORM else DeliveryFault.REJECTED


def _of_form(error: discord.HTTPException) -> DeliveryFault:
    fields = set(_FIELD.findall(error.text))
    if fields == {"content"}:
        return DeliveryFault.TEXT
    return DeliveryFault.COMPONENTS if fields == {"components"} else DeliveryFault.REJECTED
