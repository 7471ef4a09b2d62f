"""URLs that nobody vouches for: every rule of section 3, through real sockets and a resolver of our own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from io import BytesIO

import pytest
from PIL import Image

from bot.domain.picture.files import PictureFormat
from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.transport import Timeouts
from bot.providers.picture.download import Reach
from bot.providers.picture.fetcher import PictureFetcher
from tests.fakes.pictures.inline import InlineWorkshop
from tests.unit.providers.servers import FakeClock, RawServer, Reset, Stall, http

LIMIT = 10_000_000
OWN = Errand(asker_id=1, guild_id=1)


def png(width: int = 8, height: int = 4) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


class Names:
    """A resolver whose answers the test says; each look-up takes the next one, the last again and again."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.answers: list[Sequence[str]] = [["127.0.0.1"]]

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


Make = Callable[..., PictureFetcher]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def make(server: RawServer, clock: FakeClock, names: Names) -> AsyncIterator[Make]:
    """Make fetchers that may reach the test's server by its address and as ``pictures.test``."""
    made: list[PictureFetcher] = []

    def build(*, allow: bool = True, timeouts: Timeouts | None = None, max_bytes: int = 1_000_000) -> PictureFetcher:
        allowed = frozenset({("127.0.0.1", server.port), ("pictures.test", server.port)}) if allow else frozenset()
        fetcher = PictureFetcher(
            workshop=InlineWorkshop(),
            clock=clock,
            reach=Reach(allow=allowed),
            lookup=names,
            timeouts=timeouts or Timeouts(connect_s=20, first_byte_s=20, idle_s=20, total_s=20),
            max_bytes=max_bytes,
        )
        made.append(fetcher)
        return fetcher

    yield build
    for fetcher in made:
        await fetcher.close()


async def refused(fetcher: PictureFetcher, url: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await fetcher.fetch(url, limit_bytes=LIMIT, errand=OWN)
    return caught.value


async def test_fetch_keeps_the_query_as_it_is(server: RawServer, make: Make) -> None:
    server.answer([http(png(), content_type="text/plain")])
    query = "a%2Bb/c?Sig=x%2fY%3D==&k=a+b%20c'(1)"
    picture = await make().fetch(f"{server.base}/{query}", limit_bytes=LIMIT, errand=OWN)
    assert (picture.format, picture.width, picture.height, picture.reduced) == (PictureFormat.PNG, 8, 4, False)
    assert server.requests[0].line == f"GET /{query} HTTP/1.1"
    assert "authorization" not in server.requests[0].headers


async def test_fetch_encodes_only_what_is_not_ascii(server: RawServer, make: Make) -> None:
    server.answer([http(png())])
    await make().fetch(f"{server.base}/狐.png?Sig=x%2fY%3D==&k=a+b%7E", limit_bytes=LIMIT, errand=OWN)
    assert server.requests[0].line == "GET /%E7%8B%90.png?Sig=x%2fY%3D==&k=a+b%7E HTTP/1.1"


async def test_redirect_to_an_address_inside_an_address(server: RawServer, make: Make) -> None:
    server.answer([http(b"", status=302, headers=["Location: /狐?u=http://x/%2F"])], [http(png())])
    await make().fetch(f"{server.base}/a", limit_bytes=LIMIT, errand=OWN)
    assert server.requests[1].line == "GET /%E7%8B%90?u=http://x/%2F HTTP/1.1"


async def test_address_in_the_url(server: RawServer, make: Make) -> None:
    fetcher = make(allow=False)
    port = server.port
    for host in (
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "224.0.0.1", "①②⑦.0.0.1", "[fe80::1%25lo]",
    ):  # fmt: skip
        error = await refused(fetcher, f"http://{host}:{port}/x.png")
        assert error.kind is ErrorKind.PICTURE_HOST, host
        assert error.detail.endswith(f":{port} is not public")
    assert server.connections == 0
    # In the form that IMAGE_FETCH_ALLOW takes.
    assert (await refused(fetcher, "http://[::1]:80/x.png")).detail == "[::1]:80 is not public"


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["ff02::1"],
     ["93.184.216.34", "127.0.0.1"]],
    ids=str,
)  # fmt: skip
async def test_name_of_a_local_address(answer: Sequence[str], server: RawServer, make: Make, names: Names) -> None:
    names.answers = [answer]
    error = await refused(make(allow=False), f"http://rebind.test:{server.port}/x.png")
    assert (error.kind, server.connections) == (ErrorKind.PICTURE_HOST, 0)
    assert error.detail == f"rebind.test:{server.port} is not public"


