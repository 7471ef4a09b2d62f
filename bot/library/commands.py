"""The global commands as they are written in requests, and as Discord tells them."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands


async def local_commands(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Write the commands as they are sent to Discord."""
    translator = tree.translator
    return [
        await command.get_translated_payload(tree, translator) if translator is not None else command.to_dict(tree)
        for command in tree.get_commands()
    ]


async def remote_commands(client: discord.Client, application_id: int) -> Any:
    """Ask for the commands that Discord has, with all their languages; returns what it answers."""
    route = discord.http.Route("GET", "/applications/{application_id}/commands", application_id=application_id)
    return await client.http.request(route, params={"with_localizations": "true"})


async def replace_commands(client: discord.Client, application_id: int, commands: list[dict[str, Any]]) -> None:
    """Put these commands in the place of all that Discord has."""
    # Not the tree's own sync, which fails at an answer that it can't read although the commands stand.
    await client.http.bulk_upsert_global_commands(application_id, payload=commands)
