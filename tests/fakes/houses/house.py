"""All use cases over stores, a model and replies in memory, put together as the bot puts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bot.bootstrap.policy import allowed_models, total_quotas
from bot.bounds import Bounds
from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.model.ports import ChatModel
from bot.domain.model.request import Mode
from bot.domain.people import Place
from bot.domain.turn.ask import Ask, Reference
from bot.domain.turn.notice import PassingNotice, StandingRefusal
from bot.domain.turn.record import Turn, TurnState, Version
from bot.domain.usage.ports import UsageStore
from bot.errors import StorageError
from bot.services.assembly import Policy, Ports, Services, build
from bot.services.chat.service import ChatService
from bot.services.drawing.service import DrawService
from bot.services.history.edits import HistoryService
from bot.services.model.reader import Conversation
from bot.services.model.registry import Models
from bot.services.picture.keeper import PictureKeeper
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.buttons import ControlService
from bot.services.settings.service import SettingsService
from bot.services.turn.runner import TurnRunner
from bot.services.turn.stores import Stores
from bot.services.usage.quota import QuotaService
from tests.fakes.asks import HERE, ME
from tests.fakes.clock import START, FakeClock
from tests.fakes.model import FakeModel, FakePictures
from tests.fakes.reply.finder import FakeFinder
from tests.fakes.reply.replies import FakeReply, FakeSink
from tests.fakes.stores.calibrations import FakeCalibrationStore
from tests.fakes.stores.drawings import FakeDrawingStore, FakePictureFiles
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.notices import FakeNoticeStore, FakeRefusalStore
from tests.fakes.stores.places import FakeComparisonStore, FakeRemovalStore
from tests.fakes.stores.proxied import FakeProxyStore
from tests.fakes.stores.retention import FakeRetentionStore
from tests.fakes.stores.settings import FakeSettingsStore
from tests.fakes.stores.turns import FakeTurnStore
from tests.fakes.stores.usage import FakeUsageStore

GONE = StorageError("the disk is gone")
SEED = 4711
"""What is drawn with where nothing else is wished."""


def kept_turn(turn_id: int = 5000, **changes: object) -> Turn:
    """Make a turn of Ann's that has ended with "Hi" in the message 9000; ``changes`` are fields of ``Turn``."""
    plain = Turn(
        id=turn_id,
        channel_id=HERE.channel_id,
        guild_id=HERE.guild_id,
        asker_id=11,
        asker_name="Ann",
        mode=Mode.CHAT,
        state=TurnState.COMPLETE,
        prompt="hello",
        locale="en-US",
        created_at=START,
        updated_at=START,
        text="Hi",
        reply_ids=(9000,),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of Turn


class FakeStarters:
    """Fulfils ``ThreadStarters``."""

    def __init__(self) -> None:
        self.found: Reference | None = None
        self.asked: list[int] = []

    async def starter(self, place: Place) -> Reference | None:
        self.asked.append(place.channel_id)
        return self.found


class FakeSurroundings:
    """Fulfils ``Surroundings``."""

    def __init__(self) -> None:
        self.channels: list[Place] = []
        """Where both can write."""
        self.reacted: list[int] = []
        self.reacts = True
        self.signs_taken_back: list[int] = []
        self.taken_away: list[int] = []
        self.takes_away = True

    def open_to(self, ask: Ask) -> Iterator[Place]:
        return iter([place for place in self.channels if place.channel_id != ask.place.channel_id])

    async def react(self, ask: Ask) -> bool:
        self.reacted.append(ask.id)
        return self.reacts

    async def take_back_sign(self, refusal: StandingRefusal) -> None:
        self.signs_taken_back.append(refusal.prompt_id)

    async def take_away(self, notice: PassingNotice) -> bool:
        self.taken_away.append(notice.message_id)
        return self.takes_away


class House:
    """The services; ``operator`` holds settings by key and may be changed before each turn.

    So may ``bounds``, which are what the operator allows at most. ``endpoint`` is asked instead of ``model``.
    """

    def __init__(
        self,
        *,
        operator: dict[str, Any] | None = None,
        side_by_side: int = 1,
        waiting: int = 1,
        endpoint: ChatModel | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.operator = operator or {}
        self.bounds = bounds or Bounds()
        self.clock = FakeClock()
        self.history = FakeHistoryStore()
        self.drawings = FakeDrawingStore()
        self.files = FakePictureFiles()
        self.usage = FakeUsageStore()
        self.usage_store: UsageStore = self.usage
        self.turns = FakeTurnStore(self.history, self.drawings, self.files, self.usage)
        self.kept_settings = FakeSettingsStore()
        self.comparisons = FakeComparisonStore(self.history)
        self.removals = FakeRemovalStore(self.history, self.turns, self.drawings)
        self.model = FakeModel()
        self.endpoint: ChatModel = endpoint or self.model
        self.pictures = FakePictures()
        self.starters = FakeStarters()
        self.surroundings = FakeSurroundings()
        self.notices = FakeNoticeStore()
        self.refusals = FakeRefusalStore()
        self.retention = FakeRetentionStore(self.history, self.turns, self.drawings, self.refusals)
        self.proxied = FakeProxyStore(self.history, self.turns)
        self.calibrations = FakeCalibrationStore()
        self.coordinator = TurnCoordinator(side_by_side=side_by_side, waiting=waiting)
        self.stores = Stores(history=self.history, turns=self.turns, drawings=self.drawings)
        self.finder = FakeFinder()
        self.ours: Callable[[Turn], bool] = lambda _: True
        self.our_guilds: Callable[[int | None], bool] = lambda _: True
        self.random_seed: Callable[[], int] = lambda: SEED
        self._built: tuple[dict[str, Any], Bounds, Services] | None = None
        self.sinks: list[FakeSink] = []
        self.opened: list[tuple[Ask, int, tuple[int, ...]]] = []
        """What was asked of ``sink_for``: the ask, the version and the messages that stand."""
        self.prepare: Callable[[FakeReply], None] | None = None
        """Sets each reply of ``sink_for``'s up before it is used."""

    @property
    def services(self) -> Services:
        """The use cases as the bot puts them together; anew when the operator's settings have changed."""
        if self._built is None or self._built[:2] != (self.operator, self.bounds):
            self._built = dict(self.operator), self.bounds, self._build()
        return self._built[2]

    def restart(self) -> Services:
        """Put the use cases together as the next process does, which knows nothing yet."""
        self._built = None
        return self.services

    def _build(self) -> Services:
        ports = Ports(
            clock=self.clock,
            stores=self.stores,
            usage_store=self.usage_store,
            settings_store=self.kept_settings,
            calibration_store=self.calibrations,
            comparisons=self.comparisons,
            removal_store=self.removals,
            retention_store=self.retention,
            notice_store=self.notices,
            refusal_store=self.refusals,
            proxy_store=self.proxied,
            files=self.files,
            pictures=self.pictures,
            models=Models({"fusion": self.endpoint}, default="fusion"),
            starters=self.starters,
            surroundings=self.surroundings,
            finder=self.finder,
            coordinator=self.coordinator,
            me=lambda: ME,
            user_key=lambda user: f"key-{user}",
            sink_for=self.sink_for,
            ours=self.ours,
            our_guilds=self.our_guilds,
            random_seed=self.random_seed,
        )
        policy = Policy(
            defaults=self.operator,
            available=allowed_models(self.bounds),
            ceilings=self.bounds.ceilings,
            totals=total_quotas(self.bounds),
        )
        return build(ports, policy)

    @property
    def settings(self) -> SettingsService:
        return self.services.settings

    @property
    def quota(self) -> QuotaService:
        return self.services.quota

    @property
    def keeper(self) -> PictureKeeper:
        return self.services.keeper

    @property
    def runner(self) -> TurnRunner:
        return self.services.runner

    @property
    def conversation(self) -> Conversation:
        return self.services.conversation

    @property
    def draw(self) -> DrawService:
        return self.services.draw

    @property
    def chat(self) -> ChatService:
        return self.services.chat

    def control(self) -> ControlService:
        return self.services.controls

    def follower(self) -> HistoryService:
        """Return the service that follows edits and deletes."""
        return self.services.history

    def sink_for(self, ask: Ask, version: int, reply_ids: tuple[int, ...]) -> FakeSink:
        """Open a turn's reply anew."""
        self.opened.append((ask, version, reply_ids))
        sink = FakeSink(first_id=9900, prepare=self.prepare)
        self.sinks.append(sink)
        return sink

    @property
    def reply(self) -> FakeReply:
        """The newest reply that ``sink_for`` opened."""
        return self.sinks[-1].reply

    @property
    def said(self) -> list[tuple[Role, str]]:
        """The history as it stands, all channels, oldest first."""
        kept = [message for _, message in sorted(self.history.messages.items())]
        return [(message.role, message.text) for message in kept if message.deleted_at is None and message.text]

    @property
    def sent(self) -> list[tuple[Role, str]]:
        """The messages of the newest request to the model."""
        return [(message.role, message.content) for message in self.model.requests[-1].messages]

    def keep(self, *lines: HistoryMessage) -> None:
        self.history.messages.update({(line.channel_id, line.id): line for line in lines})

    def keep_turn(self, turn: Turn, *older: str) -> None:
        """Keep a turn as it has ended, with its lines of history; ``older`` are the texts of the versions before."""
        self.turns.turns[turn.id] = turn
        for number, text in enumerate((*older, turn.text), 1):
            self.turns.kept_versions[turn.id, number] = Version(
                turn_id=turn.id,
                number=number,
                text=text,
                state=turn.state,
                reason=turn.reason,
                error_kind=turn.error_kind,
                created_at=START,
            )
        self.keep(
            HistoryMessage(
                id=turn.id,
                channel_id=turn.channel_id,
                guild_id=turn.guild_id,
                author_id=turn.asker_id,
                author_name=turn.asker_name,
                role=Role.USER,
                text=turn.prompt,
                created_at=turn.created_at,
            )
        )
        if turn.reply_ids and turn.text:
            self.keep(
                HistoryMessage(
                    id=turn.reply_ids[0],
                    channel_id=turn.channel_id,
                    guild_id=turn.guild_id,
                    author_id=ME.id,
                    author_name=ME.name,
                    role=Role.ASSISTANT,
                    text=turn.text,
                    created_at=turn.created_at,
                    reply_to=turn.id,
                )
            )

    def fail(self) -> None:
        """Let the database be gone."""
        for store in (self.history, self.turns, self.drawings, self.usage, self.calibrations):
            store.failing = GONE

    def mend(self) -> None:
        """Let the database be back."""
        for store in (self.history, self.turns, self.drawings, self.usage, self.calibrations):
            store.failing = None


async def cancel(*tasks: asyncio.Task[None]) -> None:
    """End tasks that would go on for ever."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
