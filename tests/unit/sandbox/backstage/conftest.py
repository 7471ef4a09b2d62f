"""A local Discord and endpoint that are watched, and a bot that is moved by hand, call by call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.backstage import Backstage, watch_discord
from sandbox.discord import LocalDiscord
from sandbox.endpoint import Behaviour, LocalEndpoint
from tests.unit.sandbox.endpoint.calling import fusion_body


class Stage:
    """What is watched, and the hands that move the bot."""

    def __init__(
        self, discord: LocalDiscord, backstage: Backstage, endpoint: LocalEndpoint, http: aiohttp.ClientSession
    ) -> None:
        self.discord = discord
        self.backstage = backstage
        self.endpoint = endpoint
        self.http = http
        self.world = discord.world
        self.alice = discord.world.person("alice")
        self.general = discord.world.channel("general")

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bot {self.discord.token}"}
        async with self.http.request(method, self.discord.api_base + path, json=body, headers=headers) as response:
            text = await response.text()
            return await response.json() if text else None

    async def reply(self, channel: int, prompt: int, content: str) -> int:
        body = {"content": content, "message_reference": {"message_id": str(prompt)}}
        return int((await self.api("POST", f"/channels/{channel}/messages", body))["id"])

    async def edit(self, channel: int, message: int, content: str) -> None:
        await self.api("PATCH", f"/channels/{channel}/messages/{message}", {"content": content})

    async def ask(self, text: str, **changes: Any) -> str:
        headers = {"Authorization": self.endpoint.fusion_key}
        changes = {"stream": True, "output_img": False, **changes}
        async with self.http.post(
            self.endpoint.fusion_url, json=fusion_body(text=text, **changes), headers=headers
        ) as response:
            return await response.text()

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Return what the feed has of a kind, oldest first."""
        return [found for item in self.backstage.feed.items if (found := item.whole())["kind"] == kind]

    def states(self) -> list[str]:
        return [turn["state"] for turn in self.told("turn")]

    async def control(self, name: str, body: Any, **headers: str) -> tuple[int, Any]:
        address = f"{self.discord.base_url}/control/{name}"
        async with self.http.post(address, json=body, headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    discord = LocalDiscord(port=0)
    backstage = watch_discord(discord)
    async with (
        discord,
        LocalEndpoint(port=0, behaviour=Behaviour(tokens_per_s=0), seed=1) as endpoint,
        aiohttp.ClientSession() as http,
    ):
        backstage.attach_endpoint(endpoint)
        yield Stage(discord, backstage, endpoint, http)
