"""A channel's messages, by ids alone: the library's own way reads answers that may be unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord


async def create_message(
    client: discord.Client,
    channel_id: int,
    *,
    content: str,
    files: Sequence[discord.File],
    view: discord.ui.View | None,
    nonce: str,
    reference: discord.MessageReference | None,
    mentions: discord.AllowedMentions,
) -> Any:
    """Make a message, or find the one that the nonce made before; returns what Discord answers."""
    route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
    # The stub asks for the object; the library puts what it is given into the JSON.
    refers_to: Any = reference.to_dict() if reference is not None else discord.utils.MISSING
    with discord.http.handle_message_parameters(
        content=content or None,
        files=files or discord.utils.MISSING,
        nonce=nonce,
        message_reference=refers_to,
        allowed_mentions=mentions,
        view=view or discord.utils.MISSING,
    ) as parameters:
        return await _request(client, route, parameters)


async def edit_message(
    client: discord.Client,
    channel_id: int,
    message_id: int,
    *,
    content: str,
    files: Sequence[discord.File] | None,
    view: discord.ui.View | None,
    mentions: discord.AllowedMentions,
) -> None:
    """Replace a message's text and buttons; ``files`` None leaves its attachments."""
    route = _EditRoute(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_id, message_id=message_id
    )
    with discord.http.handle_message_parameters(
        content=content,
        attachments=discord.utils.MISSING if files is None else files,
        allowed_mentions=mentions,
        view=view,
    ) as parameters:
        await _request(client, route, parameters)


async def newest_messages(client: discord.Client, channel_id: int, *, limit: int) -> list[Any]:
    """Return the newest messages of a channel as Discord sends them, oldest first."""
    found: Any = await client.http.logs_from(channel_id, limit)
    return list(reversed(found)) if isinstance(found, list) else []


async def one_message(client: discord.Client, channel_id: int, message_id: int) -> Any:
    """Return a message as Discord sends it."""
    return await client.http.get_message(channel_id, message_id)


async def own_message(client: discord.Client, channel_id: int, message_id: int) -> Any:
    """Return a message of the bot's own as Discord sends it, where the history may not be read.

    An edit that changes nothing is answered with the whole message (Discord documentation, "Edit Message": every field
    may be left out).
    """
    route = _EditRoute(
        "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_id, message_id=message_id
    )
    return await client.http.request(route, json={"allowed_mentions": {"parse": []}})


async def channel_as_sent(client: discord.Client, channel_id: int) -> Any:
    """Return a channel as Discord sends it, to whoever sees it."""
    return await client.http.get_channel(channel_id)


async def delete_message(client: discord.Client, channel_id: int, message_id: int) -> None:
    """Take a message away."""
    await client.http.delete_message(channel_id, message_id)


async def add_reaction(client: discord.Client, channel_id: int, message_id: int, emoji: str) -> None:
    """React to a message; a reaction that stands already stays so."""
    await client.http.add_reaction(channel_id, message_id, emoji)


async def remove_own_reaction(client: discord.Client, channel_id: int, message_id: int, emoji: str) -> None:
    """Take the bot's own reaction back."""
    await client.http.remove_own_reaction(channel_id, message_id, emoji)


async def _request(
    client: discord.Client, route: discord.http.Route, parameters: discord.http.MultipartParameters
) -> Any:
    if parameters.files:
        return await client.http.request(route, files=parameters.files, form=parameters.multipart)
    return await client.http.request(route, json=parameters.payload)


class _EditRoute(discord.http.Route):
    """The route of edits, with a bucket of its own in the library.

    Discord counts a channel's creates and edits apart, but names one bucket for both; the library would hold edits back
    when creates have emptied it.
    """

    @property
    def major_parameters(self) -> str:
        """What the library tells buckets apart by."""
        return f"{super().major_parameters}:edits"
