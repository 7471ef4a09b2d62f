"""Reading the body of a message: what bots and people send, what interactions answer, what edits change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.discord.bodies.components import parse_components
from sandbox.discord.bodies.embeds import parse_embeds
from sandbox.discord.bodies.poll import parse_poll
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.errors import refusal
from sandbox.discord.protocol.forms import Fields, Form, Path
from sandbox.discord.state.posts import Poll
from sandbox.discord.state.records import MessageFlag

_SETTABLE: Final = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
LEGACY_WORDS: Final = "The 'content' and 'embeds' fields cannot be used when using MessageFlags.IS_COMPONENTS_V2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came: `index` is the n of the form field `files[n]`."""

    index: int
    filename: str
    content_type: str | None
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedMentions:
    """Who may be pinged: `users` and `roles` are None for all that the text names."""

    everyone: bool = True
    users: frozenset[int] | None = None
    roles: frozenset[int] | None = None
    replied_user: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNote:
    """What the field `attachments` says about one file: of this request (`id` below 10) or of the message before."""

    id: int
    filename: str | None = None
    description: str | None = None
    title: str | None = None
    spoiler: bool | None = None
    duration_s: float | None = None
    waveform: str | None = None
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The field `message_reference` of a reply, or of a `forward`."""

    message_id: int
    channel_id: int | None
    fail_if_not_exists: bool
    forward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to be, or what an edit changes: in an edit, None stands for "as it was".

    `emptied` names the fields that an edit sets to null, which clears them.
    """

    content: str | None = None
    embeds: list[dict[str, Any]] | None = None
    components: list[dict[str, Any]] | None = None
    notes: list[FileNote] | None = None
    uploads: list[Upload] = field(default_factory=list)
    flags: MessageFlag | None = None
    allowed: AllowedMentions = field(default_factory=AllowedMentions)
    tts: bool = False
    nonce: str | int | None = None
    enforce_nonce: bool = False
    answered: Answered | None = None
    poll: Poll | None = None
    stickers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def forwards(self) -> bool:
        """Whether it forwards a message."""
        return self.answered is not None and self.answered.forward

    @property
    def empty(self) -> bool:
        """Whether nothing would stand in the message."""
        shown = self.embeds or self.components or self.uploads or self.poll or self.stickers or self.forwards
        return not ((self.content or "").strip() or shown)

    @property
    def texts(self) -> list[str]:
        """All that filters read in it: the content, the texts of embeds and of text displays."""
        shown = [*_texts(self.embeds or [], _IN_EMBEDS), *_texts(self.components or [], _IN_COMPONENTS)]
        return [*filter(None, [self.content]), *shown]


_IN_EMBEDS: Final = ("title", "description", "name", "value", "text")
_IN_COMPONENTS: Final = ("content",)


def _texts(node: Any, keys: tuple[str, ...]) -> list[str]:
    """Return the texts of these keys, wherever they stand."""
    if isinstance(node, list):
        return [text for one in node for text in _texts(one, keys)]
    if not isinstance(node, dict):
        return []
    own = [str(node[key]) for key in keys if isinstance(node.get(key), str)]
    return own + [text for value in node.values() for text in _texts(value, keys)]


