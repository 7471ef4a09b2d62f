"""The way to Discord and back, as slow as a test wants it."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from sandbox.discord.traffic.buckets import Limits
from sandbox.discord.traffic.faults import Faults
from sandbox.discord.traffic.limiter import RateLimiter
from sandbox.discord.traffic.log import RequestLog
from sandbox.discord.traffic.network import Network
from sandbox.discord.traffic.pipeline import bot_pipeline
from tests.fakes.clock import VirtualTimeLoop


async def times_of(network: Network | None, path: str) -> tuple[float, float]:
    """Ask once, as soon as the clock shows 0; returns when Discord saw it, and when the answer was there."""
    now = asyncio.get_running_loop().time
    seen: list[float] = []

    async def handler(_request: web.Request) -> web.Response:
        seen.append(now())
        return web.Response()

    log = RequestLog()
    pipeline = bot_pipeline(log, Faults(), RateLimiter(Limits(), now), now, network=network)
    await pipeline(make_mocked_request("GET", path), handler)
    assert [one.at for one in log.requests] in (seen, [])
    return seen[0], now()


def on_virtual_time(network: Network | None, path: str = "/api/v10/users/@me") -> tuple[float, float]:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(times_of(network, path))


def test_discord_s_clock_sees_a_request_half_way() -> None:
    seen_at, answered_at = on_virtual_time(Network(least_s=0.2, most_s=0.2))
    assert (round(seen_at, 3), round(answered_at, 3)) == (0.1, 0.2)


def test_nothing_is_added_by_default_nor_to_what_is_no_bot_s_request() -> None:
    assert on_virtual_time(None) == (0.0, 0.0)
    assert on_virtual_time(Network(), "/people/messages") == (0.0, 0.0)


def test_delays_are_within_their_range_and_the_same_for_a_seed() -> None:
    network = Network(least_s=0.08, most_s=0.3, seed=7)

    def drawn(network: Network) -> list[float]:
        dice = network.dice()
        return [network.one_way_s(dice) for _ in range(500)]

    assert drawn(network) == drawn(network) != drawn(Network(seed=8))
    assert 0.04 <= min(drawn(network)) < 0.045
    assert 0.145 < max(drawn(network)) <= 0.15
