"""The real endpoint's settings, out of the environment and `.env`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import aiohttp
import pytest

from sandbox.launcher.demo import main, run_demo
from sandbox.launcher.live import LiveError, read_live
from sandbox.launcher.options import Options
from tests.unit.sandbox.launcher.terminal import Terminal

KEY, TOKEN = "sk-very-secret-0123456789", "miaohua-secret-0123456789"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"FUSION_API_SECRET_KEY={KEY}\nMIAOHUA_TOKEN='{TOKEN}' # mine\nFUSION_URL=https://other.example/v1?key=hidden\n"
        "DISCORD_TOKEN=real\nDATABASE_URL=postgresql://real\nDEFAULT_TEMPERATURE=0.3\nOPENAI_API_KEY=\n"
    )
    live = read_live({"DEFAULT_TEMPERATURE": "0.5", "PATH": "/bin"}, tmp_path, provider="")
    assert live.provider == "fusion"
    assert live.settings == {
        "FUSION_API_SECRET_KEY": KEY,
        "MIAOHUA_TOKEN": TOKEN,
        "FUSION_URL": "https://other.example/v1?key=hidden",
        "DEFAULT_TEMPERATURE": "0.5",
    }
    assert live.name == "other.example"
    assert live.unset == {}
    assert KEY not in repr(live)


def test_the_other_endpoint_may_be_without_a_key(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROVIDER=chat_completions\nOPENAI_BASE_URL=http://127.0.0.1:11434/v1\n")
    live = read_live({"OPENAI_CHAT_MODEL": "small"}, tmp_path, provider="")
    assert live.provider == "chat_completions"
    assert live.name == "127.0.0.1"
    assert list(live.unset) == ["OPENAI_API_KEY"]


@pytest.mark.parametrize(
    ("provider", "file", "named"),
    [
        ("fusion", None, ["FUSION_API_SECRET_KEY", "copy .env.example there"]),
        ("", "FUSION_API_SECRET_KEY=\n", ["FUSION_API_SECRET_KEY", "it is there"]),
        ("chat_completions", f"FUSION_API_SECRET_KEY={KEY}\n", ["OPENAI_BASE_URL", "OPENAI_CHAT_MODEL"]),
        ("", "PROVIDER=typo\n", ["PROVIDER", "typo"]),
        ("", b"\xff\xfe", [".env", "can't be read"]),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, provider: str, file: str | bytes | None, named: list[str]) -> None:
    if file is not None:
        (tmp_path / ".env").write_bytes(file.encode() if isinstance(file, str) else file)
    with pytest.raises(LiveError) as caught:
        read_live({}, tmp_path, provider=provider)
    for one in named:
        assert one in str(caught.value)
    assert KEY not in str(caught.value)


def test_nothing_is_started_where_a_key_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sandbox.launcher.demo.ROOT", tmp_path)
    monkeypatch.setattr("os.environ", {"LIVE": "1"})
    assert main(["--no-open", "--data", str(tmp_path / "data")]) == 2
    shown = capsys.readouterr()
    assert "FUSION_API_SECRET_KEY" in shown.err
    assert shown.out == ""
    assert not (tmp_path / "data").exists()


async def test_the_bot_gets_the_keys_and_nobody_else(tmp_path: Path) -> None:
    """The bot is a program here that writes down what it was told."""
    (tmp_path / ".env").write_text(f"FUSION_API_SECRET_KEY={KEY}\nDISCORD_TOKEN=real-token\n")
    live = read_live({}, tmp_path, provider="fusion")
    data = tmp_path / "data"
    data.mkdir()
    program = "import json, os, signal; print(json.dumps(dict(os.environ)), flush=True); signal.pause()"
    terminal, stop = Terminal(), asyncio.Event()
    options = Options(port=0, endpoint_port=0, live=True)
    demo = asyncio.create_task(
        run_demo(
            options, data, os.environ, live=live, command=(sys.executable, "-c", program), say=terminal.say, stop=stop
        )
    )
    await terminal.until("Starting")
    log = data / "bot.log"
    async with asyncio.timeout(45):
        while not (log.exists() and log.read_text().endswith("\n")):  # noqa: ASYNC110  (a file tells nobody of its growth)
            await asyncio.sleep(0.01)
    told = json.loads(log.read_text())
    assert told["FUSION_API_SECRET_KEY"] == KEY
    assert told["PROVIDER"] == "fusion"
    assert told["DISCORD_TOKEN"] != "real-token"
    assert not {"IMAGE_FETCH_ALLOW", "FUSION_URL"} & set(told)
    async with aiohttp.ClientSession() as session:
        base = told["DISCORD_API_BASE"].removesuffix("/api/v10")
        async with session.get(f"{base}/control/demo") as answer:
            about = await answer.text()
    assert json.loads(about) == {
        "provider": "fusion",
        "live": {"endpoint": "", "unset": ["MIAOHUA_TOKEN"]},
        "model": None,
    }
    stop.set()
    assert await demo == 0
    assert KEY not in terminal.text + about + (data / "discord.jsonl").read_text()
