"""Memory while many people draw at once: `python -m benchmarks.drawings [--size 1600]`.

Runs the real bot (`python -m bot run`) against the local Discord and an endpoint of its own whose pictures are noise,
which no compression makes small. All drawings of a row are asked for at once, by as many people, in one server. Printed
are the peak of the bot's resident memory (Linux's /proc), what of it came by the drawings, and the time until the last
card stood.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from aiohttp import web
from PIL import Image

from benchmarks.lag.bots import connected, start_bot, usage
from sandbox.discord import LocalDiscord, World
from sandbox.discord.state.records import Member, User

PEOPLE = (1, 4, 40, 100)


def noise(side: int) -> bytes:
    """Make a PNG of about three bytes a pixel."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(out, "PNG", compress_level=1)
    return out.getvalue()


@asynccontextmanager
async def serving(picture: bytes) -> AsyncIterator[str]:
    """Serve drawings, each of which takes a second; yields the endpoint's address."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(1)
        data = {
            "id": "x",
            "choices": [{"content": f"http://{request.host}/picture", "finish_reason": "stop"}],
            "usage": {"completion_tokens": 0, "total_tokens": 0, "picture": True},
            "status": 0,
        }
        return web.json_response({"code": 0, "msg": "ok", "data": data}, dumps=json.dumps)

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=picture, content_type="image/png")

    app = web.Application()
    app.router.add_post("/fusion", answer)
    app.router.add_get("/picture", show)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/fusion"
    await runner.cleanup()


def painters(world: World, count: int) -> list[User]:
    """Let people join the first server."""
    alice, members = world.person("alice"), world.guild().members
    people = [replace(alice, id=alice.id + 5000 + number, username=f"painter{number}") for number in range(count)]
    for user in people:
        world.users[user.id] = user
        members[user.id] = Member(user=user, joined_at=members[alice.id].joined_at)
    return people


async def draw(discord: LocalDiscord, people: Sequence[User]) -> None:
    """Let all of them draw at once, and wait for the last card."""
    world = discord.world
    channel = world.channel("general")
    cards = await asyncio.gather(*(world.slash(user, channel, "draw", {"prompt": "noise"}) for user in people))
    await world.wait_for(
        lambda: all(card.response is not None and card.response.attachments for card in cards) or None, timeout_s=300
    )


async def measure(people: int, picture: bytes) -> tuple[float, float, float]:
    """Return the peak in MB, what of it came by the drawings, and the seconds that they took."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(picture) as url, LocalDiscord(port=0) as discord:
            process = await start_bot(discord, url, Path(folder), IMAGE_FETCH_ALLOW=url.split("/")[2])
            try:
                await connected(discord)
                await asyncio.sleep(2)
                before = usage(process.pid)[1]
                started_at = time.monotonic()
                await draw(discord, painters(discord.world, people))
                took_s = time.monotonic() - started_at
                peak = usage(process.pid)[1]
                return peak, peak - before, took_s
            finally:
                process.terminate()
                await process.wait()


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1600, help="the side of the pictures, in pixels")
    picture = noise(parser.parse_args().size)
    print(f"pictures of {len(picture) / 1e6:.1f} MB")
    print(f"{'people at once':16}{'peak MB':>10}{'by drawings':>14}{'seconds':>10}")
    for people in PEOPLE:
        peak, more, took_s = await measure(people, picture)
        print(f"{people:<16}{peak:>10.0f}{more:>14.0f}{took_s:>10.1f}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
