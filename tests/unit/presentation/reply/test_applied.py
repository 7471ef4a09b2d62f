"""Nobody waits for the sleep that the library puts behind a request."""

from __future__ import annotations

import asyncio

import pytest

from bot.presentation.outbound.applied import applied, end_sleeps, note_answer, note_body


async def request(status: int, body: bytes, awake: asyncio.Event) -> dict[str, str]:
    """Behave as the library's: the answer comes in, its body is read, then it sleeps."""
    await asyncio.sleep(0)
    note_answer(status)
    await asyncio.sleep(0)
    note_body(body)
    await awake.wait()
    return {"id": "from the library"}


async def test_an_edit_is_over_when_it_was_carried_out() -> None:
    assert await applied(request(200, b"{}", asyncio.Event())) is None
    await end_sleeps()


async def test_a_send_is_over_when_its_message_is_known() -> None:
    made = await applied(request(200, b'{"id": "7"}', asyncio.Event()), with_body=True)
    assert made == {"id": "7"}
    await end_sleeps()


@pytest.mark.parametrize("status", [429, 500, 404])
async def test_an_answer_that_is_not_good_is_the_library_s_to_deal_with(status: int) -> None:
    awake = asyncio.Event()
    waiting = asyncio.create_task(applied(request(status, b'{"id": "7"}', awake), with_body=True))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    awake.set()
    assert await waiting == {"id": "from the library"}


async def test_what_the_request_raises_is_raised() -> None:
    async def failing() -> None:
        await asyncio.sleep(0)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await applied(failing())


async def test_cancelling_cancels_the_request() -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(applied(endless()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(ended.wait(), 5)


async def test_answers_to_others_are_not_taken_for_one_s_own() -> None:
    awake = asyncio.Event()
    waiting = asyncio.create_task(applied(request(500, b"", awake), with_body=True))
    note_answer(200)
    note_body(b'{"id": "of another"}')
    awake.set()
    assert await waiting == {"id": "from the library"}
