#!/bin/sh
# Guess: in discord.py `interaction.channel` is the channel as the interaction tells it, so a command in a channel that the
#        bot can't see still tells its name, topic and age restriction.
# What happens: since 16 November 2026 the gateway veils channels that a bot can't see (name ___hidden___, flag 1 << 17), and
#        interactions tell them whole (Discord documentation, Channel, "Obfuscated Channels"). discord.py has the veiled
#        channel in its cache and takes that; what the interaction tells is lost, as it keeps no payload of the channel.
# Cost: in a hidden channel for adults `interaction.channel.nsfw` is False, so pictures went out without a spoiler; names in
#        logs and answers read ___hidden___; slow mode and topic are gone. Nothing raises, nothing is logged.
#
# Seen with discord.py 2.7.1, Python 3.11: "known by the cache: ___hidden___, nsfw False; not in it: art, nsfw True".
# The bot therefore keeps the payload's channel with the interaction (bot/library/events.py).
#
# Run: sh findings/library-hides-the-channel-that-a-command-tells.sh   (a few seconds, 30 MB in a temporary folder)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'discord.py==2.7.1'

cat > read.py <<'PY'
import asyncio

import discord

ME = {"id": "1", "username": "bot", "discriminator": "0", "avatar": None}
EVERYONE = {
    "id": "10", "name": "@everyone", "permissions": "0", "position": 0, "color": 0, "hoist": False, "managed": False,
    "mentionable": False, "flags": 0,
}
TOLD = {
    "id": "20", "type": 0, "name": "art", "position": 3, "topic": "pictures only", "nsfw": True, "parent_id": None,
    "rate_limit_per_user": 30, "flags": 0, "permissions": "2048",
}
VEILED = {
    "id": "20", "type": 0, "name": "___hidden___", "position": 3, "topic": None, "nsfw": False, "parent_id": None,
    "rate_limit_per_user": 0, "flags": 1 << 17,
    "permission_overwrites": [{"id": "10", "type": 0, "allow": "0", "deny": "1024"}],
}
MEMBER = {
    "user": {**ME, "id": "5", "username": "ann"}, "roles": [], "permissions": "2048", "deaf": False, "mute": False,
    "joined_at": "2026-01-01T00:00:00+00:00", "flags": 0,
}
COMMAND = {
    "id": "30", "application_id": "1", "type": 2, "token": "t", "version": 1, "guild_id": "10", "channel_id": "20",
    "channel": TOLD, "data": {"id": "40", "name": "ask", "type": 1}, "member": MEMBER, "app_permissions": "2048",
    "locale": "en-US", "guild_locale": "en-US", "entitlements": [], "authorizing_integration_owners": {"0": "10"},
    "context": 0, "attachment_size_limit": 10485760,
}


def heard(channels):
    """Read the command with a guild in the cache that has these channels."""
    client = discord.Client(intents=discord.Intents.default())
    state = client._connection
    state.user = discord.ClientUser(state=state, data=ME)
    guild = {
        "id": "10", "name": "g", "owner_id": "2", "roles": [EVERYONE], "channels": channels, "emojis": [],
        "features": [], "members": [], "verification_level": 0, "default_message_notifications": 0,
        "explicit_content_filter": 0, "mfa_level": 0, "premium_tier": 0, "system_channel_flags": 0,
        "preferred_locale": "en-US", "nsfw_level": 0, "afk_timeout": 300,
    }
    state._add_guild(discord.Guild(data=guild, state=state))
    channel = discord.Interaction(data=COMMAND, state=state).channel
    return f"{channel.name}, nsfw {channel.nsfw}"


async def main():
    found = f"known by the cache: {heard([VEILED])}; not in it: {heard([])}"
    print(found)
    assert found == "known by the cache: ___hidden___, nsfw False; not in it: art, nsfw True", "not as seen"
    print("as seen: the cache's veil hides what the interaction tells")


asyncio.run(main())
PY
venv/bin/python read.py
