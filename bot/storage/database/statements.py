"""Statements that SQLAlchemy words apart for each database.

They are made once a store and run with a mapping of values: making a statement costs SQLAlchemy more than running it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from bot.storage.database.engine import Database


def insert_once(database: Database, table: Table) -> Insert:
    """Insert a row unless its key is there already; the number of rows touched tells which."""
    if database.is_sqlite:
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_or_replace(database: Database, table: Table, rows: Select[*tuple[Any, ...]] | None = None) -> Insert:
    """Insert a row, or write it over the row with the same primary key.

    ``rows`` selects what to insert, in the order of the table's columns; without it the values are given at the run.
    """
    kept = [column for column in table.c if not column.primary_key]
    key = list(table.primary_key.columns)
    if database.is_sqlite:
        lite = sqlite.insert(table)
        if rows is not None:
            lite = lite.from_select(list(table.c), rows)
        return lite.on_conflict_do_update(
            index_elements=key, set_={each.name: lite.excluded[each.name] for each in kept}
        )
    full = postgresql.insert(table)
    if rows is not None:
        full = full.from_select(list(table.c), rows)
    return full.on_conflict_do_update(index_elements=key, set_={each.name: full.excluded[each.name] for each in kept})
