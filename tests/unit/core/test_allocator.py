"""Memory that goes back to the system, that is not taken, and that is not looked through."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import pytest

from bot.allocator import return_free_memory, return_large_blocks, spare_what_stays

ROOT = Path(__file__).parents[3]
HELD = """
import sys
from pathlib import Path
from bot.allocator import return_free_memory, return_large_blocks

def resident_kb():
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])

how, size = sys.argv[1], int(sys.argv[2])
if how == "return":
    return_large_blocks()
# The first one is freed, so that glibc takes its size for the usual one; what stands above the rest keeps it all.
bytes(20_000_000)
blocks, above = [], []
for _ in range(64_000_000 // size):
    blocks.append(b"x" * size)
    above.append(b"x" * (size // 80))
before = resident_kb()
blocks.clear()
if how == "trim":
    return_free_memory()
print(before - resident_kb())
"""


def freed_kb(how: str, size: int) -> int:
    run = subprocess.run(
        [sys.executable, "-c", HELD, how, str(size)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    return int(run.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the system's C library is not glibc")
def test_large_blocks_go_back_when_they_are_free() -> None:
    assert freed_kb("keep", 8_000_000) < 20_000
    assert freed_kb("return", 8_000_000) > 60_000


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the system's C library is not glibc")
def test_small_blocks_go_back_when_that_is_asked_for() -> None:
    assert freed_kb("return", 80_000) < 20_000
    assert freed_kb("trim", 80_000) > 40_000


def test_another_c_library_keeps_its_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_: object) -> object:
        return object()

    monkeypatch.setattr(ctypes, "CDLL", without)
    assert not return_large_blocks()
    return_free_memory()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not return_large_blocks()


def test_what_is_there_after_the_start_is_looked_through_no_more() -> None:
    before = gc.get_threshold()
    try:
        spare_what_stays()
        assert gc.get_threshold()[0] > before[0]
        assert gc.get_freeze_count() > 1000
        assert len(gc.get_objects(generation=2)) < 1000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_what_seldom_is_needed_is_not_imported_at_the_start() -> None:
    seldom = ("aiohttp.web", "alembic", "asyncpg", "PIL", "regex", "sqlalchemy.dialects.postgresql")
    imports = "import sys, bot.bootstrap.app, bot.storage.schema.migrate"
    program = f"{imports}; sys.exit(str(set({seldom}) & set(sys.modules) or ''))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.stderr.strip() == ""
