"""The tables. ``migrations/`` makes them; a test holds both together."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, false

from bot.domain.history.messages import Kind
from bot.domain.history.removals import Scope
from bot.domain.model.events import FinishReason
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.picture.parameters import ControlNet
from bot.domain.turn.ask import Source
from bot.domain.turn.record import TurnState
from bot.storage.schema.columns import BIG_INTEGER, IdList, ProblemColumn, StorableText, UtcDateTime, enum_column
from bot.storage.schema.wish import WishColumn

SCHEMA_REVISION = "0012"
"""The newest revision in ``migrations/versions``: a database that has it needs no migration."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

messages = Table(
    "messages",
    metadata,
    Column("channel_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("guild_id", BIG_INTEGER),
    Column("author_id", BIG_INTEGER, nullable=False),
    Column("author_name", StorableText, nullable=False),
    Column("role", enum_column(Role, 16), nullable=False),
    Column("text", StorableText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("kind", enum_column(Kind, 16), nullable=False),
    Column("reply_to", BIG_INTEGER),
    Column("edited_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("drawn", StorableText, nullable=False, server_default=""),
    Column("only_for", BIG_INTEGER),
    Column("private", Boolean, nullable=False, server_default=false()),
    # The oldest of a guild: what retention takes away first. The same for turns and drawings.
    Index(None, "guild_id", "created_at"),
)

# What ``recent`` walks, newest first. Deleted messages are not in it: after a purge of a hundred thousand the next
# look at the channel does not step over each of them. What is somebody else's alone is passed over in the index.
_PRESENT = Index(
    "ix_messages_present",
    messages.c.channel_id,
    messages.c.id,
    messages.c.only_for,
    sqlite_where=messages.c.deleted_at.is_(None),
)

# Which channels were used of late.
_RECENT = Index(
    "ix_messages_recent",
    messages.c.created_at,
    messages.c.channel_id,
    sqlite_where=messages.c.deleted_at.is_(None),
)

turns = Table(
    "turns",
    metadata,
    Column("id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("channel_id", BIG_INTEGER, nullable=False),
    Column("guild_id", BIG_INTEGER),
    Column("asker_id", BIG_INTEGER, nullable=False),
    Column("mode", enum_column(Mode, 16), nullable=False),
    Column("state", enum_column(TurnState, 16), nullable=False, index=True),
    Column("prompt", StorableText, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("reply_ids", IdList, nullable=False),
    Column("text", StorableText, nullable=False),
    Column("error_kind", ProblemColumn),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("total_tokens", Integer, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("source", enum_column(Source, 16), nullable=False, server_default=Source.MESSAGE.value),
    Column("asker_name", StorableText, nullable=False, server_default=""),
    Column("parent_id", BIG_INTEGER),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("reason", enum_column(FinishReason, 16), nullable=False, server_default=FinishReason.STOP.value),
    Column("wish", WishColumn),
    # Under which lease it is worked on; 0: nobody's.
    Column("fence", BIG_INTEGER, nullable=False, server_default="0"),
    Column("only_for", BIG_INTEGER),
    Column("private", Boolean, nullable=False, server_default=false()),
    # The message in which a proxy has said the question again; the person's own message is gone.
    Column("proxied_as", BIG_INTEGER),
    Index(None, "channel_id", "created_at"),
    Index(None, "guild_id", "created_at"),
)

# Few turns have any.
_PROXIED = Index("ix_turns_proxied", turns.c.proxied_as, sqlite_where=turns.c.proxied_as.is_not(None))

# The answers to a turn that have ended; the one that stands is in ``turns`` too.
turn_versions = Table(
    "turn_versions",
    metadata,
    Column("turn_id", BIG_INTEGER, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", StorableText, nullable=False),
    Column("state", enum_column(TurnState, 16), nullable=False),
    Column("reason", enum_column(FinishReason, 16), nullable=False),
    Column("error_kind", ProblemColumn),
    Column("created_at", UtcDateTime, nullable=False),
)

# Where the pages of ``turns.reply_ids`` are looked up. One Discord message may be a page of several turns, one after
# the other (an answer made again in place).
turn_replies = Table(
    "turn_replies",
    metadata,
    Column("message_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column(
        "turn_id",
        BIG_INTEGER,
        ForeignKey("turns.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
)

# No foreign key to turns: a recipe outlives its turn, so that a picture of any age can be made again. A row is there
# before Discord has the picture (``message_id`` is null); ``stored`` names the file while the bot keeps its bytes.
drawings = Table(
    "drawings",
    metadata,
    Column("turn_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("channel_id", BIG_INTEGER, nullable=False),
    Column("message_id", BIG_INTEGER, index=True),
    Column("prompt", StorableText, nullable=False),
    Column("model", StorableText, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("seed", BIG_INTEGER, nullable=False),
    Column("enhance", Boolean, nullable=False),
    Column("control", enum_column(ControlNet, 32), nullable=False),
    Column("filename", StorableText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("guild_id", BIG_INTEGER),
    Column("asker_id", BIG_INTEGER, nullable=False, server_default="0"),
    Column("took_s", Float),
    Column("stored", Text),
    Column("spoiler", Boolean, nullable=False, server_default=false()),
    Column("private", Boolean, nullable=False, server_default=false()),
    Index(None, "asker_id", "created_at"),
    Index(None, "guild_id", "created_at"),
)

# What was set in a place, as a user would write it; ``guild_id`` is 0 for a user's own, which hold everywhere.
settings = Table(
    "settings",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("scope_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("key", String(64), primary_key=True),
    Column("guild_id", BIG_INTEGER, nullable=False, index=True),
    Column("value", StorableText, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Who changed what; null: not set. Changes of one act (an import, an undo) share their ``batch``.
setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", BIG_INTEGER, primary_key=True),
    Column("guild_id", BIG_INTEGER, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("scope_id", BIG_INTEGER, nullable=False),
    Column("key", String(64), nullable=False),
    Column("old", StorableText),
    Column("new", StorableText),
    Column("by_id", BIG_INTEGER, nullable=False),
    Column("by_name", StorableText, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("batch", String(32), nullable=False),
    Index(None, "guild_id", "id"),
)

# Counters that tell every process that something has changed; "settings" is there from the start. The
# health page counts in "health", to find out whether anything can be written.
revisions = Table(
    "revisions",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("number", BIG_INTEGER, nullable=False),
)

# What was used, by day (UTC); ``guild_id`` 0 is direct messages and other places without a guild.
usage = Table(
    "usage",
    metadata,
    Column("day", Date, primary_key=True),
    Column("guild_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("channel_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("user_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("calls", BIG_INTEGER, nullable=False),
    Column("prompt_tokens", BIG_INTEGER, nullable=False),
    Column("completion_tokens", BIG_INTEGER, nullable=False),
    Column("total_tokens", BIG_INTEGER, nullable=False),
    Column("pictures", BIG_INTEGER, nullable=False),
    Index(None, "guild_id", "day"),
    Index(None, "user_id", "day"),
)

WHOLE: Final = 0
"""The ``user_id`` of all users together in ``spent``."""
EVERYWHERE: Final = -1
"""The ``guild_id`` of all guilds and of what is outside of them together in ``spent``; no snowflake is negative."""

# What counts against the quotas of a day (UTC), reservations included; with ``WHOLE`` and ``EVERYWHERE``.
spent = Table(
    "spent",
    metadata,
    Column("day", Date, primary_key=True),
    Column("guild_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("user_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("calls", BIG_INTEGER, nullable=False),
    Column("tokens", BIG_INTEGER, nullable=False),
    Column("pictures", BIG_INTEGER, nullable=False),
)

# What turns under way have reserved in ``spent``: settled when they end, given back after a kill.
reservations = Table(
    "reservations",
    metadata,
    Column("turn_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("guild_id", BIG_INTEGER, nullable=False),
    Column("channel_id", BIG_INTEGER, nullable=False),
    Column("user_id", BIG_INTEGER, nullable=False),
    Column("calls", BIG_INTEGER, nullable=False),
    Column("tokens", BIG_INTEGER, nullable=False),
    Column("pictures", BIG_INTEGER, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

# What is learnt of how a model counts tokens: the terms of ``bot.domain.model.calibration``, by their names.
calibrations = Table(
    "calibrations",
    metadata,
    Column("provider", String(32), primary_key=True),
    Column("model", StorableText, primary_key=True),
    Column("term", String(32), primary_key=True),
    Column("value", Float, nullable=False),
    Column("doubt", Float, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Who answers for a shard. Rows stay when they are given back (``holder`` is empty), so that ``fence`` only ever grows.
# ``host``, ``pid`` and ``renewed_at`` are for people too.
leases = Table(
    "leases",
    metadata,
    Column("shard_count", Integer, primary_key=True, autoincrement=False),
    Column("shard_id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(32), nullable=False),
    Column("fence", BIG_INTEGER, nullable=False),
    Column("beats", BIG_INTEGER, nullable=False),
    Column("bot_id", BIG_INTEGER, nullable=False),
    Column("host", StorableText, nullable=False),
    Column("machine", StorableText, nullable=False),
    Column("pid", BIG_INTEGER, nullable=False),
    Column("started", String(32), nullable=False),
    Column("renewed_at", UtcDateTime, nullable=False),
)

# Places that are gone and of which something is still kept: what is to be taken away outlives a kill.
removals = Table(
    "removals",
    metadata,
    Column("scope", enum_column(Scope, 16), primary_key=True),
    Column("id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("guild_id", BIG_INTEGER, nullable=False),
    Column("gone_at", UtcDateTime, nullable=False),
)

# How far channels have been compared with Discord; ``down_to`` is null if all that was kept was compared.
comparisons = Table(
    "comparisons",
    metadata,
    Column("channel_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("down_to", BIG_INTEGER),
)


# Messages of the bot's that are taken away again, until they are.
passing_notices = Table(
    "passing_notices",
    metadata,
    Column("channel_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("message_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("delete_at", UtcDateTime, nullable=False),
)

# What the bot has said instead of an answer, by the message that was refused. A sign is on that message itself.
refusals = Table(
    "refusals",
    metadata,
    Column("prompt_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("channel_id", BIG_INTEGER, nullable=False),
    Column("message_id", BIG_INTEGER, nullable=False, index=True),
    Column("guild_id", BIG_INTEGER),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "guild_id", "created_at"),
)


def use_postgresql() -> None:
    """Tell PostgreSQL too that some indexes are partial, before it makes the tables. Idempotent.

    Said where an index is declared, it would load PostgreSQL's dialect, 2.4 MB, into every bot on SQLite.
    """
    for index in (_PRESENT, _RECENT, _PROXIED):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
