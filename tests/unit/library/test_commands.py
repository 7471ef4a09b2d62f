"""The global commands in requests."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.library.commands import local_commands, remote_commands, replace_commands
from bot.presentation.commands import CommandTranslator
from tests.unit.presentation.on_discord.conftest import Stage


@app_commands.command(name="ask", description="Ask the model something")
async def ask(interaction: discord.Interaction, prompt: str) -> None:
    """Do nothing."""


async def test_commands_are_written_with_and_without_their_languages(stage: Stage) -> None:
    tree = app_commands.CommandTree(stage.client)
    tree.add_command(ask)
    (plain,) = await local_commands(tree)
    assert (plain["name"], plain["type"], plain["options"][0]["name"]) == ("ask", 1, "prompt")
    await tree.set_translator(CommandTranslator())
    (translated,) = await local_commands(tree)
    assert translated["name"] == "ask"
    await replace_commands(stage.client, stage.world.application.id, [translated])
    (remote,) = await remote_commands(stage.client, stage.world.application.id)
    assert (remote["name"], remote["options"][0]["type"]) == ("ask", 3)
    asked = [request for request in stage.local.requests if request.method == "GET" and "/commands" in request.path]
    assert len(asked) == 1
