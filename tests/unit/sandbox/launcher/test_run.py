"""The demo from start to stop, with small programs in place of the bot."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from sandbox.discord import LocalDiscord
from sandbox.endpoint import LocalEndpoint
from sandbox.launcher.demo import ROOT, main, run_demo
from sandbox.launcher.environment import bot_environment, bot_settings, export_lines
from sandbox.launcher.options import Options
from tests.unit.sandbox.launcher.terminal import Terminal

ANY_PORTS = Options(port=0, endpoint_port=0, scripted=True)


async def test_without_a_bot_it_tells_how_to_connect_one(tmp_path: Path) -> None:
    terminal, stop = Terminal(), asyncio.Event()
    options = Options(port=0, endpoint_port=0, with_bot=False, scripted=True)
    demo = asyncio.create_task(run_demo(options, tmp_path, {}, say=terminal.say, stop=stop))
    await terminal.until("Ctrl-C")
    assert "export DISCORD_TOKEN='" in terminal.text
    address = next(word for word in terminal.text.split() if word.startswith("http://"))
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        assert "<title>" in await answer.text()
    stop.set()
    assert await demo == 0


async def test_a_bot_that_cannot_start_ends_the_demo(tmp_path: Path) -> None:
    terminal = Terminal()
    command = (sys.executable, "-c", "print('what is wrong'); raise SystemExit(2)")
    assert await run_demo(ANY_PORTS, tmp_path, os.environ, command=command, say=terminal.say) == 1
    assert "what is wrong" in terminal.text
    assert "connected" not in terminal.text


async def test_stopping_before_the_bot_is_connected(tmp_path: Path) -> None:
    terminal, stop = Terminal(), asyncio.Event()
    command = (sys.executable, "-c", "import signal; signal.pause()")
    demo = asyncio.create_task(run_demo(ANY_PORTS, tmp_path, os.environ, command=command, say=terminal.say, stop=stop))
    await terminal.until("Starting")
    stop.set()
    assert await demo == 0


async def test_taken_ports_give_way_to_the_next(tmp_path: Path) -> None:
    terminal, stop = Terminal(), asyncio.Event()
    async with LocalEndpoint(port=0) as other:
        options = Options(port=other.port, endpoint_port=other.port, with_bot=False, scripted=True)
        demo = asyncio.create_task(run_demo(options, tmp_path, {}, say=terminal.say, stop=stop))
        await terminal.until("Ctrl-C")
        address = next(word for word in terminal.text.split() if word.startswith("http://"))
        assert (urlsplit(address).port or 0) > other.port
        stop.set()
        assert await demo == 0


async def test_the_settings_name_everything_and_nothing_leaks_in() -> None:
    async with LocalDiscord(port=0) as discord, LocalEndpoint(port=0) as endpoint:
        data = Path("/some where/demo")
        settings = bot_settings(discord, endpoint, provider="fusion", data=data)
        assert settings["DISCORD_API_BASE"] == discord.api_base
        assert settings["FUSION_URL"] == endpoint.fusion_url
        assert settings["OPENAI_BASE_URL"].endswith("/v1")
        assert settings["OPENAI_CHAT_MODEL"] == endpoint.behaviour.chat_model
        assert settings["IMAGE_FETCH_ALLOW"] == f"127.0.0.1:{endpoint.port}"
        assert settings["DATABASE_URL"] == "sqlite+aiosqlite:////some where/demo/bot.db"
        surroundings = {"PATH": "/bin", "HTTP_PROXY": "http://proxy", "OPENAI_API_KEY": "real", "HEALTH_PORT": "80"}
        found = bot_environment(settings, surroundings, ROOT)
        assert found["PATH"] == "/bin"
        assert "HTTP_PROXY" not in found
        assert found["OPENAI_API_KEY"] == endpoint.openai_key
        assert found["HEALTH_PORT"] == ""


def test_settings_survive_a_shell() -> None:
    line = export_lines({"NAME": "it's a 'path' $HOME"})[0]
    shown = subprocess.run(["/bin/sh", "-c", f'{line}; printf %s "$NAME"'], capture_output=True, text=True, check=True)
    assert shown.stdout == "it's a 'path' $HOME"


def test_a_folder_in_use_is_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("")
    assert main(["--data", str(tmp_path), "--no-open"]) == 1
    assert "no demo wrote" in capsys.readouterr().err


def test_the_sandbox_imports_nothing_of_the_bot() -> None:
    program = (
        "import sys, sandbox.launcher.demo, sandbox.discord, sandbox.endpoint\n"
        "print([one for one in sys.modules if one.split('.')[0] in ('bot', 'cogs', 'discord')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