async def test_names_that_change_are_asked_once(server: RawServer, make: Make, names: Names) -> None:
    """Public at the look-up, local at the next: there is no next, what was checked is what is connected to."""
    names.answers = [["192.0.2.1"], ["127.0.0.1"]]
    error = await refused(make(allow=False), f"http://rebind.test:{server.port}/x.png")
    assert error.kind is ErrorKind.PICTURE_HOST
    assert names.asked == [("rebind.test", server.port)]
    assert server.connections == 0


async def test_allowed_name_is_connected_to_as_resolved(server: RawServer, make: Make, names: Names) -> None:
    names.answers = [["127.0.0.1"], ["192.0.2.1"]]
    server.answer([http(png())])
    await make().fetch(f"http://Pictures.TEST:{server.port}/x", limit_bytes=LIMIT, errand=OWN)
    assert names.asked == [("pictures.test", server.port)]
    assert server.requests[0].headers["host"].lower() == f"pictures.test:{server.port}"


async def test_allowed_port_only(server: RawServer, make: Make) -> None:
    error = await refused(make(), "http://127.0.0.1:1/x.png")
    assert "not public" in error.detail


async def test_redirects(server: RawServer, make: Make) -> None:
    def to(where: str, status: int = 302) -> list[bytes]:
        return [http(b"", status=status, headers=[f"Location: {where}"])]

    base = server.base
    server.answer(to(f"{base}/2", 301), to("/3?s=%2f", 307), to("4", 308), [http(png())])
    await make().fetch(f"{base}/1", limit_bytes=LIMIT, errand=OWN)
    assert [request.line.split()[1] for request in server.requests] == ["/1", "/2", "/3?s=%2f", "/4"]

    server.answer(to(f"{base}/again"))
    error = await refused(make(), f"{base}/1")
    assert (error.kind, len(server.requests)) == (ErrorKind.PICTURE_FETCH, 8)


@pytest.mark.parametrize(
    "location",
    ["http://localhost.test:1/x", "http://10.0.0.1/x", "file:///etc/passwd", "ftp://x.test/x", "http://u:p@x.test/",
     "http://[::1]/", "//169.254.169.254/x", "http://", "http://x:99999/", "data:image/png;base64,AAAA"],
)  # fmt: skip
async def test_redirect_to_a_place_that_is_refused(location: str, server: RawServer, make: Make) -> None:
    server.answer([http(b"", status=302, headers=[f"Location: {location}"])])
    error = await refused(make(), f"{server.base}/1")
    assert error.kind in (ErrorKind.PICTURE_FETCH, ErrorKind.PICTURE_HOST)
    assert server.connections == 1


@pytest.mark.parametrize(
    "url",
    ["", "x.png", "/x.png", "file:///etc/passwd", "ftp://x.test/x", "gopher://x/", "http:///x", "http://u@x.test/x",
     "http://u:p@x.test/x", "http://:p@x.test/", "http://@x.test/", "https://", "http://x.test:99999/",
     "http://x.test:a/", "http://[::1",
     "http://x.test/a b", "http://x.test/\r\nHost: y", "http://x.test/" + "a" * 9000, "javascript:alert(1)"],
)  # fmt: skip
async def test_url_that_is_refused(url: str, make: Make, names: Names) -> None:
    error = await refused(make(), url)
    assert (error.kind, names.asked) == (ErrorKind.PICTURE_FETCH, [])


async def test_too_many_bytes(server: RawServer, make: Make) -> None:
    server.answer([http(b"x" * 2000)])
    assert (await refused(make(max_bytes=1000), server.base)).kind is ErrorKind.TOO_LARGE
    # Without a length it is counted while it streams, and the rest is not waited for.
    server.answer([b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000, Stall()])
    assert (await refused(make(max_bytes=1000), server.base)).kind is ErrorKind.TOO_LARGE
    await server.gone.wait()


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"\x89PNG\r\n\x1a\n", png()[:-20], b"BM" + b"\0" * 100])
async def test_bytes_that_are_no_picture(body: bytes, server: RawServer, make: Make) -> None:
    server.answer([http(body, content_type="image/png")])
    assert (await refused(make(), server.base)).kind is ErrorKind.PICTURE_FETCH


async def test_missing_picture_is_not_asked_again(server: RawServer, make: Make, clock: FakeClock) -> None:
    server.answer([http(b"gone", status=403)])
    error = await refused(make(), server.base)
    assert (error.kind, error.status, server.connections) == (ErrorKind.PICTURE_FETCH, 403, 1)


