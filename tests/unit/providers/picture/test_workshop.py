"""Processes that look at pictures: limited, killed, replaced, and gone when nobody needs them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import ErrorKind, ProviderError
from bot.providers.picture.bench.limits import ADDRESS_SPACE_BYTES
from bot.providers.picture.gate import Gate
from bot.providers.picture.worker import PIECE_BYTES, BytesSource
from bot.providers.picture.workshop import GATE, Limits, Workshop
from tests.fakes.pictures.processes import gone
from tests.unit.providers.picture.containers.writing import webp_of
from tests.unit.providers.picture.stand_ins import HEADER, asked_for
from tests.unit.providers.picture.test_check import png

STAND_IN = "tests.unit.providers.picture.stand_ins:act"
LIMIT = 90_000
Open = Callable[..., Workshop]

linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="what other systems lack is in bench/limits.py")


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Open workshops whose processes do what the tests ask for."""
    made: list[Workshop] = []

    def build(look: str = STAND_IN, **limits: float) -> Workshop:
        made.append(Workshop(look=look, limits=replace(Limits(), **limits)))  # type: ignore[arg-type]  # numbers all
        return made[-1]

    yield build
    for workshop in made:
        await workshop.close()


async def told(workshop: Workshop, what: str) -> str:
    """Return what the process says in its picture."""
    picture = await workshop.check(BytesSource(data=asked_for(what)), limit_bytes=LIMIT)
    return picture.data[len(HEADER) :].decode()


