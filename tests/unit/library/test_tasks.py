"""The library makes its requests in the task that asks for them: so an answer is known by its task."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from bot.library.messages import create_message
from sandbox.discord import Fault
from tests.unit.presentation.on_discord.conftest import READY_S, Stage


async def test_the_answer_to_a_request_comes_in_the_task_that_asked(stage: Stage) -> None:
    route = discord.http.Route("GET", "/users/@me")
    with stage.wire.statuses() as statuses:
        await asyncio.create_task(stage.client.http.request(route))
        assert statuses == []
        await stage.client.http.request(route)
    assert statuses == [200]


async def test_so_does_the_answer_to_an_interaction_s_response(stage: Stage) -> None:
    command: Any = {"name": "ask", "description": "Ask", "options": []}
    await stage.client.http.bulk_upsert_global_commands(stage.world.application.id, [command])
    await stage.world.slash(stage.world.person("alice"), stage.world.channel("general"), "ask", {})
    async with asyncio.timeout(READY_S):
        interaction = await stage.client.interactions.get()
    stage.local.faults.add(Fault(path="/callback", status=404, times=1))
    with stage.wire.statuses() as statuses:
        with pytest.raises(discord.NotFound):
            await interaction.response.defer()
        await interaction.response.defer()
    assert statuses == [404, 200]


async def test_the_body_is_read_in_one_piece_before_the_library_sleeps(stage: Stage) -> None:
    creating = create_message(
        stage.client,
        stage.world.channel("general").id,
        content="hello",
        files=[],
        view=None,
        nonce="a-nonce",
        reference=None,
        mentions=discord.AllowedMentions.none(),
    )

    async def sleeping() -> object:
        await creating
        return await asyncio.Event().wait()  # as the library does behind a request that empties a bucket

    async with asyncio.timeout(READY_S):
        made = await stage.wire.applied(sleeping(), with_body=True)
    assert made["content"] == "hello"
