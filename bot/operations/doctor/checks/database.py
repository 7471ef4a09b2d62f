"""The checks of the database: there, writable, of this version, whole, with room to grow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from bot.errors import StorageError
from bot.operations.doctor.findings import Finding, failed, fine, warning

MIB: Final = 1024 * 1024
FREE_FAILED_BYTES, FREE_WARNING_BYTES = 32 * MIB, 512 * MIB
"""A transaction needs a few pages beside the file; a year of a busy server's messages a few hundred megabytes."""


class DatabaseState(Protocol):
    """What a database looks like from outside; ``bot.storage.schema.inspection`` says what each of it means."""

    @property
    def is_sqlite(self) -> bool: ...
    @property
    def place(self) -> str: ...
    @property
    def exists(self) -> bool: ...
    @property
    def writable(self) -> bool: ...
    @property
    def fault(self) -> str: ...
    @property
    def damage(self) -> str: ...
    @property
    def revision(self) -> str | None: ...
    @property
    def revision_known(self) -> bool: ...
    @property
    def wanted(self) -> str: ...
    @property
    def size_bytes(self) -> int | None: ...
    @property
    def free_bytes(self) -> int | None: ...
    @property
    def file_system(self) -> str: ...
    @property
    def shared_file_system(self) -> bool: ...
    @property
    def others(self) -> int | None: ...
    @property
    def server(self) -> str: ...


async def check_database(inspect: Callable[[], Awaitable[DatabaseState]]) -> list[Finding]:
    """Look at the database and say what is found; nothing in it is changed, and no file is made."""
    try:
        state = await inspect()
    except StorageError as error:
        return [failed("reachable", str(error), "Correct DATABASE_URL.")]
    if state.fault:
        return [*_writable(state), failed("readable", f"{state.place}: {state.fault}", _fault_cure(state))]
    if not state.exists:
        there = fine("reachable", f"{state.place} will be made at the first start")
    else:
        size = f", {_amount(state.size_bytes)}" if state.size_bytes is not None else ""
        there = fine("reachable", f"{state.place} ({state.server or 'SQLite'}{size})")
    return [there, *_writable(state), *_schema(state), *_whole(state), *_room(state), *_journal(state), *_users(state)]


def _fault_cure(state: DatabaseState) -> str:
    if not state.is_sqlite:
        return "Check the host, name, user and password in DATABASE_URL, and that the server runs and lets you in."
    if "not a database" in state.fault or "malformed" in state.fault:
        return "Put it away and restore a backup; without one the bot begins anew with an empty file."
    if "locked" in state.fault:
        return "Find the process that holds it (a copy, a backup, an editor) and end that."
    return "Check the path in DATABASE_URL, and who owns the file and its folder."


def _writable(state: DatabaseState) -> list[Finding]:
    if state.writable:
        return []
    if state.is_sqlite:
        return [
            failed(
                "writable",
                f"{state.place} or its folder can't be written",
                "Give both to the user that runs the bot (chown), and mount the folder for writing.",
            )
        ]
    return [
        failed(
            "writable",
            "the database's user may not make tables, or the server is a standby for reading only",
            "Use the primary server, and GRANT CREATE ON SCHEMA public to the user in DATABASE_URL.",
        )
    ]


def _schema(state: DatabaseState) -> list[Finding]:
    if not state.exists:
        return []
    if state.revision == state.wanted:
        return [fine("schema", f"revision {state.revision}, this version's")]
    if not state.revision_known:
        return [
            failed(
                "schema",
                f"revision {state.revision} is of a later version of the bot",
                "Start that version, or restore the backup from before.",
            )
        ]
    found = f"revision {state.revision}" if state.revision else "no tables yet"
    return [
        warning(
            "schema",
            f"{found}; this version's is {state.wanted}",
            "Make a backup, then start the bot (run migrates), or: python -m bot migrate",
        )
    ]


def _whole(state: DatabaseState) -> list[Finding]:
    if not state.damage:
        return []
    cure = "Stop the bot, keep a copy of the file, and restore a backup; or try: sqlite3 FILE .recover"
    return [failed("whole", f"the file is damaged: {state.damage}", cure)]


def _room(state: DatabaseState) -> list[Finding]:
    if state.free_bytes is None:
        return []
    found = f"{_amount(state.free_bytes)} free on the disk"
    cure = "Make room on the disk, or move the database to another one."
    if state.free_bytes < FREE_FAILED_BYTES:
        return [failed("disk", found, cure)]
    if state.free_bytes < FREE_WARNING_BYTES:
        return [warning("disk", found, cure)]
    return [fine("disk", found)]


def _journal(state: DatabaseState) -> list[Finding]:
    if not state.shared_file_system:
        return []
    return [
        warning(
            "file system",
            f"the database is on a shared file system ({state.file_system}), where SQLite's WAL can lose data",
            "Keep it on a disk of this machine (a Docker volume, not a shared folder), or use PostgreSQL.",
        )
    ]


def _users(state: DatabaseState) -> list[Finding]:
    if state.others is None or not state.exists:
        return []
    if state.is_sqlite:
        return [fine("in use", "by another process: the bot, if it is running" if state.others else "by no one else")]
    return [fine("in use", f"by {state.others} other {'connection' if state.others == 1 else 'connections'}")]


def _amount(count_bytes: int | None) -> str:
    amount = float(count_bytes or 0)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"
