"""The composition root: the one place that knows every adapter and puts them together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from bot.bootstrap.models import open_models, reach_of, user_keys
from bot.bootstrap.policy import policy_of
from bot.bootstrap.shards import our_guilds, our_shards, our_turns
from bot.client import FusionBot
from bot.clock import BootClock, SystemClock
from bot.cog_services import CogServices
from bot.config import Config
from bot.errors import BotError, StorageError
from bot.operations.processes import is_gone, this_process
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.inbound.reading import DiscordChannelReader
from bot.presentation.outbound.surroundings import DiscordSurroundings
from bot.presentation.outbound.wire import Wire
from bot.presentation.reply.budget import EditBudgets
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.reply.finder import DiscordReplyFinder
from bot.presentation.reply.threads import DiscordThreadStarters
from bot.presentation.settings.changes import PanelChanges
from bot.presentation.settings.files import PanelFiles
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.typing.options import PanelTyping
from bot.presentation.usage.painter import UsageCharts
from bot.providers.http.transport import Transport
from bot.providers.picture.fetcher import PictureFetcher
from bot.providers.picture.workshop import Workshop
from bot.services.assembly import Ports, Services, build
from bot.services.background import going_on, within
from bot.services.drawing.painting import CALLS_AT_ONCE
from bot.services.history.retention import RetentionService
from bot.services.lease.keeper import LeaseKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.turn.backlog import LAST_TRY_S
from bot.services.turn.stores import Stores
from bot.storage.database.address import name_database
from bot.storage.database.engine import Database, open_database
from bot.storage.disk.folder import claim_folder
from bot.storage.disk.pictures import DiskPictureFiles
from bot.storage.lease.store import SqlLeaseStore
from bot.storage.notices.refusals import SqlRefusalStore
from bot.storage.notices.store import SqlNoticeStore
from bot.storage.stores.calibrations import SqlCalibrationStore
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.places.comparisons import SqlComparisonStore
from bot.storage.stores.places.removals import SqlRemovalStore
from bot.storage.stores.proxied import SqlProxyStore
from bot.storage.stores.retention import SqlRetentionStore
from bot.storage.stores.settings import SqlSettingsStore
from bot.storage.stores.turns import SqlTurnStore
from bot.storage.stores.usage import SqlUsageStore

logger = logging.getLogger(__name__)

INCOMING = "incoming"
"""The folder, in that of the pictures, of what is downloaded: on the same disk."""
WARM_CONNECTIONS = 4
"""As many as the database's pool holds on SQLite."""


