"""What Discord tells of the bot's account, made into findings. No I/O."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.domain.permissions import invite_link, missing_permissions
from bot.operations.doctor.findings import Finding, failed, fine, warning
from bot.operations.doctor.web import HttpAnswer

GATEWAY_MESSAGE_CONTENT: Final = 1 << 18
GATEWAY_MESSAGE_CONTENT_LIMITED: Final = 1 << 19
"""Discord documentation, Application Flags: granted, and granted while the bot is in few servers."""
STARTS_LOW: Final = 20
GUILDS_PER_SHARD: Final = 2500
"""Discord documentation, Sharding: no session may have more."""
NAMED_GUILDS: Final = 5
CLOCK_WARNING_S, CLOCK_FAILED_S = 5.0, 60.0
"""How far this machine's clock may be off. Answers of signed picture hosts and of TLS depend on it by the minute."""
PORTAL: Final = "the developer portal (https://discord.com/developers/applications)"
TOKEN_CURE: Final = f"Open {PORTAL}, page Bot, press Reset Token, and put the new token into DISCORD_TOKEN."


def token_refused(token: str) -> Finding:
    """Explain a 401: the token's own form tells whether something else was copied."""
    if looks_like_token(token):
        return failed("token", "Discord does not accept DISCORD_TOKEN: it was reset, or not copied whole", TOKEN_CURE)
    return failed(
        "token",
        "DISCORD_TOKEN has not the form of a bot's token: perhaps the client secret or the public key was copied",
        TOKEN_CURE,
    )