async def test_passing_faults_are_retried(server: RawServer, make: Make, clock: FakeClock) -> None:
    # aiohttp repeats a GET once by itself where the connection broke, so two resets are one fault here.
    server.answer([http(b"", status=503)], [Reset()], [Reset()], [http(png())])
    await make().fetch(server.base, limit_bytes=LIMIT, errand=OWN)
    assert (server.connections, len(clock.slept)) == (4, 2)
    server.answer([Reset()])
    assert (await refused(make(), server.base)).kind is ErrorKind.NETWORK
    server.answer([http(b"", status=502)])
    assert (await refused(make(), server.base)).kind is ErrorKind.PICTURE_FETCH


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 522, 524])
async def test_status_that_may_pass_is_asked_three_times(
    status: int, server: RawServer, make: Make, clock: FakeClock
) -> None:
    """The picture is paid for: another download costs nothing, another picture does."""
    server.answer([http(b"", status=status)])
    error = await refused(make(), server.base)
    assert (error.kind, error.status, server.connections) == (ErrorKind.PICTURE_FETCH, status, 3)
    assert 0.5 <= clock.slept[0] <= 1 < 2 <= clock.slept[1] <= 4


async def test_timeout_is_tried_again(server: RawServer, make: Make) -> None:
    server.answer([Stall()], [b"HTTP/1.1 200 OK\r\n\r\n" + png()[:9], Stall()], [http(png())])
    await make(timeouts=Timeouts(first_byte_s=0.1, idle_s=0.1)).fetch(server.base, limit_bytes=LIMIT, errand=OWN)
    assert server.connections == 3


async def test_refused_host_is_not_tried_again(make: Make, names: Names, clock: FakeClock) -> None:
    await refused(make(allow=False), "http://rebind.test/x.png")
    assert (len(names.asked), clock.slept) == (1, [])


async def test_no_download_begins_after_a_user_waited_long_enough(clock: FakeClock) -> None:
    asked: list[str] = []

    async def lookup(host: str, port: int) -> Sequence[str]:
        clock.seconds += 30
        asked.append(host)
        raise OSError("no answer")

    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, lookup=lookup)
    assert (await refused(fetcher, "http://slow.test/")).kind is ErrorKind.NETWORK
    assert len(asked) == 2
    await fetcher.close()


async def test_servers_learn_which_formats_are_read_and_that_this_is_no_browser(server: RawServer, make: Make) -> None:
    """Asked for any image, servers choose AVIF; some refuse what names no browser at all."""
    server.answer([http(png())])
    await make().fetch(server.base, limit_bytes=LIMIT, errand=OWN)
    headers = server.requests[0].headers
    assert "image/*" not in headers["accept"]
    assert {"image/png", "image/jpeg", "image/webp", "image/gif"} < set(headers["accept"].split(","))
    assert headers["user-agent"] == "Mozilla/5.0 (compatible; fusion-bot)"


async def test_refused_host_is_named_for_the_operator(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    await refused(make(allow=False), "http://127.0.0.1:8000/x.png?Signature=hush")
    assert "127.0.0.1:8000 is not public; IMAGE_FETCH_ALLOW" in caplog.text
    assert "hush" not in caplog.text


async def test_name_without_address(make: Make, names: Names, clock: FakeClock) -> None:
    async def lookup(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    fetcher = PictureFetcher(workshop=InlineWorkshop(), clock=clock, lookup=lookup)
    assert (await refused(fetcher, "http://nowhere.test/")).kind is ErrorKind.NETWORK
    await fetcher.close()


async def test_timeouts(server: RawServer, make: Make) -> None:
    server.answer([Stall()])
    fetcher = make(timeouts=Timeouts(first_byte_s=0.1))
    assert (await refused(fetcher, server.base)).kind is ErrorKind.TIMEOUT_FIRST_BYTE
    server.answer([b"HTTP/1.1 200 OK\r\n\r\n" + png()[:9], Stall()])
    fetcher = make(timeouts=Timeouts(idle_s=0.1))
    assert (await refused(fetcher, server.base)).kind is ErrorKind.TIMEOUT_IDLE
    fetcher = make(timeouts=Timeouts(total_s=0.1))
    assert (await refused(fetcher, server.base)).kind is ErrorKind.TIMEOUT_TOTAL


async def test_closed_fetcher(server: RawServer, make: Make) -> None:
    fetcher = make()
    server.answer([b"HTTP/1.1 200 OK\r\n\r\n" + png()[:9], Stall()])
    server.awaited = 1
    under_way = asyncio.create_task(refused(fetcher, server.base))
    await server.full.wait()
    await fetcher.close()
    assert (await under_way).kind is ErrorKind.CANCELLED
    assert (await refused(fetcher, server.base)).kind is ErrorKind.CANCELLED


async def test_signed_query_is_in_no_log(server: RawServer, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer([http(b"", status=500)])
    error = await refused(make(), f"{server.base}/x?Signature=hush")
    bad = await refused(make(), "http://x.test:99999/?Signature=hush")
    assert "hush" not in caplog.text + str(error) + str(bad) + repr(bad.__cause__)
