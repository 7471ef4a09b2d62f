"""Downloads among others: whose they are, how slow they may be, what a text may name, how they end with the bot."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.transport import Timeouts
from bot.providers.picture import fetcher as fetching
from bot.providers.picture.download import NAMED_PATIENCE, OWN_PATIENCE, Downloader, Reach
from bot.providers.picture.fetcher import NAMED_OF_AN_ASKER, NAMED_WITHIN_S, PictureFetcher
from bot.providers.picture.resolver import SystemLookup
from bot.providers.picture.slots import NAMED as NAMED_BOUNDS
from bot.providers.picture.slots import OWN as OWN_BOUNDS
from bot.providers.picture.slots import Claim, DownloadSlots
from bot.providers.picture.spool import Spool, SpoolRoom
from tests.fakes.pictures.inline import InlineWorkshop
from tests.unit.providers.picture.test_fetcher import LIMIT, OWN, Names, png, refused
from tests.unit.providers.servers import FakeClock, RawServer, Stall, Wait, http

NAMED = Errand(asker_id=1, guild_id=1, named=True)
CLAIM = Claim(errand=OWN, host="")
Make = Callable[[Reach], PictureFetcher]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def make(clock: FakeClock, names: Names) -> AsyncIterator[Make]:
    made: list[PictureFetcher] = []

    def build(reach: Reach) -> PictureFetcher:
        made.append(PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=reach, lookup=names))
        return made[-1]

    yield build
    for fetcher in made:
        await fetcher.close()


def at(server: RawServer) -> frozenset[tuple[str, int]]:
    """Name the test's server, by its address and as ``pictures.test``; ``full`` says that somebody has connected."""
    server.awaited = 1
    return frozenset({("127.0.0.1", server.port), ("pictures.test", server.port)})


async def test_request_holds_nothing_of_ours(server: RawServer, make: Make) -> None:
    """No cookie that a host has set, no referrer, no credentials, over redirects too."""
    cookies = ["Set-Cookie: a=b; Path=/", "Location: /2"]
    server.answer([http(b"", status=302, headers=cookies)], [http(png(), headers=cookies[:1])])
    fetcher = make(Reach(allow=at(server)))
    for _ in range(2):
        await fetcher.fetch(f"{server.base}/1", limit_bytes=LIMIT, errand=OWN)
    for request in server.requests:
        assert request.line.startswith("GET ")
        assert {*request.headers} == {"host", "user-agent", "accept", "accept-encoding", "connection"}


async def named(fetcher: PictureFetcher, url: str, *, asker: int = 1) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await fetcher.fetch(url, limit_bytes=LIMIT, errand=Errand(asker_id=asker, guild_id=1, named=True))
    return caught.value


async def test_what_a_text_names_gets_no_exception(server: RawServer, make: Make, clock: FakeClock) -> None:
    """A member can have the model write any path of a host that the operator has allowed for the endpoint's own."""
    for host in ("127.0.0.1", "pictures.test"):
        error = await named(make(Reach(allow=at(server))), f"http://{host}:{server.port}/v1/models")
        assert (error.kind, server.connections) == (ErrorKind.PICTURE_NAMED, 0)
        assert error.detail == f"{host}:{server.port} is not public"
    assert clock.slept == []


async def test_what_a_text_names_is_fetched_where_both_lists_say_so(server: RawServer, make: Make) -> None:
    server.answer([http(png())])
    both = make(Reach(allow=at(server), named=at(server)))
    assert (await both.fetch(server.base, limit_bytes=LIMIT, errand=NAMED)).width == 8
    assert (await named(make(Reach(named=at(server))), server.base)).kind is ErrorKind.PICTURE_NAMED


@pytest.mark.parametrize("hosts", [frozenset(), frozenset({("good.test", 80)})], ids=["off", "some hosts"])
async def test_a_text_names_no_other_host_than_the_operator_s(
    hosts: frozenset[tuple[str, int]], names: Names, make: Make
) -> None:
    """Refused before its name is even looked up."""
    fetcher = make(Reach(named=hosts))
    for url in ("http://bad.test/x.png", "http://good.test:8080/x.png", "https://good.test/x.png", "http://8.8.8.8/"):
        assert (await named(fetcher, url)).kind is ErrorKind.PICTURE_NAMED
    assert names.asked == []


