"""Where the library looks for Discord."""

from __future__ import annotations

import discord
import pytest
import yarl

from bot.library.addresses import api_base


def test_a_route_has_discord_s_address_in_front_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert api_base() == "https://discord.com/api/v10"
    before = discord.http.Route("GET", "/channels/{channel_id}", channel_id=5)
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9/api/v10")
    after = discord.http.Route("GET", "/channels/{channel_id}", channel_id=5)
    assert before.url == "https://discord.com/api/v10/channels/5"
    assert after.url == "http://127.0.0.1:9/api/v10/channels/5"
    assert api_base() == "http://127.0.0.1:9/api/v10"


def test_the_answers_to_interactions_go_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9/api/v10")
    assert vars(discord.webhook.async_)["Route"]("POST", "/webhooks/5").url == "http://127.0.0.1:9/api/v10/webhooks/5"


async def test_a_connection_goes_to_the_gateway_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = discord.gateway.DiscordWebSocket
    assert yarl.URL("wss://gateway.discord.gg/") == gateway.DEFAULT_GATEWAY
    monkeypatch.setattr(gateway, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9/gateway"))
    asked: list[str] = []

    async def ws_connect(url: str) -> object:
        asked.append(url)
        raise ConnectionRefusedError

    async with discord.Client(intents=discord.Intents.none()) as client:
        client.http.ws_connect = ws_connect  # type: ignore[method-assign, assignment]  # a gateway that is away
        with pytest.raises(ConnectionRefusedError):
            await gateway.from_client(client)
    assert [url.split("?")[0] for url in asked] == ["ws://127.0.0.1:9/gateway"]
