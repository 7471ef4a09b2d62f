"""The composition root: the one place that knows every adapter and puts them together."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from discord.ext import commands

from bot.client import FusionBot
from bot.clock import SystemClock
from bot.config import Config
from bot.domain.messages import Person
from bot.domain.ports import ChatModel
from bot.domain.turns import Turn
from bot.errors import BotError, StorageError
from bot.operations.health import HealthServer
from bot.presentation.edit_budget import EditBudgets
from bot.presentation.mending import DiscordReplyFinder
from bot.presentation.reading import DiscordChannelReader
from bot.presentation.replies import ReplyDesk
from bot.presentation.threads import DiscordThreadStarters
from bot.providers.chat_completions import ChatCompletionsModel
from bot.providers.fusion import FusionModel
from bot.providers.pictures import PictureFetcher
from bot.providers.transport import Transport
from bot.services.chat import ChatService
from bot.services.control import ControlService
from bot.services.conversation import Conversation
from bot.services.draw import DrawService
from bot.services.history import HistoryService
from bot.services.quota import QuotaService
from bot.services.records import Stores, TurnRecords
from bot.services.recovery import RecoveryService
from bot.services.runner import TurnRunner
from bot.services.settings import SettingsService
from bot.services.turns import TurnCoordinator
from bot.storage.drawings import SqlDrawingStore
from bot.storage.engine import Database, open_database
from bot.storage.history import SqlHistoryStore
from bot.storage.settings import SqlSettingsStore
from bot.storage.turns import SqlTurnStore
from bot.storage.usage import SqlUsageStore
from cogs.chat import ChatCog
from cogs.controls import ControlsCog
from cogs.draw import DrawCog
from cogs.history import HistoryCog

logger = logging.getLogger(__name__)

WARM_CONNECTIONS = 4
"""As many as the database's pool holds on SQLite."""


@asynccontextmanager
async def open_bot(config: Config) -> AsyncIterator[FusionBot]:
    """Put the bot together; leaving closes everything that was opened. The database must be migrated."""
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        database = await stack.enter_async_context(open_database(config.database_url))
        kept = SqlHistoryStore(database)
        stores = Stores(history=kept, turns=SqlTurnStore(database), drawings=SqlDrawingStore(database))
        transport = Transport(clock=clock)
        stack.push_async_callback(transport.close)
        pictures = PictureFetcher(clock=clock, allow=config.image_fetch_allow)
        stack.push_async_callback(pictures.close)
        coordinator = TurnCoordinator()
        budgets = EditBudgets(clock)
        settings = SettingsService(config.defaults, SqlSettingsStore(database), clock)
        conversation = Conversation(open_model(config, transport), pictures, clock)
        user_key = user_keys(config)

        def client() -> FusionBot:
            return bot

        def me() -> Person:
            user = bot.user
            return Person(id=user.id, name=user.display_name) if user is not None else Person(id=0, name="")

        def cogs(_: FusionBot) -> Sequence[commands.Cog]:
            return (
                ChatCog(bot, chat, desk),
                DrawCog(draw, desk),
                ControlsCog(control, desk),
                HistoryCog(bot, history, desk, DiscordChannelReader(client)),
            )

        records = TurnRecords(stores, clock, me=me)
        quota = QuotaService(SqlUsageStore(database), clock)
        runner = TurnRunner(records, coordinator, settings, quota, clock)
        starters = DiscordThreadStarters(client)
        draw = DrawService(runner, conversation, settings, quota, user_key=user_key)
        chat = ChatService(runner, conversation, draw, stores.history, settings, starters, quota, user_key=user_key)
        desk = ReplyDesk(client, budgets, clock)
        control = ControlService(stores, coordinator, chat, draw, clock)
        history = HistoryService(stores, coordinator, chat, settings, clock, sink_for=desk.anew)
        finder = DiscordReplyFinder(client)
        recovery = RecoveryService(stores.turns, records, finder, ours=_ours(config), sink_for=desk.anew)
        bot = FusionBot(config, coordinator=coordinator, budgets=budgets, recovery=recovery, cogs=cogs)
        if config.health_port:
            health = HealthServer(
                config.health_host, config.health_port, {"discord": _connected(bot), "database": _reachable(database)}
            )
            await health.start()
            stack.push_async_callback(health.stop)
        await warm_up(kept)
        yield bot


async def warm_up(history: SqlHistoryStore) -> None:
    """Open the database's connections and make its commonest statements ready, before a question waits for them."""
    # A fault here is told where it matters: when a turn can't be kept. `sync` needs no database at all.
    with suppress(StorageError):
        await history.prepare(WARM_CONNECTIONS)


def open_model(config: Config, transport: Transport) -> ChatModel:
    """Choose the model that the configuration names."""
    if config.provider == "fusion":
        if not config.miaohua_token:
            logger.warning("MIAOHUA_TOKEN is not set: drawings will be refused by the endpoint")
        return FusionModel(
            transport,
            url=config.fusion_url,
            api_key=config.fusion_api_secret_key.reveal(),
            auth_scheme=config.fusion_auth_scheme,
            miaohua_token=config.miaohua_token.reveal(),
        )
    return ChatCompletionsModel(
        transport,
        base_url=config.openai_base_url,
        api_key=config.openai_api_key.reveal(),
        chat_model=config.openai_chat_model,
        image_model=config.openai_image_model,
    )


def user_keys(config: Config) -> Callable[[int], str]:
    """Make the function that turns a Discord id into an opaque name: the same person, the same name, no way back.

    Keyed by the endpoint's own secret, so that two bots at one endpoint give different names.
    """
    secret = config.fusion_api_secret_key.reveal() or config.openai_api_key.reveal() or config.discord_token.reveal()
    key = hashlib.sha256(b"fusion-bot user key\0" + secret.encode()).digest()
    return lambda user: hmac.new(key, str(user).encode(), hashlib.sha256).hexdigest()[:32]


def _ours(config: Config) -> Callable[[Turn], bool]:
    """Say which turns are this process's: those of its shards (Discord documentation, Sharding Formula)."""
    count, ids = config.shard_count, config.shard_ids
    if count is None or ids is None:
        return lambda _: True
    return lambda turn: ((turn.guild_id or 0) >> 22) % count in ids


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
