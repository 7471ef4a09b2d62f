"""The demo: local Discord, local endpoint and the real bot, from start to Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.backstage import watch_discord
from sandbox.discord import LocalDiscord
from sandbox.endpoint import Behaviour, LocalEndpoint
from sandbox.launcher.about import About, connected_text, no_bot_text
from sandbox.launcher.data import DataError, open_data
from sandbox.launcher.environment import bot_environment, bot_settings, export_lines, live_settings, model_environment
from sandbox.launcher.live import Live, LiveError, read_live
from sandbox.launcher.model import open_model
from sandbox.launcher.options import Options, parse_options
from sandbox.launcher.scenes import seed_scenes
from sandbox.process import CONFIGURATION_FAULT, BotCommand, BotProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.launcher.model import DemoModel

ROOT: Final = Path(__file__).resolve().parents[2]
BOT: Final = (sys.executable, "-m", "bot", "run")
DRAWING_S: Final = 2.5
"""A drawing takes a moment, so that it is seen being made and can be stopped."""
_SPARE_PORTS: Final = 50
_LOOK_S: Final = 0.05
_SLOW_S: Final = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until it is stopped; return the exit code: 0, 1 where something could not be started, 2 where
    the options, or the settings of the real endpoint, are wrong.
    """
    options = parse_options(sys.argv[1:] if arguments is None else arguments, os.environ, terminal=sys.stdout.isatty())
    try:
        live = read_live(os.environ, ROOT, provider=options.provider) if options.live else None
        with open_data(options.data, ROOT) as data:
            return asyncio.run(run_demo(options, data, os.environ, live=live))
    except LiveError as error:
        print(error, file=sys.stderr)
        return CONFIGURATION_FAULT
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


async def run_demo(
    options: Options,
    data: Path,
    environ: Mapping[str, str],
    *,
    live: Live | None = None,
    command: Sequence[str] = BOT,
    say: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> int:
    """Start everything, tell what to do with it, and stay until `stop`, SIGINT or SIGTERM.

    `data` is an empty, absolute folder. With `live` the bot asks the real endpoint. Returns 0, or 1 where a port or
    the bot could not be had.
    """
    say = say or _print
    stop = stop or asyncio.Event()
    _stop_on_signals(stop)
    async with contextlib.AsyncExitStack() as stack:
        try:
            discord = LocalDiscord(port=options.port, log_path=data / "discord.jsonl", spare_ports=_SPARE_PORTS)
            backstage = watch_discord(discord)
            await stack.enter_async_context(discord)
            _seed(discord)
            discord.on_reset(lambda: _seed(discord))
            if live is not None:
                about = About(provider=live.provider, live=live)
                settings = live_settings(discord, live, data=data)
            else:
                model = await stack.enter_async_context(_open_model(options, data, environ, say))
                about = About(provider=options.provider, model=model)
                endpoint = LocalEndpoint(
                    port=options.endpoint_port,
                    answerer=model.answerer,
                    behaviour=Behaviour(drawing_s=DRAWING_S),
                    spare_ports=_SPARE_PORTS,
                )
                await stack.enter_async_context(endpoint)
                backstage.attach_endpoint(endpoint)
                settings = bot_settings(discord, endpoint, provider=options.provider, data=data)
        except OSError as error:
            say(f"The demo can't listen on this machine: {error.strerror}.")
            return 1
        discord.about = about.as_json
        if not options.with_bot:
            say(no_bot_text(about, discord, export_lines(settings)))
            await _open_page(options, discord)
            await stop.wait()
            return 0
        bot = BotProcess(
            BotCommand(
                arguments=command,
                environment=bot_environment(settings, environ, ROOT),
                # Not the project's folder: a `.env` there is for the real Discord.
                folder=data,
                log=data / "bot.log",
            ),
            say,
        )
        backstage.attach_bot(bot)
        say("Starting the bot…")
        return await _stay(bot, options, about, discord, data, say, stop)


def _seed(discord: LocalDiscord) -> None:
    seed_scenes(discord.world)


async def _stay(
    bot: BotProcess,
    options: Options,
    about: About,
    discord: LocalDiscord,
    data: Path,
    say: Callable[[str], None],
    stop: asyncio.Event,
) -> int:
    async def announce() -> None:
        if not await _connected(discord, _SLOW_S):
            say(f"The bot is taking long to connect; its log is {data / 'bot.log'}")
            await _connected(discord, None)
        say(connected_text(about, discord, data))
        await _open_page(options, discord)

    supervisor = asyncio.create_task(bot.supervise())
    announcer = asyncio.create_task(announce())
    stopper = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({supervisor, stopper}, return_when=asyncio.FIRST_COMPLETED)
        # A result that is an error of the demo's own is raised here.
        if announcer.done():
            announcer.result()
        if supervisor.done():
            supervisor.result()
            return 1
        say("\nStopping…")
        return 0
    finally:
        for task in (announcer, stopper, supervisor):
            task.cancel()
        await asyncio.gather(announcer, stopper, supervisor, return_exceptions=True)


async def _connected(discord: LocalDiscord, timeout_s: float | None) -> bool:
    """Wait until a bot holds a session; False after `timeout_s`. A listener would stay for good, so it is looked at."""
    try:
        async with asyncio.timeout(timeout_s):
            while not discord.gateway.connected:  # noqa: ASYNC110  (see above)
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        return False
    return True


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Where a loop can't take signals, asyncio.run turns Ctrl-C into cancelling, which ends all as well.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)


async def _open_page(options: Options, discord: LocalDiscord) -> None:
    if options.open_page:
        await asyncio.to_thread(webbrowser.open, discord.base_url)  # some browsers are slow to come up


def _open_model(
    options: Options, data: Path, environ: Mapping[str, str], say: Callable[[str], None]
) -> contextlib.AbstractAsyncContextManager[DemoModel]:
    return open_model(
        scripted=options.scripted, log=data / "model.log", environment=model_environment(environ), say=say
    )


def _print(text: str) -> None:
    print(text, flush=True)
