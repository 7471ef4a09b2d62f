"""Alembic's entry: ``bot.storage.schema.migrate`` brings a connection, the ``alembic`` command takes DATABASE_URL."""

from __future__ import annotations

import asyncio
import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import Connection

from bot.storage.database.engine import open_database
from bot.storage.schema.tables import metadata, use_postgresql

DEFAULT_URL = "sqlite+aiosqlite:///data/bot.db"


def run(connection: Connection) -> None:
    """Run the migrations in the transaction that ``connection`` is in, or in one of their own."""
    if connection.dialect.name == "postgresql":
        use_postgresql()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite can't alter most of a table: Alembic makes it anew and copies the rows.
        render_as_batch=connection.dialect.name == "sqlite",
        # SQLite's DDL is transactional once BEGIN is said, which Alembic does not assume.
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_command_line() -> None:
    """Connect by DATABASE_URL and run."""
    url = os.environ.get("DATABASE_URL", DEFAULT_URL)
    async with (
        open_database(url, migrating=True) as database,
        database.write("migrate the database") as connection,
    ):
        await connection.run_sync(run)


def main() -> None:
    """Choose by who called."""
    if context.is_offline_mode():
        raise SystemExit("Migrations need a database to connect to: leave out --sql.")
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    if context.config.config_file_name is not None:
        fileConfig(context.config.config_file_name)
    asyncio.run(run_from_command_line())


main()
