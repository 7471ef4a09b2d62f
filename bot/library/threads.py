"""Threads, by ids alone."""

from __future__ import annotations

import discord


async def start_thread(client: discord.Client, channel_id: int, message_id: int, name: str) -> None:
    """Start a thread from a message; it has the message's id."""
    route = discord.http.Route(
        "POST", "/channels/{channel_id}/messages/{message_id}/threads", channel_id=channel_id, message_id=message_id
    )
    await client.http.request(route, json={"name": name})


async def add_member(client: discord.Client, thread_id: int, user_id: int) -> None:
    """Add somebody to a thread; who is there already stays so."""
    route = discord.http.Route(
        "PUT", "/channels/{channel_id}/thread-members/{user_id}", channel_id=thread_id, user_id=user_id
    )
    await client.http.request(route)


async def open_again(client: discord.Client, thread_id: int) -> None:
    """Open a thread that was closed."""
    await client.http.edit_channel(thread_id, archived=False)
