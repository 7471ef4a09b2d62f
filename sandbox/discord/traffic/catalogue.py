"""The refusals that Discord is known for, each by a name, with the exact bodies; and how faults are read from JSON.

Codes and words: Discord's documentation, "Opcodes and Status Codes", JSON Error Codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sandbox.discord.protocol.errors import DiscordError, refusal
from sandbox.discord.protocol.forms import fail
from sandbox.discord.traffic.faults import Fault

AUTOMOD: Final = 200000
HARMFUL_LINK: Final = 240000
_CHANNEL: Final = r"channels/\d+/messages(/\d+)?"
_WEBHOOK: Final = r"(webhooks/[^/]+/[^/]+(/messages/[^/]+)?|interactions/\d+/[^/]+/callback)"


class Where(StrEnum):
    """Which of the two ways to a message is meant: the channel's routes, those of a token, or both."""

    CHANNEL = "channel"
    WEBHOOK = "webhook"
    EVERYWHERE = "everywhere"

    @property
    def path(self) -> str:
        """The regular expression of the routes below which messages are posted and edited."""
        kinds = {Where.CHANNEL: _CHANNEL, Where.WEBHOOK: _WEBHOOK, Where.EVERYWHERE: f"({_CHANNEL}|{_WEBHOOK})"}
        return f"^/api/v10/{kinds[self]}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    error: DiscordError
    method: str | None = None
    where: Where = Where.EVERYWHERE
    of_text: bool = False
    components: bool = False


_LONG: Final = fail(("content",), "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
_COMPONENTS: Final = fail(
    ("components", 0, "components", 0, "custom_id"),
    "COMPONENT_CUSTOM_ID_DUPLICATED",
    "Component custom id cannot be duplicated",
)
REFUSALS: Final[dict[str, _Kind]] = {
    "automod": _Kind(error=refusal(AUTOMOD), of_text=True),
    "harmful_link": _Kind(error=refusal(HARMFUL_LINK), of_text=True),
    "too_long": _Kind(error=_LONG, of_text=True),
    "components": _Kind(error=_COMPONENTS, components=True),
    "new_messages": _Kind(error=refusal(50013), method="POST"),
    "edits": _Kind(error=refusal(50001), method="PATCH"),
    "archived": _Kind(error=refusal(50083)),
    "unknown_message": _Kind(error=refusal(10008), method="PATCH"),
    "unknown_channel": _Kind(error=refusal(10003)),
    "dm_closed": _Kind(error=refusal(50007), method="POST", where=Where.CHANNEL),
    "followups": _Kind(error=refusal(40094), method="POST", where=Where.WEBHOOK),
    "token": _Kind(error=refusal(50027), where=Where.WEBHOOK),
}
"""What `refuse` knows: filters of text, components, new messages, edits, and places and tokens that are no more."""


def refuse(
    name: str,
    *,
    where: Where | str | None = None,
    times: int | None = None,
    for_s: float | None = None,
    text: str = "",
) -> Fault:
    """Return the fault of a refusal of `REFUSALS`, which keeps that name.

    It is for `times` requests or `for_s` seconds, or else for good. `text` is what the filters of text look for, ""
    for any. Raises ValueError for a name or place that there is not.
    """
    kind = REFUSALS.get(name)
    if kind is None:
        raise ValueError(f"refusal must be one of {', '.join(REFUSALS)}")
    return Fault(
        method=kind.method,
        path=_place(where or kind.where).path,
        status=kind.error.status,
        json=kind.error.body(),
        times=times,
        for_s=for_s,
        text=text if kind.of_text else None,
        components=kind.components,
        name=name,
    )


def refuse_text(
    text: str,
    *,
    code: int = AUTOMOD,
    where: Where | str | None = None,
    times: int | None = None,
    for_s: float | None = None,
) -> Fault:
    """Return the fault by which Discord refuses every post, edit and answer that holds `text`, in any case.

    `code` is 200000 (AutoMod) or 240000 (the filter of harmful links). Raises ValueError for another.
    """
    names = {AUTOMOD: "automod", HARMFUL_LINK: "harmful_link"}
    if code not in names:
        raise ValueError(f"code must be one of {', '.join(map(str, names))}")
    return refuse(names[code], where=where, times=times, for_s=for_s, text=text)


def _place(where: Where | str) -> Where:
    try:
        return Where(where)
    except ValueError as error:
        raise ValueError(f"where must be one of {', '.join(Where)}") from error


def parse_faults(data: object) -> list[Fault]:
    """Read the list of `POST /control/faults`; raises ValueError with words that say what is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("faults"), list):
        raise ValueError('give {"faults": [...]}')  # noqa: TRY004 - one kind of error for all that a client may send
    return [_parse_fault(one) for one in data["faults"]]


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "method": (str,),
    "path": (str,),
    "status": (int,),
    "reset": (bool,),
    "delay_s": (int, float),
    "after": (bool,),
    "times": (int,),
    "for_s": (int, float),
    "text": (str,),
    "components": (bool,),
    "name": (str,),
}
_OF_REFUSALS: Final[dict[str, tuple[type, ...]]] = {
    "refusal": (str,),
    "where": (str,),
    "times": (int,),
    "for_s": (int, float),
    "text": (str,),
}


def _parse_fault(data: object) -> Fault:
    if not isinstance(data, dict):
        raise ValueError("a fault is an object")  # noqa: TRY004 - as above
    if "refusal" in data:
        given = _given(data, _OF_REFUSALS)
        return refuse(given.pop("refusal", ""), **given)
    return Fault(**_given(data, _TYPES, "json"))


def _given(data: dict[Any, Any], types: dict[str, tuple[type, ...]], *untyped: str) -> dict[str, Any]:
    """Return the fields that are there, each of its type. Raises ValueError."""
    unknown = set(data) - set(types) - set(untyped)
    if unknown:
        raise ValueError(f"unknown field {min(map(str, unknown))}")
    given: dict[str, Any] = {key: value for key, value in data.items() if value is not None}
    for key, value in given.items():
        wanted = types.get(key)
        if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
            raise ValueError(f"{key} has the wrong type")
    return given
