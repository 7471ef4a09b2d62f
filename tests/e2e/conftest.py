"""The real process, ``python -m bot run``, against the sandbox over real sockets."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path

import aiosqlite
import pytest
import pytest_asyncio

from sandbox.discord import LocalDiscord
from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.state.records import Channel, Message, User
from sandbox.endpoint import Behaviour, LocalEndpoint
from tests.e2e.prepared import Forked, Prepared, open_prepared

ROOT = Path(__file__).parents[2]
LOG = ROOT / ".build" / "e2e-requests.jsonl"
"""What all these tests sent to Discord; CI holds it against Discord's own specification."""

PATIENCE_S = 45.0
"""How long is waited for what should come about in an instant: a machine may be busy."""


class Bot:
    """The bot as a process of its own: by its command line, or forked from ``prepared`` where that is given."""

    def __init__(
        self, discord: LocalDiscord, environment: Mapping[str, str], folder: Path, prepared: Prepared | None = None
    ) -> None:
        self.discord = discord
        self.environment = dict(environment)
        self.folder = folder
        self.log_path = folder / "bot.log"
        self._prepared = prepared
        self._process: asyncio.subprocess.Process | Forked | None = None

    @property
    def log(self) -> str:
        """Everything that every run of it has logged."""
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; returns at once."""
        if self._prepared is not None:
            self._process = await self._prepared.start(self.environment, self.folder, self.log_path)
            return
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )

    async def end(self, number: signal.Signals = signal.SIGTERM, *, timeout_s: float = PATIENCE_S) -> int:
        """Send a signal and wait; returns the exit code. One that runs no more gives its code."""
        process = self._process
        assert process is not None
        if process.returncode is None:
            process.send_signal(number)
        async with asyncio.timeout(timeout_s):
            code = await process.wait()
            await self._gone()
        return code

    async def wait(self, *, timeout_s: float = PATIENCE_S) -> int:
        """Wait until it ends by itself; returns the exit code."""
        assert self._process is not None
        async with asyncio.timeout(timeout_s):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it for certain."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
            await self._gone()

    async def _gone(self) -> None:
        """Wait until Discord has noticed: its session would be taken for the next start's."""
        while self.discord.gateway.connected:  # noqa: ASYNC110  # a listener would stay for good
            await asyncio.sleep(0.01)


class Stage:
    """A local Discord, a local endpoint and the bot between them."""

    def __init__(self, discord: LocalDiscord, endpoint: LocalEndpoint, bot: Bot, database: Path) -> None:
        self.discord = discord
        self.endpoint = endpoint
        self.bot = bot
        self.database = database
        self.general = discord.world.channel("general")
        self._channels = len(discord.world.guild().channels)

    @property
    def alice(self) -> User:
        return self.discord.world.person("alice")

    def new_general(self) -> None:
        """Open another channel to talk in, whose history is empty."""
        world = self.discord.world
        old = world.channel("general")
        self._channels += 1  # counted: the id of a channel that is deleted never comes again
        number = self._channels
        fresh = replace(old, id=old.id + 1000 + number, name=f"general-{number}", messages={}, last_message_id=None)
        world.channels[fresh.id] = world.guild().channels[fresh.id] = fresh
        publish_channel(world, "CHANNEL_CREATE", fresh)
        self.general = fresh

    async def connected(self) -> None:
        """Wait until the bot holds a session."""
        async with asyncio.timeout(PATIENCE_S):
            while not self.discord.gateway.connected:
                assert self.bot.running, self.bot.log
                await asyncio.sleep(0.02)

    async def until(self, found: Callable[[], bool], *, timeout_s: float = PATIENCE_S) -> None:
        """Wait until something is so in the world; on failure the bot's log is shown."""
        try:
            await self.discord.world.wait_for(lambda: found() or None, timeout_s=timeout_s)
        except TimeoutError:
            pytest.fail(f"it did not come about; the bot's log:\n{self.bot.log}", pytrace=True)

    async def mention(
        self, text: str, *, user: User | None = None, channel: Channel | None = None, reply_to: Message | None = None
    ) -> Message:
        """Say something to the bot."""
        world = self.discord.world
        return await world.say(
            user or self.alice, channel or self.general, f"{world.bot.mention} {text}", reply_to=reply_to
        )

    async def answer(self, prompt: Message, *, holds: str = "", timeout_s: float = PATIENCE_S) -> Message:
        """Wait until the turn of a prompt has ended and return its first message."""
        await self.ended(prompt.id, timeout_s=timeout_s)
        reply = self.discord.world.reply_to(prompt)
        assert reply is not None, self.bot.log
        assert holds in reply.content, reply.content
        return reply

    async def ended(self, turn: int, *, timeout_s: float = PATIENCE_S) -> str:
        """Wait until a turn is closed in the database; returns its state."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    rows = await self.rows("SELECT state FROM turns WHERE id = ?", turn)
                    if rows and rows[0][0] not in ("queued", "streaming"):
                        return str(rows[0][0])
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pytest.fail(f"the turn did not end; the bot's log:\n{self.bot.log}", pytrace=True)

    async def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Look into the bot's database."""
        if not self.database.exists():
            return []
        async with aiosqlite.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            try:
                return [tuple(row) for row in await connection.execute_fetchall(query, values)]
            except aiosqlite.OperationalError:
                return []  # not migrated yet


