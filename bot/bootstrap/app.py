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
from bot.domain.people import Person
from bot.errors import BotError, StorageError
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.inbound.reading import DiscordChannelReader
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
from bot.services.background import going_on
from bot.services.chat.service import ChatService
from bot.services.drawing.cards import CardService
from bot.services.drawing.service import DrawService
from bot.services.drawing.suggestions import DrawSuggestions
from bot.services.history.edits import HistoryService
from bot.services.history.retention import RetentionService
from bot.services.model.collector import PictureCollector
from bot.services.model.reader import Conversation
from bot.services.picture.keeper import PictureKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.buttons import ControlService
from bot.services.reply.recovery import RecoveryService
from bot.services.reply.undelivered import UndeliveredPictures
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from bot.services.turn.records import TurnRecords
from bot.services.turn.runner import TurnRunner
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService
from bot.services.usage.report import UsageService
from bot.storage.database.engine import Database, open_database
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
        stores = Stores(
            history=kept,
            turns=SqlTurnStore(database, unstored=files.delete),
            drawings=SqlDrawingStore(database),
        )
        keeper = PictureKeeper(files, stores.drawings, clock, keeping(config))
        transport = Transport(clock=clock)
        stack.push_async_callback(transport.close)
        pictures = PictureFetcher(clock=clock, allow=config.image_fetch_allow)
        stack.push_async_callback(pictures.close)
        coordinator = TurnCoordinator()
        budgets = EditBudgets(clock)
        models = open_models(config, transport)
        settings_store = SqlSettingsStore(database)
        settings = SettingsService(config.defaults, settings_store, clock, available=available_choices(config, models))
        reader = PanelReader(settings)
        panel_files = PanelFiles(SettingsFiles(settings, settings_store))
        panel = SettingsPanel(settings, reader, PanelChanges(settings, reader), panel_files)
        panel_typing = PanelTyping(settings, reader)
        conversation = Conversation(models, PictureCollector(pictures, keeper, clock), clock)
        user_key = user_keys(config)
        bot = FusionBot(config, coordinator=coordinator, budgets=budgets)

        def client() -> FusionBot:
            return bot

        def me() -> Person:
            user = bot.user
            return Person(id=user.id, name=user.display_name) if user is not None else Person(id=0, name="")

        records = TurnRecords(stores, keeper, clock, me=me)
        usage = SqlUsageStore(database)
        quota = QuotaService(usage, clock)
        charts = UsageCharts()
        runner = TurnRunner(records, coordinator, settings, quota, clock)
        starters = DiscordThreadStarters(client)
        draw = DrawService(runner, conversation, coordinator, stores, settings, quota, clock, user_key=user_key)
        chat = ChatService(runner, conversation, draw, stores.history, settings, starters, quota, user_key=user_key)
        desk = ReplyDesk(client, budgets, clock)
        undelivered = UndeliveredPictures(records, keeper, draw)
        control = ControlService(stores, coordinator, chat, draw, settings, quota, undelivered, clock)
        cards = CardService(stores, settings, conversation.capabilities_for)
        suggestions = DrawSuggestions(stores.drawings, settings, clock)
        history = HistoryService(stores, keeper, coordinator, chat, settings, clock, sink_for=desk.anew)
        finder = DiscordReplyFinder(client)
        recovery = RecoveryService(
            stores.turns, records, keeper, draw, quota, finder, ours=our_turns(config), sink_for=desk.anew
        )
        services = CogServices(
            chat=chat,
            draw=draw,
            cards=cards,
            suggestions=suggestions,
            controls=control,
            history=history,
            usage=UsageService(usage, quota, settings, clock),
            panel=panel,
            panel_typing=panel_typing,
            charts=charts,
            desk=desk,
            attachments=DiscordAttachments(),
            channel_reader=DiscordChannelReader(client),
        )
        bot.serve(services, recovery if serving else None)
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
        await stack.enter_async_context(going_on(keeper.keep_tidy(), "keep-pictures-tidy"))
        retention = RetentionService(SqlRetentionStore(database), files, settings, clock, ours=our_guilds(config))
        await stack.enter_async_context(going_on(retention.keep_forgetting(), "retention"))
        yield bot


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
