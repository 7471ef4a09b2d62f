"""The composition root: the one place that knows every adapter and puts them together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from bot.bootstrap.models import available_choices, open_models, user_keys
from bot.bootstrap.shards import keeping, our_guilds, our_turns
from bot.client import FusionBot
from bot.clock import SystemClock
from bot.cog_services import CogServices
from bot.config import Config
from bot.errors import BotError, StorageError
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.inbound.reading import DiscordChannelReader
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
from bot.services.assembly import Policy, Ports, Services, build
from bot.services.background import going_on, within
from bot.services.history.retention import RetentionService
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.turn.backlog import LAST_TRY_S
from bot.services.turn.stores import Stores
from bot.storage.database.engine import Database, open_database
from bot.storage.stores.calibrations import SqlCalibrationStore
from bot.storage.stores.drawings import SqlDrawingStore
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.picture_files import DiskPictureFiles
from bot.storage.stores.retention import SqlRetentionStore
from bot.storage.stores.settings import SqlSettingsStore
from bot.storage.stores.turns import SqlTurnStore
from bot.storage.stores.usage import SqlUsageStore

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
        kept = SqlHistoryStore(database)
        files = DiskPictureFiles(config.pictures_dir, shared=config.shard_ids is not None)
        transport = Transport(clock=clock)
        stack.push_async_callback(transport.close)
        workshop = Workshop()
        stack.push_async_callback(workshop.close)
        pictures = PictureFetcher(clock=clock, workshop=workshop, allow=config.image_fetch_allow)
        stack.push_async_callback(pictures.close)
        models = open_models(config, transport)
        coordinator, budgets = TurnCoordinator(), EditBudgets(clock)
        wire = Wire(budgets.note_response)
        bot = FusionBot(config, coordinator=coordinator, wire=wire, stopping=pictures.stop)
        desk = ReplyDesk(bot, wire, budgets, clock)
        services = build(
            Ports(
                clock=clock,
                stores=Stores(
                    history=kept,
                    turns=SqlTurnStore(database, unstored=files.delete),
                    drawings=SqlDrawingStore(database),
                ),
                usage_store=SqlUsageStore(database),
                settings_store=SqlSettingsStore(database),
                calibration_store=SqlCalibrationStore(database),
                files=files,
                pictures=pictures,
                models=models,
                starters=DiscordThreadStarters(bot),
                finder=DiscordReplyFinder(bot, wire),
                coordinator=coordinator,
                me=bot.me,
                user_key=user_keys(config),
                sink_for=desk.anew,
                ours=our_turns(config),
            ),
            Policy(defaults=config.defaults, available=available_choices(config, models), keeping=keeping(config)),
        )
        bot.serve(cog_services(bot, services, desk, wire), services.recovery if serving else None)
        if not serving:
            yield bot
            return
        if config.health_port:
            from bot.operations.health import HealthServer  # aiohttp's server, 2 MB, for nothing else

            health = HealthServer(
                config.health_host, config.health_port, {"discord": _connected(bot), "database": _reachable(database)}
            )
            await health.start()
            stack.push_async_callback(health.stop)
        await warm_up(kept)
        await services.metering.load()
        stack.push_async_callback(within, LAST_TRY_S, services.metering.keep, "metering")
        await stack.enter_async_context(going_on(services.metering.keep_up(), "metering"))
        await stack.enter_async_context(going_on(services.backlog.keep_trying(), "backlog"))
        stack.push_async_callback(services.backlog.last_try)
        await stack.enter_async_context(going_on(services.keeper.keep_tidy(), "keep-pictures-tidy"))
        retention = RetentionService(
            SqlRetentionStore(database), files, services.settings, clock, ours=our_guilds(config)
        )
        await stack.enter_async_context(going_on(retention.keep_forgetting(), "retention"))
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
        usage=services.usage,
        panel=SettingsPanel(services.settings, reader, changes, PanelFiles(services.settings_files), wire),
        panel_typing=PanelTyping(services.settings, reader),
        charts=UsageCharts(),
        desk=desk,
        attachments=DiscordAttachments(),
        channel_reader=DiscordChannelReader(bot),
    )


async def warm_up(history: SqlHistoryStore) -> None:
    """Open the database's connections and make its commonest statements ready, before a question waits for them."""
    # A fault here is told where it matters: when a turn can't be kept.
    with suppress(StorageError):
        await history.prepare(WARM_CONNECTIONS)


def _connected(bot: FusionBot) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bot.is_ready() and not bot.is_closed()

    return check


def _reachable(database: Database) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        try:
            await database.check()
        except BotError:
            return False
        return True

    return check
