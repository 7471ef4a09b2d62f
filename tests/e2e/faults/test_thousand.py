"""A thousand random faults end with a thousand replies in words, each of the right kind after the right calls."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.state.records import Channel, Message
from tests.e2e.agreement import buttons
from tests.e2e.conftest import Stage, Way, open_stage
from tests.e2e.faults.drawn_lots import SECRET, Drawn, Lot
from tests.fakes.words import tells
from tests.integration.answers.case import Endpoint
from tests.integration.answers.case import Way as Asking
from tests.integration.answers.server import ByteServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
QUESTIONS = int(os.environ.get("FAULTS", "1000")) // 2
"""For each of the two endpoints."""
CHANNELS = 50
DRAWINGS = 8
PLAIN = 9999
"""A question's number that has no lot."""
PATIENCE_S = 60.0
PEOPLE = ("alice", "bob", "dora")


@asynccontextmanager
async def before(tmp_path: Path, endpoint: Endpoint, drawn: Drawn) -> AsyncIterator[tuple[Stage, ByteServer]]:
    """Start the bot before a server of raw bytes; gaps pass ten times as fast."""
    server = ByteServer((drawn.react,), speed=10)
    async with (
        server.serving(),
        open_stage(
            tmp_path,
            Way.COMMAND_LINE,
            PROVIDER=endpoint.value,
            FUSION_URL=f"{server.base}/fusion",
            OPENAI_BASE_URL=f"{server.base}/v1",
            TURNS_AT_ONCE_PER_PERSON=str(CHANNELS),  # three people ask in all of them at once
        ) as stage,
    ):
        yield stage, server


def channels(stage: Stage) -> list[Channel]:
    """Open channels to talk in."""
    world = stage.discord.world
    found = []
    for number in range(CHANNELS):
        one = replace(stage.general, id=stage.general.id + 5000 + number, name=f"faults-{number}", messages={})
        world.channels[one.id] = world.guild().channels[one.id] = one
        publish_channel(world, "CHANNEL_CREATE", one)
        found.append(one)
    return found


def has_ended(replies: list[Message]) -> list[Message]:
    """Return the messages of a reply once its last has the buttons of the end."""
    return replies if replies and "delete" in buttons(replies[-1]) else []


def faults_of(lot: Lot, replies: list[Message], calls: int) -> list[str]:
    """Say what is wrong with what became of a lot."""
    wrong = []
    (first, *others) = replies
    if others:
        wrong.append(f"{len(replies)} replies")
    if lot.kinds and not lot.text and not any(tells(first.content, kind) for kind in lot.kinds):
        wrong.append(f"it says: {first.content[:200]}")
    if (lot.text or not lot.kinds) and not (
        lot.text in first.content and ("-# " in first.content or "⚠️" in first.content)
    ):
        wrong.append(f"nothing is noted: {first.content[:200]}")
    if calls not in lot.calls:
        wrong.append(f"{calls} calls, not {sorted(lot.calls)}")
    return [f"{lot.name} ({lot.way}): {each}" for each in wrong]


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """People who ask; a few of them at once for drawings, since more than ten of one person's are refused."""

    stage: Stage
    drawn: Drawn
    drawing: asyncio.Semaphore

    async def asks(self, channel: Channel, number: int, way: Asking, person: str) -> list[Message]:
        """Ask a question and return all messages that answer it, once the reply has ended."""
        world, text = self.stage.discord.world, self.drawn.question(number)
        user = world.person(person)
        if way is Asking.MENTION:
            prompt = await self.stage.mention(text, user=user, channel=channel)
            return await world.wait_for(lambda: has_ended(world.replies_to(prompt)), timeout_s=PATIENCE_S)
        async with self.drawing:
            used = await world.slash(user, channel, "draw", {"prompt": text})
            return await world.wait_for(
                lambda: has_ended([used.response] if used.response else []), timeout_s=PATIENCE_S
            )

    async def talks(self, channel: Channel, numbers: list[int]) -> list[str]:
        """Ask a channel's questions one after the other, and a plain one at the end; returns what is wrong."""
        wrong: list[str] = []
        for at, number in enumerate(numbers):
            lot = self.drawn.lots[number]
            try:
                replies = await self.asks(channel, number, lot.way, PEOPLE[at % len(PEOPLE)])
            except TimeoutError:
                wrong.append(f"{lot.name} ({lot.way}): no reply has ended")
                continue
            wrong += faults_of(lot, replies, self.drawn.calls[number])
        (reply,) = await self.asks(channel, PLAIN, Asking.MENTION, "alice")
        if not reply.content.startswith("All is well."):
            wrong.append(f"{channel.name} is stuck: {reply.content[:200]}")
        return wrong


@pytest.mark.parametrize("endpoint", Endpoint)
async def test_random_faults_end_in_words(endpoint: Endpoint, tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    print(f"SEED={seed}")  # noqa: T201  # shown where it fails
    drawn = Drawn(endpoint, QUESTIONS, seed)
    async with before(tmp_path, endpoint, drawn) as (stage, server):
        places = channels(stage)
        numbers = [list(range(at, QUESTIONS, CHANNELS)) for at in range(CHANNELS)]
        crowd = Crowd(stage=stage, drawn=drawn, drawing=asyncio.Semaphore(DRAWINGS))
        found = await asyncio.gather(*(crowd.talks(place, mine) for place, mine in zip(places, numbers, strict=True)))
        wrong = [each for of_channel in found for each in of_channel]
        for turn in [row[0] for row in await stage.rows("SELECT id FROM turns")]:
            assert isinstance(turn, int)
            await stage.ended(turn)
        states = await stage.rows("SELECT count(*), count(DISTINCT id) FROM turns")
        assert states == [(QUESTIONS + CHANNELS, QUESTIONS + CHANNELS)]
        assert SECRET not in stage.bot.log
        assert await stage.bot.end() == 0
        assert not server.open
        assert not wrong, f"SEED={seed}: {len(wrong)} of {QUESTIONS}\n" + "\n".join(sorted(wrong))
