"""A request of the bot to Discord, as the feed tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox.backstage.items.abbreviate import cut_text

if TYPE_CHECKING:
    from sandbox.discord.traffic.log import LoggedRequest

_API: Final = "/api/v10"
_WORDS_CHARS: Final = 280
_ANSWERS: Final = {4: "message", 5: "defer", 6: "defer", 7: "update", 8: "choices", 9: "modal"}
"""Discord's interaction callback types that bots use."""
_ROUTES: Final = (
    # Ids are bounded: int() refuses thousands of digits.
    ("send", "POST", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/messages")),
    ("edit", "PATCH", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/messages/(?P<message>[0-9]{1,20})")),
    ("delete", "DELETE", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/messages/(?P<message>[0-9]{1,20})")),
    ("read", "GET", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/messages/(?P<message>[0-9]{1,20})")),
    ("typing", "POST", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/typing")),
    ("answer", "POST", re.compile(r"/interactions/(?P<interaction>[0-9]{1,20})/(?P<token>[^/]+)/callback")),
    ("send", "POST", re.compile(r"/webhooks/\d+/(?P<token>[^/]+)")),
    ("edit", "PATCH", re.compile(r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[0-9]{1,20}|@original)")),
    ("delete", "DELETE", re.compile(r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[0-9]{1,20}|@original)")),
    ("read", "GET", re.compile(r"/webhooks/\d+/(?P<token>[^/]+)/messages/(?P<message>[0-9]{1,20}|@original)")),
    ("react", "PUT", re.compile(r"/channels/(?P<channel>[0-9]{1,20})/messages/(?P<message>[0-9]{1,20})/reactions/.+")),
    ("commands", "PUT", re.compile(r"/applications/.+/commands")),
)
_TOKEN: Final = re.compile(r"(/(?:interactions|webhooks)/\d+/)[^/?]+")
WRITES: Final = frozenset({"send", "edit", "delete", "answer"})
"""What changes something that people see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a request is for. Ids are as in the path; `message` may be "@original". `answer` is an answer's kind."""

    op: str
    channel: int | None = None
    message: str | None = None
    interaction: int | None = None
    token: str | None = None
    answer: str | None = None


def read_call(request: LoggedRequest) -> Call:
    """Tell what a request is for, by its method and path."""
    path = request.path.partition("?")[0].removeprefix(_API)
    for op, method, pattern in _ROUTES:
        found = pattern.fullmatch(path) if method == request.method else None
        if found is None:
            continue
        groups = found.groupdict()
        kind = request.body.get("type") if op == "answer" and isinstance(request.body, dict) else None
        return Call(
            op=op,
            channel=int(groups["channel"]) if groups.get("channel") else None,
            message=groups.get("message"),
            interaction=int(groups["interaction"]) if groups.get("interaction") else None,
            token=groups.get("token"),
            answer=_ANSWERS.get(kind) if isinstance(kind, int) else None,
        )
    return Call(op="read" if request.method == "GET" else "other")


class DiscordItem:
    """One request; nothing of it changes. `since_s` is the time since the bot's write before it in the same turn."""

    def __init__(
        self, item_id: str, request: LoggedRequest, call: Call, *, turn: str | None, since_s: float | None
    ) -> None:
        self.id = item_id
        body = request.body if isinstance(request.body, dict) else {}
        # An answer to an interaction has the message one level below.
        message = body["data"] if call.op == "answer" and isinstance(body.get("data"), dict) else body
        content = message.get("content")
        budget = None
        if request.limit is not None:
            budget = {"remaining": request.remaining, "limit": request.limit, "resets_s": request.reset_after_s}
        self._fixed = {
            "id": item_id,
            "kind": "discord",
            "at": request.at,
            "turn": turn,
            "op": call.op,
            "answer": call.answer,
            "method": request.method,
            "path": _TOKEN.sub(r"\1…", request.path.removeprefix(_API)),
            "status": request.status,
            "ms": round(request.ms, 1),
            "since_s": None if since_s is None else round(since_s, 2),
            "budget": budget,
            "fault": request.fault,
            "words": cut_text(content, _WORDS_CHARS) if isinstance(content, str) else None,
            "chars": len(content) if isinstance(content, str) else None,
            "buttons": _labels(message.get("components")),
            "embeds": len(message["embeds"]) if isinstance(message.get("embeds"), list) else 0,
            "files": [{"name": one.filename[:100], "bytes": one.bytes} for one in request.files[:10]],
        }

    def whole(self) -> dict[str, Any]:
        """Return everything, as JSON."""
        return self._fixed

    def live(self) -> dict[str, Any]:
        """Return nothing: a request that was answered does not change."""
        return {}


def _labels(components: object, depth: int = 0) -> list[str]:
    """Return what stands on the buttons of a message, at most ten."""
    found: list[str] = []
    for one in components if isinstance(components, list) and depth < 4 else []:
        if not isinstance(one, dict):
            continue
        if one.get("type") == 2:
            emoji = one.get("emoji")
            sign = emoji.get("name") if isinstance(emoji, dict) else None
            found.append(str(one.get("label") or sign or "?")[:40])
        found += _labels(one.get("components"), depth + 1)
    return found[:10]
