"""Puts the use cases together: the same way for the real bot and for the tests, which bring ports in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.clock import Clock
from bot.domain.history.ports import ComparisonStore, RemovalStore, RetentionStore
from bot.domain.model.ports import CalibrationStore
from bot.domain.people import User
from bot.domain.picture.ports import PictureFiles, PictureSource
from bot.domain.settings.layers import Layer
from bot.domain.settings.ports import SettingsStore
from bot.domain.turn.ports import NoticeStore, ProxyStore, RefusalStore, ReplyFinder, Surroundings, ThreadStarters
from bot.domain.turn.record import Turn
from bot.domain.usage.ports import UsageStore
from bot.domain.usage.quota import NO_LIMITS, Quotas
from bot.services.chat.context import ContextReader
from bot.services.chat.gathering import Gathering
from bot.services.chat.service import ChatService
from bot.services.drawing.cards import CardService
from bot.services.drawing.painting import CALLS_AT_ONCE, Painter
from bot.services.drawing.planner import DrawingPlanner, random_seed
from bot.services.drawing.service import DrawService
from bot.services.drawing.suggestions import DrawSuggestions
from bot.services.history.catch_up import CatchUpService
from bot.services.history.edited import EditedQuestions
from bot.services.history.edits import HistoryService
from bot.services.history.proxies import ProxyService
from bot.services.history.removals import RemovalService
from bot.services.model.collector import PictureCollector
from bot.services.model.metering import Metering
from bot.services.model.reader import Conversation
from bot.services.model.registry import Models
from bot.services.model.windows import Windows
from bot.services.picture.keeper import Keeping, PictureKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.queue.slots import FairSlots
from bot.services.reply.again import SinkFor
from bot.services.reply.buttons import ControlService
from bot.services.reply.recovery import RecoveryService
from bot.services.reply.standing import StandingReplies
from bot.services.reply.undelivered import UndeliveredPictures
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from bot.services.turn.backlog import Backlog
from bot.services.turn.filter import WordFilter
from bot.services.turn.notices import PassingNotices
from bot.services.turn.presses import PressGate
from bot.services.turn.records import TurnRecords
from bot.services.turn.refusals import RefusalService
from bot.services.turn.remembering import RememberingHistory
from bot.services.turn.runner import TurnRunner
from bot.services.turn.standing import StandingRefusals
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService
from bot.services.usage.report import UsageService


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the use cases need of the world.

    ``me`` returns the bot's own user, as far as it is known; ``user_key`` an opaque name for a Discord id; ``sink_for``
    opens a turn's reply anew; ``ours`` whether this process is the one that answers in a turn's place, and
    ``our_guilds`` in a guild (None: outside of guilds).
    """

    clock: Clock
    stores: Stores
    usage_store: UsageStore
    settings_store: SettingsStore
    calibration_store: CalibrationStore
    comparisons: ComparisonStore
    removal_store: RemovalStore
    retention_store: RetentionStore
    notice_store: NoticeStore
    refusal_store: RefusalStore
    proxy_store: ProxyStore
    files: PictureFiles
    pictures: PictureSource
    models: Models
    starters: ThreadStarters
    surroundings: Surroundings
    finder: ReplyFinder
    coordinator: TurnCoordinator
    me: Callable[[], User]
    user_key: Callable[[int], str]
    sink_for: SinkFor
    ours: Callable[[Turn], bool] = lambda _: True
    our_guilds: Callable[[int | None], bool] = lambda _: True
    random_seed: Callable[[], int] = random_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator has decided: the defaults of settings, the choices there are, how pictures are kept.

    ``ceilings`` are what settings may be at most, where that is set apart from the default; ``totals`` are the quotas
    over all places together.
    """

    defaults: Layer = field(default_factory=dict)
    available: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ceilings: Layer = field(default_factory=dict)
    totals: Quotas = NO_LIMITS
    keeping: Keeping = field(default_factory=Keeping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases, and what they share."""

    settings: SettingsService
    settings_files: SettingsFiles
    metering: Metering
    quota: QuotaService
    keeper: PictureKeeper
    backlog: Backlog
    notices: PassingNotices
    records: TurnRecords
    runner: TurnRunner
    conversation: Conversation
    planner: DrawingPlanner
    chat: ChatService
    draw: DrawService
    cards: CardService
    suggestions: DrawSuggestions
    controls: ControlService
    history: HistoryService
    edited_questions: EditedQuestions
    proxies: ProxyService
    catch_up: CatchUpService
    removals: RemovalService
    usage: UsageService
    recovery: RecoveryService


