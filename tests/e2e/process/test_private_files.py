"""What the real process leaves on the disk, where files are readable to everybody unless a program says otherwise."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.e2e.conftest import Way, open_stage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


async def test_nobody_else_on_the_machine_may_read_what_is_kept(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with open_stage(tmp_path, Way.COMMAND_LINE) as stage:
            prompt = await stage.mention("draw me a fox")
            assert (await stage.ended(prompt.id)) == "complete"
            await stage.bot.end()
    finally:
        os.umask(before)
    kept = [path for path in stage.bot.folder.rglob("*") if path.name != "bot.log"]  # the test itself opened the log
    assert any(path.suffix == ".db" for path in kept)
    for path in kept:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