async def test_a_redirect_leads_a_text_s_picture_to_no_other_host(server: RawServer, make: Make) -> None:
    fetcher = make(Reach(allow=at(server) | {("other.test", 80)}, named=at(server)))
    server.answer([http(b"", status=302, headers=["Location: http://other.test/x.png"])])
    error = await named(fetcher, f"http://pictures.test:{server.port}/")
    assert (error.kind, server.connections) == (ErrorKind.PICTURE_NAMED, 1)


async def test_an_asker_s_texts_name_so_many_pictures_in_a_while(make: Make, clock: FakeClock) -> None:
    fetcher = make(Reach())
    for _ in range(NAMED_OF_AN_ASKER):
        assert (await named(fetcher, "http://10.0.0.1/")).kind is ErrorKind.PICTURE_NAMED
    assert (await named(fetcher, "http://10.0.0.1/")).kind is ErrorKind.PICTURE_BUSY
    assert (await named(fetcher, "http://10.0.0.1/", asker=2)).kind is ErrorKind.PICTURE_NAMED
    assert (await refused(fetcher, "http://10.0.0.1/")).kind is ErrorKind.PICTURE_HOST  # what the endpoint made
    clock.seconds += NAMED_WITHIN_S
    assert (await named(fetcher, "http://10.0.0.1/")).kind is ErrorKind.PICTURE_NAMED


def patient(monkeypatch: pytest.MonkeyPatch, **changes: float) -> None:
    """Change how slow a picture that a text names may be."""
    monkeypatch.setattr(fetching, "NAMED_PATIENCE", replace(NAMED_PATIENCE, **changes))  # type: ignore[arg-type]  # its fields


@asynccontextmanager
async def naming(server: RawServer, clock: FakeClock) -> AsyncIterator[PictureFetcher]:
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=at(server), named=at(server)))
    yield fetcher
    await fetcher.close()


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


