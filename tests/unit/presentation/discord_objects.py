"""Messages and interactions as the library makes them of Discord's payloads, without a connection."""

from __future__ import annotations

from typing import Any

import discord

ME, OWN_ROLE, ROLE, EVERYONE = 99, 77, 78, 1
ANN, BOB, HOOK = 11, 12, 13
GUILD, CHANNEL, THREAD, DM, STRANGE = 1, 1000, 2000, 3000, 4000
CATEGORY, ADULT, ADULT_THREAD = 5000, 5001, 5002
"""A category with a channel for adults, which has a thread."""
_JOINED = "2026-01-01T00:00:00+00:00"
_EVERYTHING = str(discord.Permissions.all().value)


def user(user_id: int, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(user_id),
        "username": name.lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": user_id == ME,
        **changes,
    }


def role(role_id: int, name: str, permissions: str = "0", **changes: Any) -> dict[str, Any]:
    plain = {"id": str(role_id), "name": name, "permissions": permissions, "position": 1, "color": 0, "flags": 0}
    return {**plain, "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": True, **changes}


def member(roles: tuple[int, ...] = (), **changes: Any) -> dict[str, Any]:
    plain = {"roles": list(map(str, roles)), "joined_at": _JOINED, "deaf": False, "mute": False, "flags": 0}
    return {**plain, "nick": None, **changes}


def payload(message_id: int, content: str, *, author: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A message's payload in the channel of the guild; its author is Ann."""
    return {
        "id": str(message_id),
        "channel_id": str(CHANNEL),
        "guild_id": str(GUILD),
        "author": author or user(ANN, "Ann"),
        "member": member(),
        "content": content,
        "timestamp": _JOINED,
        "edited_timestamp": None,
        "tts": False,
        "type": 0,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
        **changes,
    }


def forwarded(content: str, **changes: Any) -> dict[str, Any]:
    """An entry of the messages that a message forwards (Discord documentation, Message Snapshot Object)."""
    said = payload(49, content, **changes)
    kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions")
    return {"message": {name: said[name] for name in kept}}


def mentioned(user_id: int, name: str, nick: str | None = None) -> dict[str, Any]:
    """An entry of a guild message's mentions."""
    return {**user(user_id, name), "member": member(nick=nick)}


MENTION_OF_ME = mentioned(ME, "Fusion")


def reply_to(message: dict[str, Any] | None, kind: int = 0) -> dict[str, Any]:
    """The fields of a message that replies to another; None for one that was deleted."""
    message_id = message["id"] if message is not None else "5"
    reference = {"message_id": message_id, "channel_id": str(CHANNEL), "guild_id": str(GUILD), "type": kind}
    return {"type": 19, "message_reference": reference, "referenced_message": message}


def _thread(thread_id: int, parent_id: int) -> dict[str, Any]:
    return {
        "id": str(thread_id),
        "guild_id": str(GUILD),
        "parent_id": str(parent_id),
        "owner_id": str(ANN),
        "name": "foxes",
        "type": 11,
        "member_count": 1,
        "message_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": _JOINED,
            "locked": False,
        },
    }


class Offline:
    """A client that knows one guild, as the bot's knows its guilds: no members but itself."""

    def __init__(self, *, locale: str = "zh-CN", tier: int = 2, permissions: str = _EVERYTHING) -> None:
        self.client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
        state = self._state = self.client._connection
        state.user = discord.ClientUser(state=state, data=user(ME, "Fusion"))  # type: ignore[arg-type]  # a payload
        guild: Any = {
            "id": str(GUILD),
            "name": "Guild",
            "owner_id": str(BOB),
            "preferred_locale": locale,
            "premium_tier": tier,
            "roles": [
                role(EVERYONE, "@everyone", permissions),
                role(OWN_ROLE, "Fusion", tags={"bot_id": str(ME)}, managed=True),
                role(ROLE, "Painters"),
            ],
            "channels": [
                {"id": str(CHANNEL), "name": "general", "type": 0, "position": 0, "permission_overwrites": []},
                {"id": str(CATEGORY), "name": "Adults", "type": 4, "position": 1, "permission_overwrites": []},
                {
                    "id": str(ADULT),
                    "name": "night",
                    "type": 0,
                    "position": 2,
                    "permission_overwrites": [],
                    "parent_id": str(CATEGORY),
                    "nsfw": True,
                },
            ],
            "threads": [_thread(THREAD, CHANNEL), _thread(ADULT_THREAD, ADULT)],
            "members": [{**member((OWN_ROLE,)), "user": user(ME, "Fusion")}],
            "member_count": 3,
        }
        self.guild = discord.Guild(data=guild, state=state)
        state._add_guild(self.guild)

    @property
    def me(self) -> discord.ClientUser:
        assert self.client.user is not None
        return self.client.user

    def message(self, data: dict[str, Any]) -> discord.Message:
        """Make the message as the library does when it arrives."""
        channel, _ = self._state._get_guild_channel(data)  # type: ignore[arg-type]  # a payload
        return discord.Message(state=self._state, channel=channel, data=data)  # type: ignore[arg-type]  # a payload

    def direct(self, content: str, **changes: Any) -> discord.Message:
        """Make a direct message of Ann's."""
        data = payload(50, content, channel_id=str(DM), **changes)
        del data["guild_id"], data["member"]
        return self.message(data)

    def interaction(self, **changes: Any) -> discord.Interaction[Any]:
        """Make a slash command of Ann's."""
        data: Any = {
            "id": "5000",
            "application_id": str(ME),
            "type": 2,
            "token": "a-token",
            "version": 1,
            "guild_id": str(GUILD),
            "channel_id": str(CHANNEL),
            "channel": {"id": str(CHANNEL), "name": "general", "type": 0, "position": 0, "permission_overwrites": []},
            "member": {**member(nick="Annie"), "user": user(ANN, "Ann"), "permissions": "0"},
            "app_permissions": _EVERYTHING,
            "locale": "zh-TW",
            "guild_locale": "en-US",
            "attachment_size_limit": 1234,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 0,
            "data": {"id": "1", "name": "ask", "type": 1},
            **changes,
        }
        return discord.Interaction(data=data, state=self._state)
