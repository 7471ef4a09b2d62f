"""Honest people who ask while others try to have the bot for themselves: the stage of the test and the benchmark."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.state.records import Channel, Member, Message, User
from tests.e2e.agreement import buttons
from tests.e2e.conftest import Stage, Way, open_stage
from tests.e2e.faults.hostile import Hostile, Trickle, endpoint
from tests.integration.answers.server import ByteServer

HONEST, HOSTILE = 10, 40
ROUNDS = 3
CHANNELS_EACH = 4
"""How many channels of their own a hostile person goes to, beside one that an honest person asks in."""
PATIENCE_S = 60.0
SETTLED_S = 5.0
"""How long the hostile take to have what they can get."""


@asynccontextmanager
async def before(tmp_path: Path) -> AsyncIterator[Stage]:
    """Start the bot before an endpoint and a picture host that do as people ask."""
    trickle = Trickle()
    await trickle.start()
    server = ByteServer((endpoint(trickle),))
    try:
        async with (
            server.serving(),
            open_stage(
                tmp_path,
                Way.COMMAND_LINE,
                PROVIDER="chat_completions",
                OPENAI_BASE_URL=f"{server.base}/v1",
                IMAGE_FETCH_ALLOW=f"127.0.0.1:{trickle.port}",
                LOG_LEVEL="WARNING",
            ) as stage,
        ):
            yield stage
    finally:
        await trickle.stop()


def people(stage: Stage, number: int) -> list[User]:
    """Have more people in the server; every one of them runs it, as on a server of one's own."""
    world, lab = stage.discord.world, stage.discord.world.guild()
    admin = next(role for role in lab.roles.values() if role.name == "Admin")
    found = []
    for at in range(number):
        user = User(id=world.ids.next(), username=f"person{at}", global_name=f"Person {at}")
        world.users[user.id] = user
        lab.members[user.id] = Member(user=user, joined_at=0.0, roles=[admin.id])
        found.append(user)
    return found


def channels(stage: Stage, number: int) -> list[Channel]:
    """Open channels to talk in."""
    world = stage.discord.world
    found = []
    for at in range(number):
        one = replace(stage.general, id=world.ids.next(), name=f"crowd-{at}", messages={})
        world.channels[one.id] = world.guild().channels[one.id] = one
        publish_channel(world, "CHANNEL_CREATE", one)
        found.append(one)
    return found


async def asks(stage: Stage, user: User, channel: Channel, number: int) -> tuple[float, Message]:
    """Ask an honest question; returns how long its answer took to be whole, and the answer."""
    world, text = stage.discord.world, f"honest {number}"
    since = time.monotonic()
    prompt = await stage.mention(text, user=user, channel=channel)

    def whole() -> Message | None:
        reply = world.reply_to(prompt)
        return reply if reply is not None and "delete" in buttons(reply) else None

    reply = await world.wait_for(whole, timeout_s=PATIENCE_S)
    assert f"done {number}" in reply.content, reply.content
    return time.monotonic() - since, reply


async def rounds(stage: Stage, honest: list[User], places: list[Channel], first: int) -> list[float]:
    """Have every honest person ask several times; returns how long each answer took."""
    took: list[float] = []
    for number in range(first, first + ROUNDS):
        asked = (asks(stage, user, place, number) for user, place in zip(honest, places, strict=True))
        took += [seconds for seconds, _ in await asyncio.gather(*asked)]
    return took


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long each honest answer took to be whole, in s: without the hostile people, and beside them."""

    alone: list[float]
    beside: list[float]


async def waits(stage: Stage) -> Waits:
    """Have the honest ask, then again while the hostile do what they can.

    Raises ``AssertionError`` if an honest answer is not whole, or a hostile person has stopped.
    """
    crowd = people(stage, HONEST + HOSTILE)
    honest, hostile = crowd[:HONEST], crowd[HONEST:]
    places = channels(stage, HONEST)
    own = channels(stage, HOSTILE * CHANNELS_EACH)
    _, reply = await asks(stage, honest[0], places[0], 0)
    prompt = reply.reference
    assert prompt is not None
    alone = await rounds(stage, honest, places, 1)
    tasks = [
        asyncio.create_task(
            Hostile(
                stage=stage,
                user=user,
                channels=[*own[at * CHANNELS_EACH : (at + 1) * CHANNELS_EACH], places[at % HONEST]],
                reply=reply,
                turn_id=prompt.message_id or 0,
            ).does(at)
        )
        for at, user in enumerate(hostile)
    ]
    try:
        await asyncio.sleep(SETTLED_S)
        beside = await rounds(stage, honest, places, 100)
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Waits(alone=alone, beside=beside)
