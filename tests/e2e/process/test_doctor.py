"""``python -m bot doctor``, the real process, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.endpoint.script.replies import stalled_reply
from tests.e2e.conftest import Stage

WELL = {"LOG_LEVEL": "INFO", "DISCORD_MESSAGE_CONTENT": "on", "TOTAL_PERSON_CALLS_A_DAY": "50"}
"""The sandbox's bot has that intent; to leave it unused is worth a warning, as is a bot without any quota."""


@pytest.fixture
def keyboard() -> Iterator[None]:
    """Have what the test starts heed SIGINT, also if this process ignores it, as a shell's background jobs do."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def start(stage: Stage, folder: Path, stdout: int, *arguments: str, **changes: str) -> asyncio.subprocess.Process:
    """Start the doctor as the bot of the stage would be started."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor", *arguments),
        cwd=folder,
        env={**stage.bot.environment, **WELL, **changes},
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE if stdout != asyncio.subprocess.PIPE else asyncio.subprocess.STDOUT,
    )


async def doctor(stage: Stage, folder: Path, *arguments: str, **changes: str) -> tuple[int | None, str]:
    """Run the doctor to its end; returns the exit code and the output."""
    process = await start(stage, folder, asyncio.subprocess.PIPE, *arguments, **changes)
    output, _ = await asyncio.wait_for(process.communicate(), 50)
    text = output.decode()
    assert "Traceback" not in text, text
    endpoint = stage.endpoint
    secrets = {stage.discord.token, endpoint.fusion_key, endpoint.miaohua_token, endpoint.openai_key}
    secrets |= {value for name, value in changes.items() if value and name.endswith(("KEY", "TOKEN"))}
    assert not [secret for secret in secrets if secret in text], text
    return process.returncode, text


async def test_beside_the_running_bot_all_is_well(stage: Stage, tmp_path: Path) -> None:
    code, text = await doctor(stage, tmp_path, "--draw")
    assert code == 0, text
    assert text.splitlines()[-1] == "All is well.", text
    for words in (
        "the bot is Fusion",
        "permissions=274878008384",
        "are this version's",
        "the key is accepted",
        "a picture was made and fetched",
        "by another process: the bot, if it is running",
    ):
        assert words in text
    talk, drawing = stage.endpoint.requests[-2:]
    assert (talk.body["output_img"], talk.body["max_new_tokens"]) == (False, 16)
    assert drawing.body["output_img"] is True
    assert all("doctor" in request.body["user_id"] for request in (talk, drawing))


async def test_everything_that_is_wrong_is_told_at_once_for_machines(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = stage.endpoint.requests
    code, text = await doctor(
        stage,
        tmp_path,
        "--json",
        DISCORD_TOKEN="MTIz.wrong-key.x",
        FUSION_API_SECRET_KEY="wrong-key",
        DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/file/bot.db",
    )
    told = json.loads(text)
    assert code == told["exit_code"] == 1
    wrong = {finding["check"] for finding in told["findings"] if finding["verdict"] == "failed"}
    assert wrong == {"token", "answer", "writable"}
    assert len(stage.endpoint.requests) == len(before) + 2, "once in each way of writing the key"


async def test_a_key_written_the_wrong_way_and_a_database_of_before(stage: Stage, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001')"
        )
    code, text = await doctor(
        stage, tmp_path, FUSION_AUTH_SCHEME="bearer", DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    )
    assert code == 1
    assert "Set FUSION_AUTH_SCHEME=raw" in text
    assert "revision 0001" in text
    assert "python -m bot migrate" in text


async def test_the_other_endpoint_without_a_call(stage: Stage, tmp_path: Path) -> None:
    before = len(stage.endpoint.requests)
    code, text = await doctor(stage, tmp_path, "--no-calls", PROVIDER="chat_completions")
    assert code == 0, text
    assert "both are among the 2 that the server lists" in text
    assert len(stage.endpoint.requests) == before


async def test_a_wrong_configuration_and_a_misspelt_name(stage: Stage, tmp_path: Path) -> None:
    code, text = await doctor(stage, tmp_path, FUSION_API_SECRET_KEY="", FUSION_KEY="my-fusion-key", HEALTH_PORT="lots")
    assert code == 2
    assert "FUSION_API_SECRET_KEY is missing" in text
    assert "HEALTH_PORT must be a whole number" in text
    assert "Did you mean FUSION_API_SECRET_KEY?" in text


@pytest.mark.usefixtures("keyboard")
async def test_stopped_from_the_keyboard_it_goes_at_once_and_without_a_word_too_many(
    stage: Stage, tmp_path: Path
) -> None:
    stage.endpoint.script(stalled_reply(to="fusion", checked=True))
    process = await start(stage, tmp_path, asyncio.subprocess.PIPE)
    await stage.endpoint.wait_for_request()
    process.send_signal(signal.SIGINT)
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 130
    assert output.decode().endswith("\nstopped\n")
    assert "Traceback" not in output.decode()


async def test_a_reader_that_has_read_enough(stage: Stage, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = await start(stage, tmp_path, writer, "--no-calls")
    os.close(writer)
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert errors == b""
