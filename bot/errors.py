"""The project's errors: one root, four branches.

Library errors are translated once, in the adapter that meets them, with ``raise … from``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BotError(Exception):
    """The root of everything that the bot raises by itself."""


class ErrorKind(StrEnum):
    """Why the model's endpoint, or a picture's host, gave no good answer; each has words in every language."""

    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    QUOTA = "quota"
    RATE_LIMITED = "rate_limited"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_MODEL = "unknown_model"
    CONTENT_FILTERED = "content_filtered"
    DRAWING_FAILED = "drawing_failed"
    OVERLOADED = "overloaded"
    BAD_GATEWAY = "bad_gateway"
    NETWORK = "network"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_IDLE = "timeout_idle"
    TIMEOUT_TOTAL = "timeout_total"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    PICTURE_FETCH = "picture_fetch"
    PICTURE_HOST = "picture_host"
    """The picture is on a host that is not public and that the operator has not allowed."""
    PICTURE_NAMED = "picture_named"
    """A talk's text names a picture at an address from which nothing is fetched that a text names."""
    PICTURE_BUSY = "picture_busy"
    """Too many pictures come at once, so that this one got no place in time, or an asker's answers name too many."""
    PICTURE_SLOW = "picture_slow"
    """To look at the picture took longer than it may."""
    CANCELLED = "cancelled"
    TOO_LONG = "too_long"
    """The conversation is longer than the model's context window."""
    NO_VISION = "no_vision"
    """The model can't see pictures."""
    REFUSED_PARAMETER = "refused_parameter"
    """The model does not take a field of the request, or its value; ``ProviderError.parameter`` is its name."""
    REGION = "region"
    """The account's region or plan does not include what was asked for."""
    NOT_SET_UP = "not_set_up"
    """What the endpoint requires is not in the operator's configuration."""
    ONLY_THOUGHT = "only_thought"
    """The model thought and gave no answer."""
    BUSY = "busy"
    """The bot itself has as many answers under way as it may."""
    THOUGHT_TOO_LONG = "thought_too_long"
    """The model used all of the answer's length for thinking."""


RETRYABLE = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED, ErrorKind.BAD_GATEWAY, ErrorKind.NETWORK})
"""What the transport may ask again, before the first event only (endpoints.md, section 3)."""


class ProviderError(BotError):
    """The endpoint or a picture's host failed.

    ``sentence`` is what the endpoint itself said to people (untrusted, may be shown after cleaning), ``detail`` is for
    the log: it holds no prompt, no key and no signed URL. ``drawing``: it is about a picture that was wanted.
    ``window_tokens`` is the model's context window and ``prompt_tokens`` the prompt's length, if the endpoint told them
    (``too_long``). ``parameter`` is the refused field's name at the endpoint (``refused_parameter``). ``bare``: a good
    status came and nothing at all behind it (``empty``). ``maybe_done``: the endpoint may have done the work, and
    charged for it, although its answer did not arrive.
    Many arguments: each is something that an endpoint may have said, and most say one or two.
    """

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        sentence: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        drawing: bool = False,
        window_tokens: int | None = None,
        prompt_tokens: int | None = None,
        parameter: str = "",
        maybe_done: bool = False,
        bare: bool = False,
    ) -> None:
        super().__init__(f"{kind.value}: {detail}" if detail else kind.value)
        self.kind = kind
        self.detail = detail
        self.sentence = sentence
        self.status = status
        self.retry_after_s = retry_after_s
        self.drawing = drawing or kind is ErrorKind.DRAWING_FAILED
        self.window_tokens = window_tokens
        self.prompt_tokens = prompt_tokens
        self.parameter = parameter
        self.maybe_done = maybe_done
        self.bare = bare

    def tell(self, detail: str, *, sentence: str) -> None:
        """Put other words in place of the endpoint's."""
        self.detail = detail
        self.sentence = sentence
        self.args = (f"{self.kind.value}: {detail}" if detail else self.kind.value,)

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed if it is sent again."""
        return self.kind in RETRYABLE


class StorageError(BotError):
    """The database failed; the message names the operation, never its values."""


class ConfigError(BotError):
    """The configuration is wrong; ``faults`` has a line for each fault, each saying what to do."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Refusal(StrEnum):
    """Why a turn is not taken up; each has words for people in every language."""

    BUSY = "busy"
    CLOSING = "closing"
    EMPTY_PROMPT = "empty_prompt"
    UNREADABLE = "unreadable"
    NEVER_PINGS = "never_pings"
    """It replies to a command's answer, which never pings: without a mention it can't be read."""
    CHANNEL = "channel"
    """The bot is not to talk in this channel."""
    ROLE = "role"
    """The user's roles do not let them talk to the bot."""
    FORBIDDEN_WORD = "forbidden_word"


