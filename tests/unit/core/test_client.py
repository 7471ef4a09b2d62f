"""The client: what it asks of Discord, how it starts, and how it goes."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import discord
import pytest
from aiohttp import web

from bot import config as configuration
from bot.bootstrap.app import open_bot
from bot.client import FusionBot, NotDiscordError
from bot.cog_services import CogServices
from bot.domain.settings.catalogue import parse_setting
from bot.domain.turn.record import Turn
from bot.errors import StorageError
from bot.library.addresses import point_library_at
from bot.presentation.outbound.wire import Wire
from bot.services.queue.coordinator import TurnCoordinator
from bot.services.reply.recovery import RecoveryService

Serve = Callable[[object], Any]


class FakeRecovery:
    """Stands for the recovery: finds nothing, fails, or never comes to an end."""

    def __init__(self) -> None:
        self.failing: StorageError | None = None
        self.recovering = asyncio.Event()
        self.cancelled = False
        self.later = False

    async def orphans(self) -> tuple[Turn, ...]:
        if self.failing is not None:
            raise self.failing
        return ()

    async def recover_later(self) -> None:
        self.later = True

    async def recover(self, orphans: tuple[Turn, ...]) -> None:
        self.recovering.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


class FakeCoordinator:
    """Stands for the turns under way: counts how often they were drained."""

    def __init__(self) -> None:
        self.drained = 0
        self.acts: list[str] = []
        self.last: Callable[[], object] = int

    async def drain(self, *, grace_s: float, stop_s: float) -> None:
        assert 0 < grace_s + stop_s < 30
        self.drained += 1
        self.acts.append("drain")
        self.last()


class Stage:
    def __init__(self, **environment: str) -> None:
        keys = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "sk-1", **environment}
        self.recovery = FakeRecovery()
        self.coordinator = FakeCoordinator()
        self.synced = 0
        self.heard: asyncio.Task[None] | None = None
        self.bot = FusionBot(
            configuration.load(keys, parse_setting=parse_setting),
            coordinator=cast("TurnCoordinator", self.coordinator),
            wire=Wire(),
            cogs="tests.fakes.cogs",
            stopping=lambda: self.coordinator.acts.append("stop"),
        )
        self.bot.serve(cast("CogServices", object()), cast("RecoveryService", self.recovery))

    async def fail_to_log_in(self) -> None:
        """Go as far as a login goes by itself."""

        async def refuse(token: str) -> object:
            raise discord.LoginFailure("bad")

        self.bot.http.static_login = refuse  # type: ignore[method-assign, assignment]  # a Discord that refuses the token
        with pytest.raises(discord.LoginFailure):
            await self.bot.login("a.b.c")
        self.bot._connection.application_id = 99  # what a login would have told

    def refuse_sync(self, error: discord.HTTPException) -> None:
        async def request(*_: object, **__: object) -> object:
            self.synced += 1
            raise error

        self.bot.http.request = request  # type: ignore[method-assign]  # a Discord that refuses the commands


class Response:
    status, reason = 403, "Forbidden"


REFUSED = discord.HTTPException(cast("Any", Response()), {"code": 50001, "message": "no"})


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.fail_to_log_in()
    stage.refuse_sync(REFUSED)
    yield stage
    await stage.bot.close()


async def test_it_asks_for_no_privileged_intent_unless_told(stage: Stage) -> None:
    assert not stage.bot.intents.message_content
    assert not stage.bot.intents.members
    assert not stage.bot.intents.presences
    assert Stage(DISCORD_MESSAGE_CONTENT="on").bot.intents.message_content


async def test_what_nobody_waits_for_is_ended_before_turns_are_waited_for(stage: Stage) -> None:
    await stage.bot.close()
    assert stage.coordinator.acts == ["stop", "drain"]


async def test_nobody_is_pinged_and_nothing_remembered_by_default(stage: Stage) -> None:
    mentions = stage.bot.allowed_mentions
    assert mentions is not None
    assert not any((mentions.everyone, mentions.users, mentions.roles, mentions.replied_user))
    assert list(stage.bot.cached_messages) == []
    assert stage.bot._connection.member_cache_flags == discord.MemberCacheFlags.none()


async def test_it_starts_although_the_commands_can_not_be_synced(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.bot.setup_hook()
    assert list(stage.bot.cogs) == ["Greeter"]
    # What stands there can't be read, so it is overwritten; that is refused as well.
    assert stage.synced == 2
    assert "could not be synced" in caplog.text
    assert not stage.bot.commands_stand
    assert "50001" in caplog.text
    await asyncio.wait_for(stage.recovery.recovering.wait(), 5)


async def test_one_that_is_there_for_its_commands_leaves_turns_and_files_alone(tmp_path: Path) -> None:
    keys = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "sk-1", "PICTURES_DIR": str(tmp_path / "pictures")}
    keys |= {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/bot.db", "HEALTH_PORT": "1"}
    sent: list[object] = []

    async def request(route: discord.http.Route, **asked: object) -> object:
        sent.append(asked.get("json"))
        return []

    async with open_bot(configuration.load(keys, parse_setting=parse_setting), serving=False) as bot:
        bot.http.request = request  # type: ignore[method-assign]  # as much of a Discord as is asked
        bot._connection.application_id = 99
        assert not bot.commands_stand
        await bot.setup_hook()
        assert bot.commands_stand
        await bot.close()
    assert len(sent) == 2
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_it_starts_although_the_database_is_away(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.recovery.failing = StorageError("gone")
    await stage.bot.setup_hook()
    assert list(stage.bot.cogs) == ["Greeter"]
    assert "could not be read" in caplog.text
    assert not stage.recovery.recovering.is_set()
    await asyncio.sleep(0)
    assert stage.recovery.later


async def test_it_leaves_once_after_turns_have_ended(stage: Stage) -> None:
    await stage.bot.setup_hook()
    await asyncio.wait_for(stage.recovery.recovering.wait(), 5)
    await stage.bot.close()
    await stage.bot.close()
    assert stage.coordinator.drained == 1
    assert stage.recovery.cancelled
    assert stage.bot.is_closed()


@pytest.mark.parametrize("by_command", [False, True])
async def test_who_was_heard_last_is_told_before_the_connection_goes(stage: Stage, by_command: bool) -> None:
    await stage.bot.setup_hook()
    steps: list[str] = []
    closing = stage.bot.http.close

    async def answer() -> None:
        await asyncio.sleep(0.01)
        steps.append("told")

    async def close() -> None:
        steps.append("closed")
        await closing()

    def hear() -> None:
        name = "CommandTree-invoker" if by_command else "discord.py: on_message"  # as the library names them
        stage.heard = asyncio.create_task(answer(), name=name)

    stage.bot.http.close = close  # type: ignore[method-assign]  # to see when
    stage.coordinator.last = hear
    await stage.bot.close()
    assert steps == ["told", "closed"]


async def test_one_that_never_logged_in_leaves_as_well() -> None:
    stage = Stage()
    await stage.bot.close()
    assert stage.coordinator.drained == 1


async def test_a_listener_that_fails_is_logged_without_what_it_was_given(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        await stage.bot.on_error("on_message", "somebody's secret words")
    assert "by zero" in caplog.text
    assert "on_message" in caplog.text
    assert "secret words" not in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR


async def test_an_event_that_can_not_be_read_is_left_out_and_told_without_its_words(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("MESSAGE_CREATE", "INTERACTION_CREATE", "GUILD_CREATE"):
        stage.bot._connection.parsers[name]({"id": "somebody's secret words", "guild_id": "1", "poll": None})
        assert f"an event {name} can't be read" in caplog.text
    assert "secret words" not in caplog.text


@pytest.mark.usefixtures("library")
async def test_a_page_in_discord_s_place_is_told_and_leaves_no_session_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    bot = Stage().bot
    sessions = []
    for _ in range(2):
        with pytest.raises(NotDiscordError):
            await bot.login("a.b.c")
        sessions.append(bot.http._HTTPClient__session)  # type: ignore[attr-defined]  # the library's own
    assert sessions[0] is not sessions[1]
    assert all(session.closed for session in sessions)
    await bot.close()
    await runner.cleanup()


async def test_a_gateway_that_is_told_otherwise_than_by_discord_is_told(stage: Stage) -> None:
    async def request(*_: object, **__: object) -> object:
        return {"url": "wss://nowhere"}

    stage.bot.http.request = request  # type: ignore[method-assign]  # as much of a Discord as is asked
    with pytest.raises(NotDiscordError):
        await stage.bot.launch_shards()


async def test_without_a_readable_ready_it_does_not_go_on(stage: Stage) -> None:
    with pytest.raises(KeyError):
        stage.bot._connection.parsers["READY"]({})


@pytest.mark.parametrize("answer", [[{"name": "ask", "type": 3}], [], {}, "", None], ids=repr)
async def test_commands_stand_whatever_is_answered_to_them(
    stage: Stage, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    caplog.set_level(logging.INFO)
    sent: list[object] = []

    async def request(route: discord.http.Route, **asked: object) -> object:
        if route.method == "GET":
            return [{"type": 1}]
        sent.append(asked["json"])
        return answer

    stage.bot.http.request = request  # type: ignore[method-assign]  # a Discord in miniature
    await stage.bot.sync_commands()
    assert sent == [[]]
    assert "commands synced" in caplog.text


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve one answer at ``/gateway``; gives the address of the API."""
    runners: list[web.AppRunner] = []

    async def start(answer: object) -> str:
        async def gateway(_: web.Request) -> web.Response:
            return answer if isinstance(answer, web.Response) else web.json_response(answer)

        app = web.Application()
        app.router.add_get("/api/v10/gateway", gateway)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the library's addresses back afterwards."""
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    gateway = discord.gateway.DiscordWebSocket
    monkeypatch.setattr(gateway, "DEFAULT_GATEWAY", gateway.DEFAULT_GATEWAY)


@pytest.mark.usefixtures("library")
async def test_the_library_is_pointed_at_another_discord(serve: Serve) -> None:
    base = await serve({"url": "ws://127.0.0.1:9/gateway"})
    await point_library_at(base)
    assert base == discord.http.Route.BASE
    assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:9/gateway"


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "answer", [{}, [], {"url": 5}, {"url": "http://127.0.0.1:9"}, {"url": None}, "words"], ids=repr
)
async def test_a_discord_that_names_no_gateway_is_told(serve: Serve, answer: object) -> None:
    before = discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    base = await serve(answer)
    with pytest.raises(ValueError, match="gateway"):
        await point_library_at(base)
    assert before == discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY


@pytest.mark.usefixtures("library")
async def test_what_is_not_json_is_no_gateway(serve: Serve) -> None:
    base = await serve(web.Response(text="<html>", content_type="text/html"))
    with pytest.raises(ValueError):  # noqa: PT011  # whatever words the JSON decoder has
        await point_library_at(base)
