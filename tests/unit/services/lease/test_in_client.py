"""How the client waits for its lease, and leaves its turns to others."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import discord
import pytest

from bot import config as configuration
from bot.client import FusionBot
from bot.cog_services import CogServices
from bot.domain.lease.record import Holder, Shards
from bot.domain.settings.catalogue import parse_setting
from bot.domain.turn.record import Turn
from bot.presentation.outbound.wire import Wire
from bot.services.lease.keeper import LeaseKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.recovery import RecoveryService
from tests.fakes.clock import FakeClock, settle
from tests.fakes.stores.leases import FakeLeaseStore

KEYS = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "sk-1"}


class FakeRecovery:
    """Notes whether the lease was there when it looked."""

    def __init__(self, lease: LeaseKeeper) -> None:
        self._lease = lease
        self.fences: list[int] = []

    async def orphans(self) -> tuple[Turn, ...]:
        self.fences.append(self._lease.fence())
        return ()

    async def recover(self, orphans: tuple[Turn, ...]) -> None:
        assert orphans == ()


class Stage:
    def __init__(self) -> None:
        self.leases = FakeLeaseStore()
        self.lease = LeaseKeeper(self.leases, Shards(), Holder(id="own"), FakeClock(), is_gone=lambda _: False)
        self.recovery = FakeRecovery(self.lease)
        self.coordinator = TurnCoordinator()
        self.wire = Wire()
        self.bot = FusionBot(
            configuration.load(KEYS, parse_setting=parse_setting),
            coordinator=self.coordinator,
            wire=self.wire,
            cogs="tests.fakes.cogs",
        )
        self.bot._connection.application_id = 99  # what a login would have told
        self.bot.serve(cast("CogServices", object()), cast("RecoveryService", self.recovery), self.lease)
        self.answers: list[int] = []
        """What Discord answers to whoever asks for the bot itself, in turn."""
        self.bot.http.request = self._request  # type: ignore[method-assign]  # as much of a Discord as is asked

    async def _request(self, route: discord.http.Route, **_: object) -> object:
        if route.path == "/users/@me" and (status := self.answers.pop(0)) != 200:
            response = type("Response", (), {"status": status, "reason": "so"})()
            raise discord.HTTPException(cast("Any", response), "no")
        return []


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_nothing_is_touched_before_the_lease_is_held(stage: Stage) -> None:
    other = await stage.leases.take(Holder(id="other"), Shards())
    assert isinstance(other, int)
    starting = asyncio.create_task(stage.bot.setup_hook())
    await asyncio.sleep(3)
    assert stage.recovery.fences == []
    await stage.leases.release(other)
    await starting
    assert stage.recovery.fences == [stage.lease.fence()]
    assert stage.lease.fence() > other


async def test_one_that_was_taken_over_leaves_its_turns(stage: Stage) -> None:
    await stage.bot.setup_hook()
    leaving = asyncio.create_task(stage.bot.until_taken_over())
    keeping = asyncio.create_task(stage.lease.keep())
    await settle()
    assert not stage.coordinator.abandoned
    gone = {lease.sign for lease in stage.leases.leases.values()}
    await stage.leases.take(Holder(id="other"), Shards(), gone=gone)
    await leaving
    await keeping
    assert stage.coordinator.abandoned
    assert "Another process has taken over all shards" in stage.bot.taken_over


async def test_the_token_counts_as_refused_when_discord_says_so_twice(stage: Stage) -> None:
    stage.answers = [200, 503, 401]
    await stage.bot.setup_hook()
    leaving = asyncio.create_task(stage.bot.until_refused())
    for _ in range(3):
        await settle()
        assert not leaving.done()
        stage.wire.refused.set()
    await leaving
    assert stage.answers == []
    assert stage.coordinator.abandoned


async def test_a_refusal_before_the_login_is_the_login_s_to_tell(stage: Stage) -> None:
    leaving = asyncio.create_task(stage.bot.until_refused())
    stage.wire.refused.set()
    await settle()
    assert not leaving.done()
    leaving.cancel()
    await asyncio.wait((leaving,))
