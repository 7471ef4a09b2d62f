"""The session that a login opens, and the warnings at a client's making."""

from __future__ import annotations

import logging
from typing import Any, cast

import discord
import pytest

from bot.library.sessions import expect_no_voice, give_up


def session(client: discord.Client) -> Any:
    return cast("Any", client.http)._HTTPClient__session


async def test_a_login_after_one_that_failed_opens_another_session() -> None:
    async def request(*_: object, **__: object) -> object:
        return {"id": "1"}

    async with discord.Client(intents=discord.Intents.none()) as client:
        client.http.request = request  # type: ignore[method-assign]  # as much of a Discord as is asked
        assert client.http.connector is discord.utils.MISSING
        await client.http.static_login("a.b.c")
        first, connector = session(client), client.http.connector
        await give_up(client)
        assert first.closed
        assert connector.closed
        await client.http.static_login("a.b.c")
        assert not session(client).closed
        assert client.http.connector is not connector


def test_a_client_is_made_without_a_word_about_voice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(discord.VoiceClient, "warn_nacl", True)
    monkeypatch.setattr(discord.VoiceClient, "warn_dave", True)
    caplog.set_level(logging.WARNING)
    discord.Client(intents=discord.Intents(guilds=True))
    assert len(caplog.records) == 2
    monkeypatch.setattr(discord.VoiceClient, "warn_nacl", True)
    monkeypatch.setattr(discord.VoiceClient, "warn_dave", True)
    expect_no_voice()
    discord.Client(intents=discord.Intents(guilds=True))
    assert len(caplog.records) == 2