def environment(discord: LocalDiscord, endpoint: LocalEndpoint, database: Path) -> dict[str, str]:
    """Everything that the bot is told, and nothing of this process's own environment but what Python needs."""
    return {
        **{name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error::ResourceWarning",
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_BASE": discord.api_base,
        "PROVIDER": "fusion",
        "FUSION_URL": endpoint.fusion_url,
        "FUSION_API_SECRET_KEY": endpoint.fusion_key,
        "MIAOHUA_TOKEN": endpoint.miaohua_token,
        "OPENAI_BASE_URL": endpoint.openai_base_url,
        "OPENAI_API_KEY": endpoint.openai_key,
        "OPENAI_CHAT_MODEL": "local-chat",
        "IMAGE_FETCH_ALLOW": endpoint.base_url.removeprefix("http://"),
        "IMAGE_FETCH_IN_TEXT": endpoint.base_url.removeprefix("http://"),
        "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "LOG_LEVEL": "DEBUG",
        # Tests ask faster than people: what comes at once is not meant to be one question.
        "DEFAULT_JOIN_WITHIN_S": "0",
    }


_RECONNECTS = re.compile(r"^\S+ ERROR discord\.\w+: Attempting a reconnect\b.*\n(?: +\| .*\n)*", re.MULTILINE)


def tracebacks(log: str) -> bool:
    """Whether anything but a lost connection left a traceback.

    Discord stands still while a worker runs tests in other loops than the stage's, and the library logs a traceback
    if a reconnect times out meanwhile.
    """
    return "Traceback" in _RECONNECTS.sub("", log)


class Way(Enum):
    """How the bot is started."""

    FORKED = "forked"
    """From a process that is prepared for it, for a quarter of the CPU time; on Linux."""
    COMMAND_LINE = "command line"
    """``python -m bot run``, as people start it."""


@asynccontextmanager
async def open_stage(
    folder: Path, way: Way = Way.FORKED, /, *, start: bool = True, **changes: str
) -> AsyncIterator[Stage]:
    """Set everything up; ``changes`` go into the bot's environment."""
    LOG.parent.mkdir(exist_ok=True)
    database = folder / "data" / "bot.db"
    quick = Behaviour(tokens_per_s=1000)  # still in pieces; a test that wants to see it grow scripts that
    async with (
        LocalDiscord(port=0, log_path=LOG) as discord,
        LocalEndpoint(port=0, seed=1, behaviour=quick) as endpoint,
    ):
        prepared = None if way is Way.COMMAND_LINE else _prepared.get("process")
        bot = Bot(discord, {**environment(discord, endpoint, database), **changes}, folder, prepared)
        stage = Stage(discord, endpoint, bot, database)
        try:
            if start:
                await bot.start()
                await stage.connected()
            yield stage
            secrets = (discord.token, endpoint.fusion_key, endpoint.miaohua_token, endpoint.openai_key)
            assert not [secret for secret in secrets if secret in bot.log], "a secret in the log"
            assert not tracebacks(bot.log), bot.log
        finally:
            await bot.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all these tests in one loop: they share a stage, and starting the bot for each would take minutes."""
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


_prepared: dict[str, Prepared | None] = {}


@pytest_asyncio.fixture(loop_scope="session", scope="session", autouse=True)
async def prepared() -> AsyncIterator[None]:
    """Have a process that bots are forked from, for all stages of this session."""
    async with open_prepared() as process:
        _prepared["process"] = process
        yield
        del _prepared["process"]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One stage for all the tests that leave the bot running."""
    async with open_stage(tmp_path_factory.mktemp("stage"), Way.COMMAND_LINE) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(shared_stage: Stage) -> AsyncIterator[Stage]:
    """The shared stage, with a channel of the test's own in the place of #general and nothing scripted."""
    shared_stage.endpoint.clear()
    shared_stage.discord.faults.clear()
    shared_stage.discord.log.clear()
    shared_stage.new_general()
    yield shared_stage
    assert shared_stage.bot.running, shared_stage.bot.log


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage of the test's own, for one that stops, kills or restarts the bot."""
    async with open_stage(tmp_path) as opened:
        yield opened
