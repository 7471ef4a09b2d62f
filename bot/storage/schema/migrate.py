"""Bringing a database to the newest schema."""

from __future__ import annotations

import logging

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text

from bot.errors import StorageError
from bot.packaging import migrations_folder
from bot.storage.database.engine import open_database
from bot.storage.schema.tables import SCHEMA_REVISION, leases, metadata, revisions, use_postgresql

logger = logging.getLogger(__name__)

SCRIPTS = migrations_folder()
"""The migrations' folder, which does not depend on the working directory."""

ADVISORY_LOCK = 0x6675_7369_6F6E
"""PostgreSQL's lock of this bot's migrations: an arbitrary number that only has to stay the same ("fusion")."""

_REVISION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps the revision that a database has, as it makes the table itself."""


async def migrate(url: str) -> None:
    """Bring the database of ``url`` to the newest schema, or make it.

    Safe where several processes start at once: one migrates, the others wait and find it done. All in one transaction:
    a process killed on the way leaves the old schema. Alembic is imported only where an older schema is to be changed:
    it takes 10 MB, which the process would keep.
    Raises ``StorageError``, also for a database that a later version of the bot has migrated.
    """
    async with open_database(url, migrating=True) as database:
        async with database.read("migrate the database") as connection:
            if await connection.run_sync(read_revision) == SCHEMA_REVISION:
                return
        async with database.write("migrate the database") as connection:
            if not database.is_sqlite:  # a writer of SQLite has the whole file for itself
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            current = await connection.run_sync(read_revision)
            if current == SCHEMA_REVISION:
                return
            if current is None and not await connection.run_sync(_is_known):
                await connection.run_sync(_make)
            else:
                running = await connection.run_sync(who_runs)
                if running:
                    logger.warning(
                        "the database changes while a bot may be running on it (%s), which does not know the new "
                        "schema: stop it, or restart it with this version",
                        ", ".join(running),
                    )
                await connection.run_sync(upgrade, current)


def read_revision(connection: Connection) -> str | None:
    """Read which revision the database has; None where it has none yet."""
    if not _is_known(connection):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def who_runs(connection: Connection) -> list[str]:
    """Name the processes that hold a lease; one that was killed is still among them."""
    if not inspect(connection).has_table(leases.name):
        return []
    held = select(leases.c.pid, leases.c.host).where(leases.c.holder != "").distinct().order_by(leases.c.pid)
    return [f"process {pid} on {host}" for pid, host in connection.execute(held)]


def _is_known(connection: Connection) -> bool:
    """Say whether Alembic has had to do with the database, also where it has undone everything."""
    return inspect(connection).has_table(_REVISION.name)


def _make(connection: Connection) -> None:
    """Make at once what all revisions make of a database that has none (Alembic's cookbook, "from scratch").

    A test holds both ways together.
    """
    if connection.dialect.name == "postgresql":
        use_postgresql()
    metadata.create_all(connection, checkfirst=False)
    connection.execute(revisions.insert(), {"name": "settings", "number": 0})
    _REVISION.create(connection)
    connection.execute(_REVISION.insert(), {"version_num": SCHEMA_REVISION})


def upgrade(connection: Connection, current: str | None) -> None:
    """Run the migrations from the ``current`` revision on, in the transaction that ``connection`` is in."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if current is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(current)
        except CommandError as error:
            raise StorageError(
                f"The database has the schema revision {current!r}, which this version of the bot does not know: "
                "a later version has used it. Start that version, or restore the backup from before."
            ) from error
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"Could not migrate the database: {error}") from error
