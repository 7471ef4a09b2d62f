"""The checks of Discord: reached, let in, set up. A handful of requests, none that changes anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from bot.config import Config
from bot.operations.doctor.checks import account
from bot.operations.doctor.findings import Finding, failed, fine, skipped, warning
from bot.operations.doctor.web import Get, Hello, HttpAnswer, WebFaultError, host_of

GUILD_PAGES: Final = 5
GUILDS_PER_PAGE: Final = 200
"""Discord documentation, Get Current User Guilds."""

Agrees = Callable[[Sequence[Mapping[str, Any]]], Awaitable[bool]]
"""Whether the commands that Discord tells are the bot's."""
_AFTERWARDS: Final = "intents, install settings, sessions, commands and permissions"


class DiscordCheckup:
    """Asks Discord about the installation of one configuration."""

    def __init__(self, config: Config, *, get: Get, hello: Hello, agrees: Agrees) -> None:
        self._config = config
        self._get = get
        self._hello = hello
        self._agrees = agrees

    async def run(self) -> list[Finding]:
        """Make every check; what can't be asked because of an earlier failure is said to be skipped."""
        base = self._config.discord_api_base
        try:
            first = await self._get(f"{base}/gateway", {})
        except WebFaultError as fault:
            return [failed("reachable", fault.found, fault.cure), skipped("the rest", "Discord is not reached")]
        url = first.body.get("url") if isinstance(first.body, dict) else None
        if first.status != 200 or not isinstance(url, str):
            finding = account.refused("reachable", f"{host_of(base)} does not name the gateway", first)
            return [finding, skipped("the rest", "Discord is not reached")]
        own = "" if self._config.is_discord_itself else " (DISCORD_API_BASE: not Discord itself)"
        findings = [fine("reachable", f"{host_of(base)} answered in {first.took_s * 1000:.0f} ms{own}")]
        greeting, signed_in = await asyncio.gather(self._gateway(url), self._signed_in())
        reading = account.clock(first)
        return [*findings, greeting, *([reading] if reading else []), *signed_in]

    async def _gateway(self, url: str) -> Finding:
        try:
            took_s = await self._hello(url)
        except WebFaultError as fault:
            return failed("gateway", fault.found, fault.cure)
        return fine("gateway", f"{host_of(url)} greeted in {took_s * 1000:.0f} ms")

    async def _signed_in(self) -> list[Finding]:
        try:
            me = await self._ask("/users/@me")
            if me.status == 401:
                return [
                    account.token_refused(self._config.discord_token.reveal()),
                    skipped("the rest", f"{_AFTERWARDS} need a token that is accepted"),
                ]
            if me.status != 200 or not isinstance(me.body, dict):
                return [account.refused("token", "it could not be checked", me)]
            return [account.account(me.body), *await self._account()]
        except WebFaultError as fault:
            return [failed("token", fault.found, fault.cure)]

    async def _account(self) -> list[Finding]:
        application, starts = await asyncio.gather(self._ask("/applications/@me"), self._ask("/gateway/bot"))
        findings: list[Finding] = []
        app = application.body if application.status == 200 and isinstance(application.body, dict) else None
        if app is None:
            findings.append(account.refused("install", "the application could not be read", application))
        else:
            findings.append(account.intents(app, message_content=self._config.discord_message_content))
            findings += [*account.install(app), account.invite(app)]
        if starts.status == 200 and isinstance(starts.body, dict):
            findings += self._sessions(starts.body, app or {})
        else:
            findings.append(account.refused("sessions", "the session starts could not be read", starts))
        if app is None:
            return [*findings, await self._permissions()]
        application_id = account.number(app.get("id"))
        return [*findings, *await asyncio.gather(self._commands(application_id), self._permissions())]

    def _sessions(self, body: Mapping[str, Any], app: Mapping[str, Any]) -> list[Finding]:
        limit = body.get("session_start_limit")
        recommended, guilds = body.get("shards"), app.get("approximate_guild_count")
        findings = [account.starts(limit)] if isinstance(limit, dict) else []
        if isinstance(recommended, int) and isinstance(guilds, int):
            findings.append(account.shards(recommended, guilds, self._config.shard_count))
        return findings

    async def _commands(self, application_id: int) -> Finding:
        answer = await self._ask(f"/applications/{application_id}/commands?with_localizations=true")
        if answer.status != 200 or not isinstance(answer.body, list):
            return account.refused("commands", "they could not be read", answer)
        registered = [command for command in answer.body if isinstance(command, dict)]
        if await self._agrees(registered):
            return fine("commands", f"the {len(registered)} that Discord has are this version's")
        return warning(
            "commands",
            "Discord has other commands than this version of the bot" if registered else "Discord has none yet",
            "Start the bot (run does it), or: python -m bot sync",
        )

    async def _permissions(self) -> Finding:
        guilds: list[Mapping[str, Any]] = []
        after = 0
        for _ in range(GUILD_PAGES):
            answer = await self._ask(f"/users/@me/guilds?limit={GUILDS_PER_PAGE}&after={after}")
            if answer.status != 200 or not isinstance(answer.body, list):
                return account.refused("permissions", "the servers could not be read", answer)
            page = [guild for guild in answer.body if isinstance(guild, dict)]
            guilds += page
            if len(page) < GUILDS_PER_PAGE:
                return account.permissions(guilds, more=False)
            after = account.number(page[-1].get("id"))
        return account.permissions(guilds, more=True)

    async def _ask(self, path: str) -> HttpAnswer:
        headers = {"Authorization": f"Bot {self._config.discord_token.reveal()}"}
        return await self._get(f"{self._config.discord_api_base}{path}", headers)