async def test_a_byte_now_and_then_is_too_slow(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of the deadlines is passed: it is ended for its rate alone, and not tried again."""
    patient(monkeypatch, window_s=0.1, window_bytes=1000)
    server.answer([HEAD + png()[:9], Stall()])
    async with naming(server, clock) as fetcher, asyncio.timeout(2):
        error = await named(fetcher, server.base)
    assert (error.kind, error.detail, server.connections) == (ErrorKind.TIMEOUT_IDLE, "9 bytes in 0.1 s", 1)


async def test_a_slow_network_is_fast_enough(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small picture may come in pieces that are far apart, and a large one at the lowest rate there is."""
    patient(monkeypatch, window_s=0.2, window_bytes=64)
    noise = png(64, 64)
    go_on = Wait()
    server.answer([HEAD + noise[:64], go_on, noise[64:]])
    async with naming(server, clock) as fetcher:
        asyncio.get_running_loop().call_later(0.3, go_on.event.set)
        assert (await fetcher.fetch(server.base, limit_bytes=LIMIT, errand=NAMED)).width == 64


async def test_a_slow_download_makes_room_for_who_waits(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the lowest rate, it could hold its slot for two minutes: no longer than somebody else needs it."""
    patient(monkeypatch, window_s=0.1, window_bytes=1, crowded_s=0.3)
    monkeypatch.setattr(fetching, "NAMED", replace(NAMED_BOUNDS, whole=1))
    drops = [Wait() for _ in range(100)]
    for number, drop in enumerate(drops):
        asyncio.get_running_loop().call_later(0.05 * number, drop.event.set)
    server.answer([HEAD, *(step for drop in drops for step in (b"\0", drop))], [http(png())])
    async with naming(server, clock) as fetcher:
        slow = asyncio.create_task(named(fetcher, f"{server.base}/slow"))
        await server.full.wait()
        assert (await fetcher.fetch(server.base, limit_bytes=LIMIT, errand=replace(NAMED, asker_id=2))).width == 8
        assert (await slow).kind is ErrorKind.PICTURE_BUSY


async def test_waiting_for_a_slot_is_no_part_of_a_deadline(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Timeouts(connect_s=0.3, first_byte_s=0.3, idle_s=20, total_s=20)
    monkeypatch.setattr(fetching, "OWN", replace(OWN_BOUNDS, whole=1))
    free = Wait()
    server.answer([HEAD + png()[:30], free, png()[30:]], [http(png())])
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=at(server)), timeouts=short)
    first = asyncio.create_task(fetcher.fetch(server.base, limit_bytes=LIMIT, errand=OWN))
    await server.full.wait()
    second = asyncio.create_task(fetcher.fetch(server.base, limit_bytes=LIMIT, errand=OWN))
    await asyncio.sleep(0.6)  # longer than a connection may take
    free.event.set()
    assert [picture.width for picture in await asyncio.gather(first, second)] == [8, 8]
    await fetcher.close()


STAGES = {
    "looking up": "http://silent.test/",
    "reading": "",
    "waiting for a slot": "",
    "before another attempt": "",
}


@pytest.mark.parametrize("stage", STAGES)
async def test_whatever_a_download_waits_for_it_ends_at_once_when_the_bot_stops(
    stage: str, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = asyncio.Event()

    async def silent(host: str, port: int) -> Sequence[str]:
        waits.set()
        await asyncio.Event().wait()
        return ()

    async def sleep() -> None:
        waits.set()
        await asyncio.Event().wait()

    if stage == "waiting for a slot":
        monkeypatch.setattr(fetching, "OWN", replace(OWN_BOUNDS, whole=1))
    clock = FakeClock(on_sleep=sleep)
    server.answer([http(b"", status=503)] if stage == "before another attempt" else [HEAD + png()[:9], Stall()])
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=at(server)), lookup=silent)
    url = STAGES[stage] or server.base
    tasks = [asyncio.create_task(refused(fetcher, url)) for _ in range(2 if stage == "waiting for a slot" else 1)]
    await (server.full if stage in ("reading", "waiting for a slot") else waits).wait()
    fetcher.stop()
    fetcher.stop()
    async with asyncio.timeout(1):
        assert {error.kind for error in await asyncio.gather(*tasks)} == {ErrorKind.CANCELLED}
    assert (await refused(fetcher, url)).kind is ErrorKind.CANCELLED


async def test_silent_names_in_texts_use_up_no_look_up_of_the_endpoint_s(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, asked = threading.Event(), threading.Event()

    def find(host: str, port: int, **_: object) -> list[object]:
        if host == "silent.test":
            asked.set()
            free.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    server.answer([http(png())])
    monkeypatch.setattr(fetching, "SystemLookup", partial(SystemLookup, at_once=1))
    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, reach=Reach(allow=at(server)))
    monkeypatch.setattr("bot.providers.picture.resolver.socket.getaddrinfo", find)
    silent = asyncio.create_task(named(fetcher, "http://silent.test/"))
    await asyncio.to_thread(asked.wait, 10)
    url = f"http://pictures.test:{server.port}/"
    assert (await fetcher.fetch(url, limit_bytes=LIMIT, errand=OWN)).width == 8
    free.set()
    assert (await silent).kind is ErrorKind.PICTURE_NAMED
    await fetcher.close()


async def test_the_waits_of_all_hops_together_are_bounded(
    server: RawServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hop takes a slot; the second one waits no longer than the first one has left."""
    waits: list[float] = []
    slots = DownloadSlots(OWN_BOUNDS)
    hold = slots.hold

    def noted(claim: Claim, *, wait_s: float | None = None) -> AbstractAsyncContextManager[None]:
        waits.append(wait_s or 0.0)
        return hold(claim, wait_s=wait_s)

    monkeypatch.setattr(slots, "hold", noted)
    blocking = hold(replace(CLAIM, host="127.0.0.1"))
    monkeypatch.setattr(slots, "_bounds", replace(OWN_BOUNDS, host=1, wait_s=5))
    server.answer([http(b"", status=302, headers=["Location: /2"])], [http(png())])
    downloader = Downloader(Reach(allow=at(server)), Names(), slots, OWN_PATIENCE, max_bytes=10**6)
    async with Spool(SpoolRoom()) as spool:
        await blocking.__aenter__()
        going = asyncio.create_task(downloader.download(server.base, spool, OWN))
        await asyncio.sleep(0.2)
        await blocking.__aexit__(None, None, None)
        await going
    first, second = waits
    assert first == 5
    assert second < 4.9