def parse_draft(
    data: object,
    uploads: list[Upload],
    *,
    now: float = 0.0,
    editing: bool = False,
    v2: bool = False,
    ephemeral: bool = False,
    path: Path = (),
) -> Draft:
    """Return the draft that a body describes; `v2` says that the message to be edited has components V2 already.

    Only answers to interactions may be `ephemeral`; elsewhere Discord ignores the flag. Faults are named below `path`.
    A poll's end is counted from `now`, in Unix seconds.

    Raises 50035 with every fault. Does not refuse an empty message: whether it is one depends on what is there.
    """
    form = Form()
    fields = Fields(form, data, path)
    flags_value = fields.integer("flags", low=0)
    settable = _SETTABLE | MessageFlag.EPHEMERAL if ephemeral else _SETTABLE
    flags = None if flags_value is None else MessageFlag(flags_value & int(settable))
    v2 = v2 or bool(flags is not None and flags & MessageFlag.COMPONENTS_V2)
    draft = Draft(
        content=_cleared(fields, "content", fields.string("content", high=limits.CONTENT_CHARS), "", editing=editing),
        embeds=_cleared(fields, "embeds", parse_embeds(fields), [], editing=editing),
        components=_cleared(fields, "components", parse_components(fields, v2=v2), [], editing=editing),
        notes=_cleared(fields, "attachments", _file_notes(fields, uploads), [], editing=editing),
        uploads=uploads,
        flags=flags,
        allowed=_allowed_mentions(fields),
        tts=fields.boolean("tts"),
        nonce=_nonce(fields),
        enforce_nonce=fields.boolean("enforce_nonce"),
        answered=_answered(fields),
        poll=None if editing else parse_poll(fields, now),
    )
    if draft.forwards and (draft.texts or uploads or draft.poll):
        # The words of this refusal are not documented.
        fields.fault("message_reference", "FORWARD_CANNOT_HAVE_CONTENT", "Forwards cannot have additional content")
    if len(uploads) > limits.FILES:
        form.add(("files",), "BASE_TYPE_MAX_LENGTH", f"Must be {limits.FILES} or fewer in length.")
    if v2 and (draft.content or draft.embeds):
        key = "content" if draft.content else "embeds"
        fields.fault(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", LEGACY_WORDS)
    form.check()
    return draft


def _cleared(fields: Fields, key: str, value: Any, empty: Any, *, editing: bool) -> Any:
    """Return the value; in an edit, an explicit null is the empty value."""
    if editing and value is None and key in fields.data and fields.data[key] is None:
        return empty
    return value


def _nonce(fields: Fields) -> str | int | None:
    value = fields.data.get("nonce")
    if isinstance(value, int) and not isinstance(value, bool):
        return fields.integer("nonce", low=-(2**63), high=2**63 - 1)
    return fields.string("nonce", high=limits.NONCE_CHARS)


def _answered(fields: Fields) -> Answered | None:
    reference = fields.child("message_reference")
    if reference is None:
        return None
    message_id = reference.snowflake("message_id", required=True)
    forward = reference.choice("type", (0, 1)) == 1
    channel_id = reference.snowflake("channel_id", required=forward)
    must_exist = reference.boolean("fail_if_not_exists", default=True)
    if message_id is None:
        return None
    return Answered(message_id=message_id, channel_id=channel_id, fail_if_not_exists=must_exist, forward=forward)


def _allowed_mentions(fields: Fields) -> AllowedMentions:
    allowed = fields.child("allowed_mentions")
    if allowed is None:
        return AllowedMentions()
    parse = allowed.items("parse", high=3) or []
    for index, one in enumerate(parse):
        if one not in ("users", "roles", "everyone"):
            path = (*allowed.path, "parse", index)
            allowed.form.add(path, "BASE_TYPE_CHOICES", "Value must be one of ('everyone', 'roles', 'users').")
    users, roles = (_ids(allowed, key) for key in ("users", "roles"))
    for key, found in (("users", users), ("roles", roles)):
        if key in parse and found:
            allowed.fault(
                key,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
            )
    return AllowedMentions(
        everyone="everyone" in parse,
        users=None if "users" in parse else users,
        roles=None if "roles" in parse else roles,
        replied_user=allowed.boolean("replied_user"),
    )


def _ids(fields: Fields, key: str) -> frozenset[int]:
    wrapped = [
        Fields(fields.form, {"id": one}, (*fields.path, key, n))
        for n, one in enumerate(fields.items(key, high=100) or [])
    ]
    found = (one.snowflake("id", required=True) for one in wrapped)
    return frozenset(one for one in found if one is not None)


def _file_notes(fields: Fields, uploads: list[Upload]) -> list[FileNote] | None:
    if fields.data.get("attachments") is None:
        return None
    known = {upload.index for upload in uploads}
    notes = []
    for one in fields.children("attachments", high=limits.FILES):
        file_id = one.snowflake("id", required=True)
        note = FileNote(
            id=-1 if file_id is None else file_id,
            filename=one.string("filename", low=1, high=1024),
            description=one.string("description", high=limits.ALT_TEXT_CHARS),
            title=one.string("title", high=1024),
            spoiler=one.boolean("is_spoiler") if "is_spoiler" in one else None,
            fields=frozenset(one.data),
        )
        if file_id is not None and file_id < limits.FILES and file_id not in known:
            one.fault("id", "ATTACHMENT_NOT_FOUND", f"No file with the field name files[{file_id}] came along.")
        notes.append(note)
    return notes


def check_sizes(uploads: list[Upload], limit_bytes: int) -> None:
    """Refuse files over the place's limit, each or, where that is larger, over 25 MiB together. Raises 40005."""
    total = sum(len(upload.data) for upload in uploads)
    if total > max(limits.REQUEST_BYTES, limit_bytes) or any(len(one.data) > limit_bytes for one in uploads):
        raise refusal(40005)
