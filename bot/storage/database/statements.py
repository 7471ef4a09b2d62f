"""Statements that SQLAlchemy words apart for each database, and a walk that several stores take.

They are made once a store and run with a mapping of values: making a statement costs SQLAlchemy more than running it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database.engine import Database

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def upsert(database: Database, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an insert that may say what happens if the key is there already."""
    if database.is_sqlite:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 2.4 MB that a bot on SQLite does not need

    return postgresql.insert(table)


def insert_once(database: Database, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Insert a row unless its key is there already; the number of rows touched tells which."""
    return upsert(database, table).on_conflict_do_nothing()


def insert_or_replace(
    database: Database, table: Table, rows: Select[*tuple[Any, ...]] | None = None
) -> sqlite.Insert | postgresql.Insert:
    """Insert a row, or write it over the row with the same primary key.

    ``rows`` selects what to insert, in the order of the table's columns; without it the values are given at the run.
    """
    kept = [column for column in table.c if not column.primary_key]
    statement = upsert(database, table)
    if rows is not None:
        statement = statement.from_select(list(table.c), rows)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={each.name: statement.excluded[each.name] for each in kept},
    )


async def walk(connection: AsyncConnection, next_id: Executable, *, after: int, limit: int) -> tuple[int, ...]:
    """Step from id to id, lowest first, at most ``limit`` times; ``next_id`` finds the first one above ``:after``."""
    found: list[int] = []
    while len(found) < limit:
        step: int | None = await connection.scalar(next_id, {"after": after})
        if step is None:
            break
        found.append(step)
        after = step
    return tuple(found)