def build(ports: Ports, policy: Policy) -> Services:
    """Make every use case of its ports; nothing is opened or started."""
    clock, coordinator = ports.clock, ports.coordinator
    backlog = Backlog(ports.stores)
    stores = replace(ports.stores, history=RememberingHistory(ports.stores.history, backlog))
    settings = SettingsService(
        policy.defaults, ports.settings_store, clock, available=policy.available, ceilings=policy.ceilings
    )
    metering = Metering(ports.calibration_store, ports.models, clock)
    quota = QuotaService(ports.usage_store, metering, clock, totals=policy.totals)
    keeper = PictureKeeper(ports.files, stores.drawings, clock, policy.keeping)
    records = TurnRecords(stores, backlog, keeper, clock, me=ports.me)
    notices = PassingNotices(ports.notice_store, ports.surroundings, clock)
    standing_refusals = StandingRefusals(ports.refusal_store, notices, ports.surroundings, backlog, clock)
    refusals = RefusalService(settings, ports.surroundings, notices, standing_refusals, clock)
    runner = TurnRunner(records, coordinator, settings, quota, refusals, clock)
    conversation = Conversation(ports.models, PictureCollector(ports.pictures, keeper, clock), metering, clock)
    capabilities = conversation.capabilities_for
    planner = DrawingPlanner(stores, settings, capabilities, random_seed=ports.random_seed)
    painter = Painter(conversation, FairSlots(CALLS_AT_ONCE), clock)
    windows, words = Windows(clock), WordFilter()
    draw = DrawService(
        runner, planner, painter, coordinator, stores, quota, metering, windows, words, clock, user_key=ports.user_key
    )
    context = ContextReader(stores.history, ports.starters, metering, words)
    gathering = Gathering(records, stores.turns, settings, coordinator, clock)
    chat = ChatService(
        runner,
        context,
        conversation,
        planner,
        draw,
        quota,
        windows,
        gathering,
        user_key=ports.user_key,
        sink_for=ports.sink_for,
    )
    undelivered = UndeliveredPictures(records, keeper, planner)
    gate = PressGate(stores.turns, backlog, settings, quota)
    standing = StandingReplies(stores, backlog, undelivered, clock)
    proxies = ProxyService(ports.proxy_store, stores.turns, stores.history, backlog, clock)
    history = HistoryService(
        stores, backlog, keeper, coordinator, chat, settings, standing_refusals, proxies, clock, sink_for=ports.sink_for
    )
    return Services(
        settings=settings,
        settings_files=SettingsFiles(settings, ports.settings_store),
        metering=metering,
        quota=quota,
        keeper=keeper,
        backlog=backlog,
        notices=notices,
        records=records,
        runner=runner,
        conversation=conversation,
        planner=planner,
        chat=chat,
        draw=draw,
        cards=CardService(stores, settings, capabilities),
        suggestions=DrawSuggestions(stores.drawings, settings, clock),
        controls=ControlService(stores.turns, coordinator, gate, chat, draw, standing),
        history=history,
        edited_questions=EditedQuestions(stores.turns, coordinator, settings, clock),
        proxies=proxies,
        catch_up=CatchUpService(stores, ports.comparisons, backlog, history, clock),
        removals=RemovalService(
            ports.removal_store,
            ports.retention_store,
            ports.files,
            stores.turns,
            backlog,
            coordinator,
            clock,
            ours=ports.our_guilds,
        ),
        usage=UsageService(ports.usage_store, quota, settings, clock),
        recovery=RecoveryService(
            stores.turns,
            backlog,
            records,
            keeper,
            undelivered,
            quota,
            ports.finder,
            ours=ports.ours,
            sink_for=ports.sink_for,
        ),
    )
