"""How connections to SQLite are opened, and how their end is waited for."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from threading import Thread, current_thread
from typing import Any
from weakref import WeakSet

AGAIN_S = 0.01
"""Between two tries to switch the journal, which takes about a millisecond."""
END_TIMEOUT_S = 10.0
"""How long closing the database may wait for one thread: longer than any of the bot's statements takes."""


class SqliteConnections:
    """The ``factory`` of ``sqlite3.connect``, which aiosqlite calls in the thread that it gives to each connection.

    Transactions begin only where said, foreign keys are checked where asked, and the journal is WAL with
    ``synchronous`` NORMAL: a commit survives the process's end at any moment; a loss of power may take the last ones,
    never the database (SQLite's documentation, "PRAGMA synchronous"). What is deleted or replaced is overwritten with
    zeros (``secure_delete``; FAST would leave it on pages that come free as a whole). ``busy_timeout_s`` is how long a
    writer waits for the writer of another process before "database is locked".
    """

    def __init__(self, *, busy_timeout_s: float, foreign_keys: bool) -> None:
        self.busy_timeout_s = busy_timeout_s
        self._foreign_keys = foreign_keys
        self._threads: WeakSet[Thread] = WeakSet()

    def __call__(self, database: str, **options: Any) -> sqlite3.Connection:
        """Connect; ``options`` are those of ``sqlite3.connect`` that SQLAlchemy reads from the URL."""
        self._threads.add(current_thread())
        options |= {"timeout": self.busy_timeout_s, "isolation_level": None}
        connection = sqlite3.Connection(database, **options)
        try:
            self._use_wal(connection)
            for pragma in ("synchronous=NORMAL", "secure_delete=ON", f"foreign_keys={int(self._foreign_keys)}"):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """Switch the journal to WAL, waiting for others that do the same or write.

        SQLite does not wait here itself: two that both read and both want the whole file would wait for each other
        (SQLite's documentation, "sqlite3_busy_handler").
        """
        last = time.monotonic() + self.busy_timeout_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= last:
                    raise
                time.sleep(AGAIN_S)
            else:
                return

    async def wait_ended(self) -> None:
        """Wait until the threads of all connections have ended; those still open must have been told to close.

        A statement that was cancelled goes on in its thread, and reports to the event loop, which must not be gone.
        """
        for thread in list(self._threads):
            await asyncio.to_thread(thread.join, END_TIMEOUT_S)
