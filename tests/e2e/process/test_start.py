"""Starting: a wrong configuration, the health page."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp

from sandbox.discord.traffic.faults import Fault
from tests.e2e.conftest import ROOT, Stage, Way, open_stage

COMMANDS = {"ask", "draw", "settings", "preferences", "usage", "Draw this", "Recipe"}


def names(stage: Stage) -> set[str]:
    """Name the commands that Discord has been told of."""
    return {command.name for command in stage.discord.world.application.commands.values()}


async def run_bot(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, output.decode()


async def test_a_wrong_configuration_is_told_whole(tmp_path: Path) -> None:
    code, output = await run_bot(
        tmp_path,
        {"DISCORD_API_BASE": "nonsense", "PROVIDER": "openai", "DEFAULT_MH_SCALE": "99", "DEFAULT_STEPS": "0"},
        "run",
    )
    assert code == 2
    assert "Traceback" not in output
    for name in ("DISCORD_TOKEN", "DISCORD_API_BASE", "PROVIDER", "DEFAULT_MH_SCALE", "DEFAULT_STEPS"):
        assert name in output


async def test_the_file_is_read_from_where_the_bot_is_started(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROVIDER=neither\n", encoding="utf-8")
    code, output = await run_bot(tmp_path, {}, "migrate")
    assert code == 2
    assert "neither" in output


async def test_a_database_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    environment = {
        "DISCORD_TOKEN": "a.b.c",
        "FUSION_API_SECRET_KEY": "key-key",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/file/bot.db",
    }
    code, output = await run_bot(tmp_path, environment, "migrate")
    assert code == 1
    assert "Traceback" not in output


async def test_what_one_stranger_could_spend_is_told_in_one_line_where_no_quota_is_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    environment = {
        "DISCORD_TOKEN": "a.b.c",
        "FUSION_API_SECRET_KEY": "key-key",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'file' / 'bot.db'}",
        "DEFAULT_COST_PER_PICTURE": "0.01",
        "DEFAULT_COST_CURRENCY": "USD",
    }
    _, output = await run_bot(tmp_path, environment, "run")
    (line,) = (line for line in output.splitlines() if "No quota is set" in line)
    assert "USD" in line
    assert "TOTAL_PERSON_CALLS_A_DAY" in line
    _, output = await run_bot(tmp_path, {**environment, "TOTAL_TOKENS_A_DAY": "1000000"}, "run")
    assert "No quota is set" not in output


async def test_migrate_alone(tmp_path: Path) -> None:
    environment = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "key-key"}
    for _ in range(2):
        code, output = await run_bot(tmp_path, environment, "migrate")
        assert code == 0, output
    assert (tmp_path / "data" / "bot.db").exists()


async def test_old_and_unknown_names_of_defaults_are_told_in_the_log(tmp_path: Path) -> None:
    environment = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "key-key"}
    environment |= {"DEFAULT_MH_SCALE": "3", "DEFAULT_MH_NO_SUCH": "3"}
    code, output = await run_bot(tmp_path, environment, "migrate")
    assert code == 0, output
    assert "DEFAULT_MH_SCALE is the old name of DEFAULT_SCALE" in output
    assert "DEFAULT_MH_NO_SUCH is set, but there is no such setting" in output


async def test_the_health_page(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with (
        open_stage(tmp_path, Way.COMMAND_LINE, HEALTH_PORT=str(port)) as stage,
        aiohttp.ClientSession() as session,
    ):
        async with asyncio.timeout(45):
            while True:
                async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
                    found = await response.json()
                    if response.status == 200:
                        break
                    assert response.status == 503
                await asyncio.sleep(0.05)
        assert found == {"discord": True, "database": True}
        await stage.answer(await stage.mention("hello"))


async def test_sync_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path, Way.COMMAND_LINE, start=False) as stage:
        code, output = await run_bot(tmp_path, stage.bot.environment, "sync")
        assert code == 0, output
        assert "Traceback" not in output
        assert names(stage) == COMMANDS


async def test_commands_that_can_not_be_read_are_written(tmp_path: Path) -> None:
    async with open_stage(tmp_path, Way.COMMAND_LINE, start=False) as stage:
        stage.discord.faults.add(Fault(method="GET", path="/commands$", status=404, times=1))
        await stage.bot.start()
        await stage.connected()
        assert names(stage) == COMMANDS


async def test_commands_that_can_not_be_written_keep_nobody_from_being_answered(tmp_path: Path) -> None:
    async with open_stage(tmp_path, Way.COMMAND_LINE, start=False) as stage:
        stage.discord.faults.add(Fault(path="/commands$", reset=True))
        await stage.bot.start()
        await stage.connected()
        assert "could not be synced" in stage.bot.log
        await stage.answer(await stage.mention("hello"))
