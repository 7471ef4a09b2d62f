"""A PostgreSQL server for the time of a test run, where the machine has the program."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

ORDINARY_USERS = ("postgres", "nobody")
"""Who runs the server when the tests are run by root, as whom it refuses to run."""


class UnavailableError(Exception):
    """There is no server to be had; the text says why."""


class TemporaryPostgres:
    """A cluster in a folder of its own, reached by a socket in it; nothing is synced to disk.

    What it has committed survives its own crash only if ``durable``.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._programs = _programs()
        self._user = _user()
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._databases = 0

    def start(self) -> None:
        """Make the cluster and start the server; about two seconds. Raises ``UnavailableError``."""
        if self._user is not None:
            os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "on" if self._durable else "off",
            "full_page_writes": "off",
            "shared_buffers": "16MB",
        }
        with (self._folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
        self.resume()

    def halt(self) -> None:
        """Let the server go down as in a crash."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self._folder / "data"))

    def resume(self) -> None:
        """Start it again."""
        self._run("pg_ctl", "start", "-w", "-D", str(self._folder / "data"), "-l", str(self._folder / "log"))

    def stop(self) -> None:
        """Stop the server, if it runs, and remove the folder."""
        data = self._folder / "data"
        if (data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        """Tell the address of a database."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._folder}"

    async def create_database(self) -> str:
        """Make an empty database; returns its address."""
        self._databases += 1
        name = f"test{self._databases}"
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                await connection.execute(text(f"CREATE DATABASE {name}"))
        finally:
            await engine.dispose()
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        # A file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open.
        output = self._folder / "output"
        try:
            with output.open("ab") as file:
                done = subprocess.run(
                    [self._programs / program, *arguments],
                    check=False,
                    cwd=self._folder,
                    user=self._user,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    timeout=60,
                )
        except OSError as error:
            raise UnavailableError(f"{program} can't be run: {error}") from error
        if done.returncode != 0:
            lines = output.read_text(errors="replace").splitlines()
            raise UnavailableError(f"{program} failed: {' '.join(lines[-3:])}")


def running_postgres(*, durable: bool = False) -> Iterator[TemporaryPostgres]:
    """Serve as a fixture's body: start a server, or skip with the reason; stop it in the end."""
    pytest.importorskip("asyncpg", reason="the extra 'postgres' is not installed")
    try:
        server = TemporaryPostgres(durable=durable)
    except UnavailableError as error:
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    except UnavailableError as error:
        pytest.skip(str(error))
    finally:
        server.stop()


def _programs() -> Path:
    """Find the folder that has both programs."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise UnavailableError("PostgreSQL's server (initdb, pg_ctl) is not installed")


def _user() -> str | None:
    """Choose who runs the server; None is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for user in ORDINARY_USERS:
        if user in names:
            return user
    raise UnavailableError("PostgreSQL does not run as root, and there is no ordinary user to run it")
