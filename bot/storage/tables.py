"""The tables. ``migrations/`` makes them; a test holds both together."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table

from bot.domain.drawings import ControlNet
from bot.domain.events import FinishReason
from bot.domain.messages import Kind, Role
from bot.domain.turns import Mode, Source, TurnState
from bot.errors import ErrorKind
from bot.storage.columns import BIG_INTEGER, IdList, StorableText, UtcDateTime, enum_column

SCHEMA_REVISION = "0002"
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
)

# What ``recent`` walks, newest first. Deleted messages are not in it: after a purge of a hundred thousand the next
# look at the channel does not step over each of them.
Index(
    "ix_messages_present",
    messages.c.channel_id,
    messages.c.id,
    sqlite_where=messages.c.deleted_at.is_(None),
    postgresql_where=messages.c.deleted_at.is_(None),
)

# Which channels were used of late.
Index(
    "ix_messages_recent",
    messages.c.created_at,
    messages.c.channel_id,
    sqlite_where=messages.c.deleted_at.is_(None),
    postgresql_where=messages.c.deleted_at.is_(None),
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
    Column("error_kind", enum_column(ErrorKind, 32)),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("total_tokens", Integer, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("source", enum_column(Source, 16), nullable=False, server_default=Source.MESSAGE.value),
    Column("asker_name", StorableText, nullable=False, server_default=""),
    Column("parent_id", BIG_INTEGER),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("reason", enum_column(FinishReason, 16), nullable=False, server_default=FinishReason.STOP.value),
    Index(None, "channel_id", "created_at"),
)

# The answers to a turn that have ended; the one that stands is in ``turns`` too.
turn_versions = Table(
    "turn_versions",
    metadata,
    Column("turn_id", BIG_INTEGER, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", StorableText, nullable=False),
    Column("state", enum_column(TurnState, 16), nullable=False),
    Column("reason", enum_column(FinishReason, 16), nullable=False),
    Column("error_kind", enum_column(ErrorKind, 32)),
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

# No foreign key to turns: a recipe outlives its turn, so that a picture of any age can be made again.
drawings = Table(
    "drawings",
    metadata,
    Column("turn_id", BIG_INTEGER, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("channel_id", BIG_INTEGER, nullable=False),
    Column("message_id", BIG_INTEGER, nullable=False, index=True),
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
    Column("created_at", UtcDateTime, nullable=False),
)
