"""The composition root of ``python -m bot doctor``: gives the checks what they are made with."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import aiohttp

from bot.bootstrap.app import open_bot
from bot.bootstrap.models import open_model, reach_of
from bot.bootstrap.policy import exposure
from bot.clock import SystemClock
from bot.config import Config
from bot.library.commands import local_commands
from bot.operations.doctor.checks.database import check_database
from bot.operations.doctor.checks.discord import DiscordCheckup
from bot.operations.doctor.checks.machine import check_health_port, check_machine, read_machine
from bot.operations.doctor.checks.money import check_money
from bot.operations.doctor.checks.private import check_private
from bot.operations.doctor.command import Options, Section
from bot.operations.doctor.endpoint.checkup import DRAWING_TIMEOUT_S, EndpointCheckup, Tools
from bot.operations.doctor.endpoint.choice import in_force
from bot.operations.doctor.findings import Finding
from bot.operations.doctor.web import PROXY_NAMES, Web
from bot.presentation.commands import same_commands
from bot.presentation.words.languages import LANGUAGES, load_catalogue
from bot.providers.http.transport import Transport
from bot.providers.picture.address import is_public
from bot.providers.picture.fetcher import PictureFetcher
from bot.providers.picture.resolver import system_lookup
from bot.providers.picture.workshop import Workshop
from bot.storage.database.address import database_files
from bot.storage.disk.private import open_to_others
from bot.storage.schema.inspection import inspect_database

SECTION_DEADLINE_S = 150.0
"""Longer than all the waits of any section one after the other, the drawing aside."""
NO_DATABASE = "sqlite+aiosqlite:///file:/the-doctor-needs-no-database?mode=ro&uri=true"
"""Nothing is there and nothing is made: the bot's commands can be had without a database."""


@asynccontextmanager
async def open_sections(config: Config | None, options: Options) -> AsyncIterator[Sequence[Section]]:
    """Put the checks together; leaving closes every connection. Without a configuration only the machine is checked."""
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "DiscordBot (fusion-bot, doctor)"},  # Discord documentation, User Agent
            )
        )
        web = Web(session, clock, proxied=any(os.environ.get(proxy) for proxy in PROXY_NAMES))
        if config is None:
            yield [Section(title="Machine", run=partial(_machine, None, web), deadline_s=SECTION_DEADLINE_S)]
            return
        transport = Transport(clock=clock)
        stack.push_async_callback(transport.close)
        workshop = Workshop()
        stack.push_async_callback(workshop.close)
        pictures = PictureFetcher(clock=clock, workshop=workshop, reach=reach_of(config))
        stack.push_async_callback(pictures.close)
        asked = in_force(config)
        other = "raw" if config.fusion_auth_scheme == "bearer" else "bearer"
        tools = Tools(
            model=open_model(asked, transport),
            other_scheme=open_model(replace(asked, fusion_auth_scheme=other), transport)
            if asked.provider == "fusion"
            else None,
            pictures=pictures,
            get=web.get,
            is_public=_is_public,
            clock=clock,
        )
        discord = DiscordCheckup(config, get=web.get, hello=web.hello, agrees=partial(_agrees, config))
        endpoint = EndpointCheckup(config, tools, calls=options.calls, draw=options.draw)
        yield [
            Section(title="Discord", run=discord.run, deadline_s=SECTION_DEADLINE_S),
            Section(title="Endpoint", run=endpoint.run, deadline_s=SECTION_DEADLINE_S + DRAWING_TIMEOUT_S),
            Section(
                title="Database",
                run=partial(check_database, partial(inspect_database, config.database_url)),
                deadline_s=SECTION_DEADLINE_S,
            ),
            Section(title="Money", run=partial(_money, config), deadline_s=SECTION_DEADLINE_S),
            Section(title="Machine", run=partial(_machine, config, web), deadline_s=SECTION_DEADLINE_S),
        ]


async def _money(config: Config) -> list[Finding]:
    return check_money(*exposure(config))


async def _machine(config: Config | None, web: Web) -> list[Finding]:
    machine = await asyncio.to_thread(read_machine)
    findings = check_machine(machine, load_words=_load_words)
    if config is None:
        return findings
    paths = (*database_files(config.database_url), config.pictures_dir)
    private = await asyncio.to_thread(check_private, paths, open_to_others=open_to_others)
    return [*findings, *private, *await check_health_port(config, web.get)]


def _load_words() -> None:
    for name in LANGUAGES:
        load_catalogue(name)


async def _agrees(config: Config, registered: Sequence[Mapping[str, Any]]) -> bool:
    """Compare Discord's commands with those of the bot itself, which is put together without its database."""
    async with open_bot(replace(config, database_url=NO_DATABASE), serving=False) as bot:
        await bot.add_commands()
        local = await local_commands(bot.tree)
        await bot.close()
    return same_commands(local, registered)


async def _is_public(host: str, port: int) -> bool:
    return all(is_public(address) for address in await system_lookup(host, port))