@asynccontextmanager
async def open_bot(config: Config, *, serving: bool = True) -> AsyncIterator[FusionBot]:
    """Put the bot together; leaving closes everything that was opened. The database must be migrated.

    One that is not ``serving`` is there for its commands alone: it touches no turn, database, file or port, and may
    so be opened beside one that is.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        database = await stack.enter_async_context(open_database(config.database_url))
        shards, ticking = our_shards(config), BootClock()
        lease = LeaseKeeper(SqlLeaseStore(database, clock), shards, this_process(), ticking, is_gone=is_gone)
        if serving:
            # Given back as the last thing: until then turns are closed under it.
            stack.push_async_callback(within, LAST_TRY_S, partial(_give_back, lease), "give-back-lease")
            await stack.enter_async_context(going_on(lease.keep(), "lease"))
        kept = SqlHistoryStore(database)
        folder = await _pictures_folder(config, serving=serving)
        files = DiskPictureFiles(folder, shared=config.shard_ids is not None)
        transport = Transport(clock=clock, connections=2 * config.turns_at_once + CALLS_AT_ONCE)
        stack.push_async_callback(transport.close)
        workshop = Workshop()
        stack.push_async_callback(workshop.close)
        pictures = PictureFetcher(
            clock=clock,
            workshop=workshop,
            reach=reach_of(config),
            folder=folder / INCOMING if serving else None,
        )
        stack.push_async_callback(pictures.close)
        models = open_models(config, transport)
        coordinator = TurnCoordinator(at_once=config.turns_at_once, user_at_once=config.turns_at_once_per_person)
        budgets = EditBudgets(clock)
        wire = Wire(budgets.note_response, sure=lease.sure, whole=budgets.whole)
        bot = FusionBot(config, coordinator=coordinator, wire=wire, stopping=pictures.stop)
        desk = ReplyDesk(bot, wire, budgets, clock)
        services = build(
            Ports(
                clock=clock,
                stores=Stores(
                    history=kept,
                    turns=SqlTurnStore(database, unstored=files.delete, fence=lease.fence),
                    drawings=SqlDrawingStore(database, fence=lease.fence),
                ),
                usage_store=SqlUsageStore(database),
                settings_store=SqlSettingsStore(database),
                calibration_store=SqlCalibrationStore(database),
                comparisons=SqlComparisonStore(database),
                removal_store=SqlRemovalStore(database),
                retention_store=SqlRetentionStore(database),
                notice_store=SqlNoticeStore(database),
                refusal_store=SqlRefusalStore(database),
                proxy_store=SqlProxyStore(database),
                files=files,
                pictures=pictures,
                models=models,
                starters=DiscordThreadStarters(bot),
                surroundings=DiscordSurroundings(bot, wire),
                finder=DiscordReplyFinder(bot, wire),
                coordinator=coordinator,
                me=bot.me,
                user_key=user_keys(config),
                sink_for=desk.anew,
                ours=our_turns(config),
                our_guilds=our_guilds(config),
            ),
            policy_of(config, models),
        )
        desk.stand_in = services.proxies.stand_in
        cogs = cog_services(bot, services, desk, wire)
        if not serving:
            bot.serve(cogs)
            yield bot
            return
        bot.serve(cogs, services.recovery, lease)
        if config.health_port:
            from bot.operations.health import HealthServer  # aiohttp's server, 2 MB, for nothing else

            checks = {"discord": _connected(bot), "database": _keeping(database)}
            health = HealthServer(config.health_host, config.health_port, checks, waiting=lambda: lease.waiting)
            await health.start()
            stack.push_async_callback(health.stop)
        await stack.enter_async_context(going_on(database.keep_wiped(clock.sleep), "wipe"))
        await warm_up(kept)
        await services.metering.load()
        stack.push_async_callback(within, LAST_TRY_S, services.metering.keep, "metering")
        await stack.enter_async_context(going_on(services.metering.keep_up(), "metering"))
        await stack.enter_async_context(going_on(services.backlog.keep_trying(), "backlog"))
        stack.push_async_callback(services.backlog.last_try)
        await stack.enter_async_context(going_on(_keep_tidy(services, lease), "keep-pictures-tidy"))
        await stack.enter_async_context(going_on(services.notices.keep_up(), "notices"))
        retention = RetentionService(
            SqlRetentionStore(database), files, services.settings, clock, ours=our_guilds(config)
        )
        await stack.enter_async_context(going_on(retention.keep_forgetting(), "retention"))
        await stack.enter_async_context(going_on(services.removals.keep_clearing(), "removals"))
        yield bot


def cog_services(bot: FusionBot, services: Services, desk: ReplyDesk, wire: Wire) -> CogServices:
    """Return what the cogs work with."""
    reader = PanelReader(services.settings)
    changes = PanelChanges(services.settings, reader)
    return CogServices(
        chat=services.chat,
        draw=services.draw,
        cards=services.cards,
        suggestions=services.suggestions,
        controls=services.controls,
        history=services.history,
        edited_questions=services.edited_questions,
        proxies=services.proxies,
        catch_up=services.catch_up,
        removals=services.removals,
        usage=services.usage,
        panel=SettingsPanel(services.settings, reader, changes, PanelFiles(services.settings_files), wire),
        panel_typing=PanelTyping(services.settings, reader),
        charts=UsageCharts(),
        desk=desk,
        attachments=DiscordAttachments(),
        channel_reader=DiscordChannelReader(bot),
        lookup=ChannelLookup(bot),
    )


async def _pictures_folder(config: Config, *, serving: bool) -> Path:
    """Find the folder of this database's pictures; only a bot that serves makes and marks it."""
    if not serving:
        return config.pictures_dir
    name = name_database(config.database_url, seen_from=config.pictures_dir)
    return await asyncio.to_thread(claim_folder, config.pictures_dir, name)


async def warm_up(history: SqlHistoryStore) -> None:
    """Open the database's connections and make its commonest statements ready, before a question waits for them."""
    # A fault here is told where it matters: when a turn can't be kept.
    with suppress(StorageError):
        await history.prepare(WARM_CONNECTIONS)


async def _keep_tidy(services: Services, lease: LeaseKeeper) -> None:
    await lease.until_taken()  # what is in the folder may be on its way by the process that has it
    await services.keeper.keep_tidy()


async def _give_back(lease: LeaseKeeper) -> None:
    try:
        await lease.release()
    except StorageError as error:
        logger.warning("the lease could not be given back; the next start finds out: %s", error)


def _connected(bot: FusionBot) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bot.is_ready() and not bot.is_closed()

    return check


def _keeping(database: Database) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        try:
            await database.check_writing()
        except BotError:
            return False
        return True

    return check
