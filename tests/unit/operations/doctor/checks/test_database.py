"""What the doctor makes of the database's state."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.errors import StorageError
from bot.operations.doctor.checks.database import MIB, DatabaseState, check_database
from bot.operations.doctor.findings import Finding, Verdict
from tests.unit.operations.conftest import by_check


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A database with which all is well."""

    is_sqlite: bool = True
    place: str = "/data/bot.db"
    exists: bool = True
    writable: bool = True
    fault: str = ""
    damage: str = ""
    revision: str | None = "0002"
    revision_known: bool = True
    wanted: str = "0002"
    size_bytes: int | None = 3 * MIB
    free_bytes: int | None = 2048 * MIB
    file_system: str = "ext4"
    shared_file_system: bool = False
    others: int | None = 0
    server: str = ""


SERVER = State(is_sqlite=False, place="bot at db.test", server="PostgreSQL 15.4", free_bytes=None, others=3)


async def check(state: State) -> dict[str, Finding]:
    async def inspect() -> DatabaseState:
        return state

    return by_check(await check_database(inspect))


async def test_a_file_with_which_all_is_well() -> None:
    findings = await check(State())
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert findings["reachable"].found == "/data/bot.db (SQLite, 3.0 MiB)"
    assert findings["disk"].found == "2.0 GiB free on the disk"
    assert findings["in use"].found == "by no one else"


async def test_a_server_with_which_all_is_well() -> None:
    findings = await check(SERVER)
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert list(findings) == ["reachable", "schema", "in use"]
    assert "PostgreSQL 15.4" in findings["reachable"].found
    assert findings["in use"].found == "by 3 other connections"


async def test_a_file_that_is_not_there_yet() -> None:
    findings = await check(State(exists=False, revision=None, size_bytes=None))
    assert list(findings) == ["reachable", "disk"]
    assert "will be made" in findings["reachable"].found


@pytest.mark.parametrize(
    ("state", "name", "verdict", "words"),
    [
        (State(writable=False), "writable", Verdict.FAILED, "chown"),
        (State(writable=False, exists=False), "writable", Verdict.FAILED, "chown"),
        (replace(SERVER, writable=False), "writable", Verdict.FAILED, "GRANT CREATE"),
        (State(fault="file is not a database"), "readable", Verdict.FAILED, "backup"),
        (State(fault="database is locked"), "readable", Verdict.FAILED, "holds it"),
        (State(fault="unable to open database file"), "readable", Verdict.FAILED, "who owns"),
        (replace(SERVER, fault="Could not look at it"), "readable", Verdict.FAILED, "password"),
        (State(damage="row 3 missing from index"), "whole", Verdict.FAILED, "row 3 missing"),
        (State(revision=None), "schema", Verdict.WARNING, "no tables yet"),
        (State(revision="0001"), "schema", Verdict.WARNING, "python -m bot migrate"),
        (State(revision="0009", revision_known=False), "schema", Verdict.FAILED, "later version"),
        (State(free_bytes=20 * MIB), "disk", Verdict.FAILED, "20.0 MiB"),
        (State(free_bytes=200 * MIB), "disk", Verdict.WARNING, "200.0 MiB"),
        (State(file_system="nfs4", shared_file_system=True), "file system", Verdict.WARNING, "nfs4"),
        (State(others=1), "in use", Verdict.OK, "another process"),
        (replace(SERVER, others=1), "in use", Verdict.OK, "1 other connection"),
        (State(size_bytes=900), "reachable", Verdict.OK, "900 bytes"),
        (State(size_bytes=3 * 1024**4), "reachable", Verdict.OK, "3.0 TiB"),
    ],
)
async def test_what_may_be_wrong(state: State, name: str, verdict: Verdict, words: str) -> None:
    finding = (await check(state))[name]
    assert finding.verdict is verdict
    assert words in finding.found + finding.cure


async def test_what_can_not_be_told_is_not_told() -> None:
    assert list(await check(State(free_bytes=None, others=None))) == ["reachable", "schema"]


async def test_an_address_that_can_not_be_used() -> None:
    async def inspect() -> DatabaseState:
        raise StorageError("The database URL names no file.")

    (finding,) = await check_database(inspect)
    assert (finding.verdict, finding.found) == (Verdict.FAILED, "The database URL names no file.")
