"""The session that a login opens, whether its token is accepted, and what the library warns of at a client's making."""

from __future__ import annotations

import discord


def expect_no_voice() -> None:
    """Let clients be made without a warning that voice has its libraries missing."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


async def give_up(client: discord.Client) -> None:
    """Close the session of a login that failed, so that another try opens another."""
    await client.http.close()
    # Left there, a connector that is closed would be used again.
    client.http.connector = discord.utils.MISSING


async def ask_for_itself(client: discord.Client) -> None:
    """Ask Discord who the client is, which it answers to any token that it accepts; raises what the library raises."""
    await client.http.request(discord.http.Route("GET", "/users/@me"))