def looks_like_token(token: str) -> bool:
    """Whether a text is made as Discord's tokens are: three parts, the first the bot's id in base64."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        return base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)).isdigit()
    except (binascii.Error, ValueError):
        return False


def refused(check: str, what: str, answer: HttpAnswer) -> Finding:
    """Explain an answer that is no success, of a request that ``what`` names."""
    if answer.status == 429:
        return failed(
            check,
            f"{what}: HTTP 429, too many requests",
            "Wait some minutes and try again; stop whatever else uses this token.",
        )
    if answer.status >= 500:
        return failed(
            check,
            f"{what}: HTTP {answer.status}, Discord is in trouble",
            "Look at https://discordstatus.com; try later.",
        )
    if answer.status == 403 and answer.body is None:
        return failed(
            check,
            f"{what}: HTTP 403 with a page instead of an answer: this machine's address is blocked",
            "Too many refused requests came from it (10,000 in 10 minutes). Wait an hour, or use another address.",
        )
    return failed(
        check,
        f"{what}: HTTP {answer.status}, not what Discord answers",
        "Check DISCORD_API_BASE: it must go up to and with /api/v10.",
    )


def account(me: Mapping[str, Any]) -> Finding:
    """Say whose token it is."""
    return fine("token", f"accepted: the bot is {me.get('username')} (id {me.get('id')})")


def intents(application: Mapping[str, Any], *, message_content: bool) -> Finding:
    """Compare the privileged intent that is granted with the one that is asked for."""
    granted = bool(_flags(application) & (GATEWAY_MESSAGE_CONTENT | GATEWAY_MESSAGE_CONTENT_LIMITED))
    if message_content and not granted:
        return failed(
            "intents",
            "DISCORD_MESSAGE_CONTENT is on, but the message content intent is not granted: Discord will refuse the bot",
            f"Turn Message Content Intent on in {PORTAL}, page Bot, or set DISCORD_MESSAGE_CONTENT=off.",
        )
    if granted and not message_content:
        return warning(
            "intents",
            "the message content intent is granted, but DISCORD_MESSAGE_CONTENT is off: it is not used",
            "Set DISCORD_MESSAGE_CONTENT=on to read replies that do not ping the bot, or turn the intent off in the "
            "portal.",
        )
    return fine("intents", "message content is granted and used" if granted else "no privileged one needed or granted")


def install(application: Mapping[str, Any]) -> list[Finding]:
    """Check what decides whether the bot can be added, and whether commands come to it."""
    findings = []
    if application.get("bot_require_code_grant") is True:
        findings.append(
            failed(
                "install",
                "Requires OAuth2 Code Grant is on: the invite link will not add the bot",
                f"Turn it off in {PORTAL}, page Bot.",
            )
        )
    elif application.get("bot_public") is False:
        findings.append(
            warning(
                "install",
                "the bot is not public: only its owner can add it to servers",
                f"If others shall add it, turn Public Bot on in {PORTAL}, page Bot.",
            )
        )
    else:
        findings.append(fine("install", "anyone who manages a server can add the bot"))
    if application.get("interactions_endpoint_url"):
        findings.append(
            failed(
                "interactions",
                "an Interactions Endpoint URL is set: commands and buttons go there, not to this bot",
                f"Empty that field in {PORTAL}, page General Information.",
            )
        )
    return findings


def invite(application: Mapping[str, Any]) -> Finding:
    """Print the invite link."""
    return fine("invite link", invite_link(number(application.get("id"))))


def starts(limit: Mapping[str, Any]) -> Finding:
    """Check how many sessions may still be started today."""
    remaining, total = number(limit.get("remaining")), number(limit.get("total"))
    hours = number(limit.get("reset_after")) / 3_600_000
    left = f"{remaining} of {total} starts left"
    cure = "Find what restarts the bot again and again (its log says why it ends), or who else uses this token."
    if remaining <= 0:
        return failed("sessions", f"no start is left for {hours:.1f} hours: the bot can't connect", cure)
    if remaining < STARTS_LOW:
        return warning("sessions", f"{left} for {hours:.1f} hours", cure)
    return fine("sessions", left)


def shards(recommended: int, guilds: int, configured: int | None) -> Finding:
    """Check whether there are enough shards for the number of servers."""
    servers = f"{guilds} {'server' if guilds == 1 else 'servers'}"
    if configured is None:
        return fine("shards", f"{servers}; Discord recommends {recommended}, and the bot follows it")
    if guilds > configured * GUILDS_PER_SHARD:
        return failed(
            "shards",
            f"{servers} need more shards than SHARD_COUNT={configured}: Discord will refuse them",
            f"Set SHARD_COUNT={max(recommended, guilds // GUILDS_PER_SHARD + 1)} in all processes.",
        )
    if configured < recommended:
        return warning(
            "shards",
            f"{servers} in SHARD_COUNT={configured}; Discord recommends {recommended}",
            f"Set SHARD_COUNT={recommended} in all processes soon.",
        )
    return fine("shards", f"{servers} in SHARD_COUNT={configured}; Discord recommends {recommended}")


def permissions(guilds: Sequence[Mapping[str, Any]], *, more: bool) -> Finding:
    """Name the servers whose roles withhold something that the bot needs; channels may withhold it still."""
    lacking = [
        (str(guild.get("name")), missing)
        for guild in guilds
        if (missing := missing_permissions(number(guild.get("permissions"))))
    ]
    looked = f"{'the first ' if more else ''}{len(guilds)} {'server' if len(guilds) == 1 else 'servers'}"
    if not guilds:
        return warning("permissions", "the bot is in no server yet", "Add it with the invite link.")
    if not lacking:
        return fine("permissions", f"complete in {looked}, by role (a channel may still withhold some)")
    named = "; ".join(f"“{name[:40]}” lacks {', '.join(missing)}" for name, missing in lacking[:NAMED_GUILDS])
    rest = len(lacking) - NAMED_GUILDS
    return warning(
        "permissions",
        f"of {looked} {len(lacking)} {'lacks' if len(lacking) == 1 else 'lack'} some: {named}"
        + (f"; and {rest} more" if rest > 0 else ""),
        "Somebody who manages the server gives the bot's role these permissions, or opens the invite link again.",
    )


def clock(answer: HttpAnswer) -> Finding | None:
    """Compare this machine's clock with Discord's; None where the answer has no date.

    The header tells whole seconds, and somewhere on the way it was stamped: that much is uncertain.
    """
    if answer.date is None:
        return None
    uncertain_s = 0.5 + answer.took_s / 2
    off_s = (answer.received - answer.date).total_seconds() - uncertain_s
    found = f"{abs(off_s):.1f} s {'ahead of' if off_s > 0 else 'behind'} Discord's, ± {uncertain_s:.1f} s"
    if abs(off_s) <= uncertain_s:
        found = f"agrees with Discord's, ± {uncertain_s:.1f} s"
    cure = "Let this machine's clock be set by the network: timedatectl set-ntp true, or the host's own setting."
    if abs(off_s) - uncertain_s > CLOCK_FAILED_S:
        return failed("clock", found, cure)
    if abs(off_s) - uncertain_s > CLOCK_WARNING_S:
        return warning("clock", found, cure)
    return fine("clock", found)


def _flags(application: Mapping[str, Any]) -> int:
    return number(application.get("flags"))


def number(value: object) -> int:
    """Read a number that Discord sends as one or as a string; 0 for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 40 else 0