class Resource(StrEnum):
    """What a quota counts; each has words for people in every language."""

    CALLS = "calls"
    TOKENS = "tokens"
    PICTURES = "pictures"


class Holder(StrEnum):
    """Whose quota it is."""

    PERSON = "person"
    """A user's in one guild, or outside of the guilds."""
    GUILD = "guild"
    EVERYWHERE = "everywhere"
    """A user's over all guilds and direct messages."""
    BOT = "bot"
    """Everybody's together, over all guilds and direct messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A day's quota that would be exceeded: ``left`` of ``limit`` is left, it is full again at ``resets_at`` (UTC)."""

    resource: Resource
    holder: Holder
    left: int
    limit: int
    resets_at: datetime

    @property
    def value(self) -> str:
        """Name it for the log."""
        return f"quota_{self.holder.value}_{self.resource.value}"


class Trouble(StrEnum):
    """What went wrong in the bot itself; each has words for people in every language."""

    STORAGE = "storage"
    INTERNAL = "internal"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    QUOTA_THEN = "quota_then"
    """An answer that is shown again was not given, since a quota was used up then."""
    TOKEN_ENDING = "token_ending"  # noqa: S105  # the name of a reason, no secret
    """The time in which Discord takes an answer by an interaction's token alone is nearly over."""
    TEXT_REFUSED = "text_refused"
    """Discord does not take the text that was to come next: a link in it, a rule of the server."""
    NO_MORE_MESSAGES = "no_more_messages"
    """Discord takes no further message of the reply."""
    UNWRITABLE = "unwritable"
    """Discord let the bot write nothing, for a while at least."""


class UserError(BotError):
    """What a user asked for can't be done; the words for ``reason`` may be shown to that user."""

    def __init__(self, reason: Refusal | Shortage) -> None:
        super().__init__(reason.value)
        self.reason = reason


class QuotaUsedUpError(UserError):
    """A quota does not allow a call of the model; ``shortage`` says which."""

    def __init__(self, shortage: Shortage) -> None:
        super().__init__(shortage)
        self.shortage = shortage


class StopReason(StrEnum):
    """Why a turn under way is stopped."""

    ASKED = "asked"
    """A user pressed Stop."""
    PROMPT_DELETED = "prompt_deleted"
    REPLY_DELETED = "reply_deleted"
    REPLY_LOST = "reply_lost"
    """Discord takes no more of it; what stands there stays."""
    PROMPT_EDITED = "prompt_edited"
    TOKEN_ENDING = "token_ending"  # noqa: S105  # the name of a reason, no secret
    """The reply can soon be changed no more."""


class StoppedError(BotError):
    """A turn was stopped on purpose before its answer was whole; its task goes on, to close the turn."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class DuplicateTurnError(BotError):
    """A turn with this id is under way already: the event that asked for it was seen twice."""


class TakenOverError(BotError):
    """Another process has taken this one's shards: what it wants to write is refused, for good."""


class OtherBotError(BotError):
    """Another bot uses the database; the words say what to do."""