async def refused(workshop: Workshop, what: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await workshop.check(BytesSource(data=asked_for(what)), limit_bytes=LIMIT)
    return caught.value


async def busy(workshop: Workshop, number: int = 1) -> frozenset[int]:
    """Wait until so many processes are at work."""
    async with asyncio.timeout(20):
        while len(workshop.pids) < number:  # noqa: ASYNC110  # processes have no event
            await asyncio.sleep(0.005)
    return workshop.pids


async def test_a_process_is_there_from_the_first_picture_on_and_is_used_again(opened: Open) -> None:
    workshop = opened()
    assert workshop.pids == frozenset()
    await told(workshop, "picture")
    pids = workshop.pids
    assert len(pids) == 1
    await told(workshop, "picture")
    assert workshop.pids == pids


async def test_a_real_picture_is_checked_and_stripped(opened: Open) -> None:
    workshop = Workshop()
    try:
        picture = await workshop.check(BytesSource(data=png()), limit_bytes=LIMIT)
        assert (picture.width, picture.height, picture.reduced) == (31, 17, False)
        assert b"prompt that must go" not in picture.data
        with pytest.raises(ProviderError) as caught:
            await workshop.check(BytesSource(data=b"<svg/>"), limit_bytes=LIMIT)
        assert caught.value.kind is ErrorKind.PICTURE_FETCH
        assert len(workshop.pids) == 1
    finally:
        await workshop.close()


async def test_who_takes_too_long_is_killed_and_replaced(opened: Open) -> None:
    workshop = opened(wall_s=1)
    task = asyncio.create_task(refused(workshop, "slow"))
    (pid,) = await busy(workshop)
    assert (await task).kind is ErrorKind.PICTURE_SLOW
    await gone([pid])
    assert await told(workshop, "picture") == "picture"
    assert workshop.pids != {pid}


@linux_alone
async def test_who_computes_too_long_is_ended_by_the_system(opened: Open) -> None:
    workshop = opened(cpu_s=0)
    before = time.monotonic()
    assert (await refused(workshop, "busy")).kind is ErrorKind.PICTURE_SLOW
    assert time.monotonic() - before < Limits().wall_s
    assert await told(workshop, "picture") == "picture"


@linux_alone
async def test_who_takes_too_much_memory_gets_none_and_is_replaced(opened: Open) -> None:
    workshop = opened()
    await told(workshop, "picture")
    (pid,) = workshop.pids
    assert (await refused(workshop, "greedy")).kind is ErrorKind.TOO_LARGE
    await gone([pid])
    assert await told(workshop, "picture") == "picture"
    assert ADDRESS_SPACE_BYTES < 1024 * 1024 * 1024


async def test_who_dies_is_replaced(opened: Open) -> None:
    workshop = opened()
    assert (await refused(workshop, "dying")).kind is ErrorKind.PICTURE_FETCH
    assert await told(workshop, "picture") == "picture"


async def test_who_died_while_nothing_was_to_do_is_replaced(opened: Open) -> None:
    workshop = opened()
    await told(workshop, "picture")
    (pid,) = workshop.pids
    os.kill(pid, signal.SIGKILL)
    await gone([pid])
    assert await told(workshop, "picture") == "picture"


async def test_a_fault_in_the_code_costs_one_picture(opened: Open) -> None:
    workshop = opened()
    error = await refused(workshop, "failing")
    assert (error.kind, error.detail) == (ErrorKind.PICTURE_FETCH, "RuntimeError")
    (pid,) = workshop.pids
    assert await told(workshop, "picture") == "picture"
    assert workshop.pids == {pid}


async def test_what_a_process_says_is_printable(opened: Open) -> None:
    error = await refused(opened(), "refusing")
    assert error.kind is ErrorKind.TOO_LARGE
    assert error.detail == "too?large?[31m ??"


@pytest.mark.parametrize("lie", ["format", "bytes", "pixels", "length"])
async def test_an_answer_that_is_no_such_picture_is_refused_and_its_process_killed(opened: Open, lie: str) -> None:
    workshop = opened()
    assert (await refused(workshop, f"lying {lie}")).kind is ErrorKind.PICTURE_FETCH
    assert workshop.pids == frozenset()
    assert await told(workshop, "picture") == "picture"


async def test_what_a_library_prints_does_not_come_between_the_answers(opened: Open) -> None:
    workshop = opened()
    assert await told(workshop, "chatty") == "chatty"
    assert await told(workshop, "picture") == "picture"


@linux_alone
async def test_a_process_gets_no_secrets_and_no_files(
    opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hush")
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        workshop = opened()
        environment = await told(workshop, "telling environment")
        # Its pipes, what its output was pointed at, and the folder that is being listed.
        assert int(await told(workshop, "telling files")) <= 6
    assert "DISCORD_TOKEN" not in environment
    assert "hush" not in await told(workshop, "telling arguments")
    assert int(await told(workshop, "telling niceness")) >= 5
    assert await told(workshop, "telling writing") == "OSError"


async def test_a_process_imports_little(opened: Open) -> None:
    """Its memory is what a picture needs, and little beside it."""
    modules = set((await told(opened(), "telling modules")).split())
    assert modules.isdisjoint({"asyncio", "aiohttp", "discord", "sqlalchemy", "ssl", "site"})


async def test_two_at_once_and_no_more(opened: Open) -> None:
    workshop = opened()
    tasks = [asyncio.create_task(refused(workshop, "slow")) for _ in range(4)]
    await busy(workshop, 2)
    await asyncio.sleep(0)
    assert len(workshop.pids) == 2
    await workshop.close()
    assert {(await task).kind for task in tasks} == {ErrorKind.CANCELLED}


@pytest.mark.parametrize("form", ["png", "webp", "unknown"])
async def test_large_ones_are_looked_at_one_by_one_with_a_small_one_beside_them(opened: Open, form: str) -> None:
    header = {
        "png": HEADER[:16] + (6240).to_bytes(4, "big") * 2,
        "webp": webp_of(width=4000, height=4000),
        "unknown": b"\xff\xd8\xff\xe2\xff\xff",
    }[form]
    workshop = opened()
    sources = [BytesSource(data=header + bytes(20)), BytesSource(data=header + bytes(20)), BytesSource(data=HEADER)]
    gate = workshop._gate
    tasks = []
    for source in sources:
        pixels, pixel_bytes = await workshop._measured(source)
        tasks.append(asyncio.create_task(held(gate, source.size_bytes + pixels * pixel_bytes)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [task.done() for task in tasks] == [True, False, True]
    gate.close()
    await asyncio.wait(tasks)
    assert isinstance(tasks[1].exception(), ProviderError)


async def held(gate: Gate, need: int) -> None:
    """Take a place and keep it."""
    await gate.hold(need).__aenter__()


async def test_the_wait_for_a_place_is_bounded(opened: Open) -> None:
    workshop = opened(gate=replace(GATE, places=1, wait_s=0.05))
    slow = asyncio.create_task(refused(workshop, "slow"))
    await busy(workshop)
    assert (await refused(workshop, "picture")).kind is ErrorKind.PICTURE_BUSY
    await workshop.close()
    await slow


async def test_processes_end_when_no_picture_has_come_for_a_while(opened: Open) -> None:
    workshop = opened(idle_s=0.01)
    await told(workshop, "picture")
    pids = workshop.pids
    await gone(pids)
    assert workshop.pids == frozenset()
    assert await told(workshop, "picture") == "picture"


async def test_closing_kills_what_is_looked_at(opened: Open) -> None:
    workshop = opened()
    slow = asyncio.create_task(refused(workshop, "slow"))
    (pid,) = await busy(workshop)
    before = time.monotonic()
    await workshop.close()
    assert (await slow).kind is ErrorKind.CANCELLED
    assert time.monotonic() - before < 5
    await gone([pid])
    assert (await refused(workshop, "picture")).kind is ErrorKind.CANCELLED


async def test_leaving_gives_what_is_looked_at_a_moment_and_takes_nothing_more(opened: Open) -> None:
    workshop = opened(leave_s=0.2)
    slow = asyncio.create_task(refused(workshop, "slow"))
    (pid,) = await busy(workshop)
    workshop.leave()
    assert (await refused(workshop, "picture")).kind is ErrorKind.CANCELLED
    assert not slow.done()
    assert (await slow).kind is ErrorKind.CANCELLED
    await gone([pid])


async def test_a_question_that_is_stopped_takes_its_process_with_it(opened: Open) -> None:
    workshop = opened()
    slow = asyncio.create_task(refused(workshop, "slow"))
    (pid,) = await busy(workshop)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    await gone([pid])
    assert await told(workshop, "picture") == "picture"


async def test_a_source_that_fails_costs_its_own_picture(opened: Open) -> None:
    class Failing:
        size_bytes = 3 * PIECE_BYTES
        begun = 0

        async def pieces(self) -> AsyncGenerator[bytes | memoryview, None]:
            self.begun += 1
            yield asked_for("picture")
            if self.begun > 1:
                raise OSError("no disk")

    workshop = opened()
    with pytest.raises(OSError, match="no disk"):
        await workshop.check(Failing(), limit_bytes=LIMIT)
    assert await told(workshop, "picture") == "picture"


async def test_a_large_picture_does_not_hold_the_event_loop(opened: Open) -> None:
    """32 MiB go through a pipe in pieces, there and back."""
    workshop = opened()
    await told(workshop, "picture")
    late, done = 0.0, False

    async def tick() -> None:
        nonlocal late
        while not done:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            late = max(late, time.monotonic() - before - 0.001)

    ticking = asyncio.create_task(tick())
    data = asked_for("picture") + b" " + bytes(32 * 1024 * 1024)
    picture = await workshop.check(BytesSource(data=data), limit_bytes=len(data))
    done = True
    await ticking
    assert picture.data == data
    assert late < 0.5, "a whole second is what it would take in one piece"


ORPHAN = """
    import asyncio, sys
    from bot.providers.picture.worker import BytesSource
    from bot.providers.picture.workshop import Workshop
    from tests.unit.providers.picture.stand_ins import asked_for

    async def main():
        workshop = Workshop(look={look!r})
        task = asyncio.create_task(workshop.check(BytesSource(data=asked_for({what!r})), limit_bytes=1000))
        while not workshop.pids:
            await asyncio.sleep(0.01)
        if {what!r} == "picture":
            await task
        print(*workshop.pids, flush=True)
        await asyncio.sleep(600)

    asyncio.run(main())
"""


@linux_alone
@pytest.mark.parametrize("what", ["slow", "busy", "picture"])
async def test_a_process_does_not_outlive_a_bot_that_is_killed(what: str) -> None:
    code = textwrap.dedent(ORPHAN).format(look=STAND_IN, what=what)
    root = Path(__file__).parents[4]
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=root, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert bot.stdout is not None
    pid = int(await bot.stdout.readline())
    bot.kill()
    await bot.wait()
    await gone([pid])
