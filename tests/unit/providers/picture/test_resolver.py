"""Names of hosts: looked up without holding anything up, and nothing connected to but what was checked."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from bot.providers.picture.resolver import PinnedResolver, SystemLookup, networks_of


async def test_names_whose_servers_are_silent_hold_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else needs a thread gets one; nor does the end of the process wait for them."""
    free = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        free.wait(20)
        raise OSError("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    lookup = SystemLookup(at_once=40)
    asked = [asyncio.create_task(lookup("silent.test", 80)) for _ in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(2):
        await asyncio.to_thread(lambda: None)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "look-up")
    with pytest.raises(OSError, match="too many"):
        await lookup("silent.test", 80)
    free.set()
    assert {type(fault) for fault in await asyncio.gather(*asked, return_exceptions=True)} == {OSError}
    monkeypatch.undo()
    assert "127.0.0.1" in await lookup("127.0.0.1", 80)


async def test_a_look_up_that_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("a" * 80 + ".test", "no-such-name.invalid"):
        with pytest.raises(OSError, match=r".+"):
            await SystemLookup()(host, 80)


async def test_only_the_host_that_was_checked_is_connected_to() -> None:
    resolver = PinnedResolver("a.test", ("8.8.8.8", "2001:4860:4860::8888"))
    assert [found["host"] for found in await resolver.resolve("A.test", 443)] == ["8.8.8.8", "2001:4860:4860::8888"]
    with pytest.raises(OSError, match="not the host"):
        await resolver.resolve("b.test", 443)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("8.8.8.8", "8.8.8.200", True),
        ("8.8.8.8", "8.8.9.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("127.1", "127.1", True),
    ],
)
def test_networks_by_whom_they_may_belong_to(one: str, other: str, same: bool) -> None:
    assert (networks_of([one]) == networks_of([other])) is same
