"""discord.py against the local Discord, over sockets: what the bot's adapters really send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import yarl

from bot.presentation.outbound.wire import Wire
from sandbox.discord import LocalDiscord
from sandbox.discord.state.records import Message

READY_S = 45.0


class Library(discord.Client):
    """A client that keeps what it hears, connected as the bot's is."""

    def __init__(self, wire: Wire) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            intents=intents,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.05,
            http_trace=wire.trace(),
        )
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.interactions: asyncio.Queue[discord.Interaction[Any]] = asyncio.Queue()

    async def on_message(self, message: discord.Message) -> None:
        """Keep what people say."""
        if not message.author.bot:
            self.heard.put_nowait(message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Keep what people do."""
        self.interactions.put_nowait(interaction)


class Stage:
    """The local Discord, and the library connected to it."""

    def __init__(self, local: LocalDiscord, client: Library, wire: Wire) -> None:
        self.local = local
        self.client = client
        self.wire = wire
        self.world = local.world

    async def hears(self, message: Message) -> discord.Message:
        """Wait for a person's message to arrive, and return it as the library gives it."""
        async with asyncio.timeout(READY_S):
            while True:
                heard = await self.client.heard.get()
                if heard.id == message.id:
                    return heard

    def sent(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests whose path ends like that."""
        return [r.body for r in self.local.requests if r.method == method and r.path.endswith(path)]


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with LocalDiscord(port=0) as local:
        monkeypatch.setattr(discord.http.Route, "BASE", local.api_base)
        gateway = yarl.URL(local.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        wire = Wire()
        client = Library(wire)
        running = asyncio.create_task(client.start(local.token))
        try:
            async with asyncio.timeout(READY_S):
                while not client.is_ready():
                    assert not running.done()
                    await asyncio.sleep(0.01)
            yield Stage(local, client, wire)
        finally:
            await wire.end_sleeps()
            await client.close()
            await asyncio.wait((running,))
