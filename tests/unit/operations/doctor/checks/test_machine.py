"""What the doctor makes of the machine."""

from __future__ import annotations

import asyncio
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from bot.operations.doctor.checks.machine import (
    LIBRARY,
    Machine,
    check_health_port,
    check_machine,
    free_memory,
    read_machine,
)
from bot.operations.doctor.findings import Finding, Verdict
from bot.operations.doctor.web import HttpAnswer, WebFaultError
from tests.unit.operations.conftest import FakeWeb, answer, by_check, config

ROOT = Path(__file__).parents[5]
GOOD = Machine(
    python="3.13.1",
    system="Linux x86_64",
    packages={"discord.py": LIBRARY, "aiohttp": "3.14"},
    open_files=4096,
    free_bytes=2**31,
)


def check(machine: Machine, *, damaged: bool = False) -> dict[str, Finding]:
    def load_words() -> None:
        if damaged:
            raise FileNotFoundError("fusion_bot.mo")

    return by_check(check_machine(machine, load_words=load_words))


def test_a_good_machine() -> None:
    assert {finding.verdict for finding in check(GOOD).values()} == {Verdict.OK}


@pytest.mark.parametrize(
    ("machine", "name", "verdict"),
    [
        (replace(GOOD, open_files=1023), "files", Verdict.WARNING),
        (replace(GOOD, open_files=255), "files", Verdict.FAILED),
        (replace(GOOD, free_bytes=2**26), "memory", Verdict.WARNING),
        (replace(GOOD, packages={"discord.py": "2.3.2"}), "packages", Verdict.WARNING),
        (replace(GOOD, packages={}), "packages", Verdict.WARNING),
        (replace(GOOD, packages={"discord.py": LIBRARY, "py-cord": "2.6"}), "packages", Verdict.FAILED),
    ],
)
def test_what_may_be_wrong(machine: Machine, name: str, verdict: Verdict) -> None:
    assert check(machine)[name].verdict is verdict


def test_words_that_are_missing() -> None:
    assert check(GOOD, damaged=True)["languages"].verdict is Verdict.FAILED


def test_what_the_system_does_not_say_is_not_told() -> None:
    assert list(check(replace(GOOD, open_files=None, free_bytes=None))) == ["python", "packages", "languages"]


def test_this_machine() -> None:
    machine = read_machine()
    assert machine.packages["discord.py"] == LIBRARY
    assert machine.python.startswith("3.")


def test_the_library_is_the_one_that_the_project_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert f"discord.py=={LIBRARY}" in named
    assert re.search(rf"(?m)^discord-py=={re.escape(LIBRARY)}\b", (ROOT / "requirements/runtime.txt").read_text())


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, None),
        ({"meminfo": "MemTotal: 9 kB\nMemAvailable:    2048 kB\n"}, 2048 * 1024),
        ({"meminfo": "MemAvailable: lots\n"}, None),
        ({"meminfo": "MemAvailable: 2048 kB\n", "memory.max": "max", "memory.current": "5"}, 2048 * 1024),
        ({"memory.max": "1000", "memory.current": "400"}, 600),
        ({"memory.max": "1000", "memory.current": "400", "memory.stat": "anon 1\ninactive_file 300\n"}, 900),
        ({"memory.max": "1000", "memory.current": "4000"}, 0),
    ],
)
def test_memory_is_the_machines_or_the_containers(tmp_path: Path, files: dict[str, str], free: int | None) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert free_memory(tmp_path / "meminfo", tmp_path) == free


async def test_without_a_health_page_nothing_is_said() -> None:
    assert await check_health_port(config(), FakeWeb({}).get) == []


async def test_a_port_that_is_free_stays_free(unused_tcp_port: int) -> None:
    for _ in range(2):
        (finding,) = await check_health_port(config(health_port=unused_tcp_port), FakeWeb({}).get)
        assert finding.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (answer({"discord": True, "database": True}), Verdict.OK),
        (answer({"discord": False, "database": True}, status=503), Verdict.OK),
        (answer({"hello": 1}), Verdict.FAILED),
        (answer(None), Verdict.FAILED),
        (WebFaultError("broken off", "Try again."), Verdict.FAILED),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_a_port_that_is_taken_by_the_bot_or_by_another(
    host: str, page: HttpAnswer | WebFaultError, verdict: Verdict
) -> None:
    fake = FakeWeb({"/healthz": page})
    async with await asyncio.start_server(lambda _r, w: w.close(), host, 0) as server:
        port = server.sockets[0].getsockname()[1]
        (finding,) = await check_health_port(config(health_host=host, health_port=port), fake.get)
    assert finding.verdict is verdict
    assert fake.asked == [(f"http://127.0.0.1:{port}/healthz", {})]


async def test_an_address_that_is_not_this_machines() -> None:
    (finding,) = await check_health_port(config(health_host="192.0.2.1", health_port=8080), FakeWeb({}).get)
    assert finding.verdict is Verdict.FAILED
    assert "HEALTH_HOST" in finding.cure
