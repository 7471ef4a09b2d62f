"""The command line: ``python -m bot run``, ``migrate``, ``sync``, ``doctor``.

Exit codes: 0 ended as told, 1 could not go on, 2 the configuration is wrong, 3 another process has taken over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot import __version__
from bot import config as configuration
from bot.allocator import return_large_blocks, spare_what_stays
from bot.config import Config
from bot.domain.settings.catalogue import CATALOGUE, parse_setting
from bot.domain.settings.old_names import OLD_NAMES
from bot.errors import BotError, ConfigError, OtherBotError, StorageError, TakenOverError
from bot.log import configure
from bot.storage.disk.private import make_private_by_default

logger = logging.getLogger("bot")

EXIT_FAILED, EXIT_CONFIG, EXIT_TAKEN_OVER = 1, 2, 3
END_S = 33.0
"""How long the process may take to end: its turns have 29 s of it (``bot.client``), compose.yaml gives it 35 s."""
EXIT_INTERRUPTED = 128 + signal.SIGINT
"""What shells make of a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="fusion-bot: talk and draw in Discord.")
    parser.add_argument("--version", action="version", version=f"fusion-bot {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="migrate the database, tell Discord the commands, connect and answer")
    commands.add_parser("migrate", help="bring the database up to date, then end")
    commands.add_parser("sync", help="tell Discord the commands where they changed, then end")
    doctor = commands.add_parser(
        "doctor", help="check token, intents, endpoint, keys, database and machine, with cures"
    )
    doctor.add_argument("--no-calls", action="store_true", help="make no call to the model: nothing that may cost")
    doctor.add_argument("--draw", action="store_true", help="also have one picture drawn, which costs")
    doctor.add_argument("--json", action="store_true", help="write the report as JSON")
    options = parser.parse_args(arguments)
    command: str = options.command
    make_private_by_default()
    if command == "doctor":
        return _doctor(options)
    try:
        environment = configuration.read_environment()
        config = configuration.load(environment, parse_setting=parse_setting, old_names=OLD_NAMES)
    except ConfigError as error:
        sys.stderr.write("The configuration is wrong:\n")
        sys.stderr.writelines(f"  - {fault}\n" for fault in error.faults)
        sys.stderr.write("Set these in the environment or in .env; .env.example explains each.\n")
        return EXIT_CONFIG
    configure(level=config.log_level, form=config.log_format, secrets=config.secrets())
    for name in config.unknown_defaults:
        logger.warning("%s is set, but there is no such setting", name)
    for name, new in config.old_defaults.items():
        logger.warning("%s is the old name of %s; it is still read, unless the new one is set too", name, new)
    return_large_blocks()
    return asyncio.run(_guarded(_COMMANDS[command](config)))


def _doctor(asked: argparse.Namespace) -> int:
    """Check the installation; returns the exit code."""
    from bot.bootstrap.doctor import open_sections
    from bot.operations.doctor.command import Options, examine
    from bot.operations.doctor.report import Style
    from bot.operations.doctor.settings import Sources

    options = Options(calls=not asked.no_calls, draw=asked.draw, json=asked.json)

    # The report says what there is to say; whoever looks for more asks for it.
    debug = os.environ.get("LOG_LEVEL", "").strip().upper() == "DEBUG"
    sources = Sources(environment=os.environ, file=Path.cwd() / ".env")
    configure(level="DEBUG" if debug else "CRITICAL", form="text", secrets=sources.secrets())
    work = examine(
        sources,
        options,
        sys.stdout,
        parse_setting=parse_setting,
        settings=CATALOGUE,
        old_names=OLD_NAMES,
        open_sections=open_sections,
        style=Style.of(sys.stdout, os.environ),
    )
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever reads it (head, less) has read enough; the interpreter's own last flush must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


async def _guarded(work: Coroutine[Any, Any, None]) -> int:
    """Run a command to its end; what an operator can act on is said in one line."""
    from bot.connection import DiscordRefusedError

    try:
        await work
    except (StorageError, OtherBotError, DiscordRefusedError, TakenOverError) as error:
        logger.error("%s", error)  # noqa: TRY400  # the words are for an operator, a traceback says no more
        return _code_of(error)
    return 0


async def _run(config: Config) -> None:
    from bot.bootstrap.app import open_bot
    from bot.bootstrap.policy import unbounded
    from bot.connection import connect
    from bot.storage.schema.migrate import migrate

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Before anything may take long: a container's first process is not ended by a signal that it does not handle.
        # Windows has no signal handlers in its loop; there Ctrl-C raises KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _told_to_stop, stop)
    if spent := unbounded(config):
        logger.warning("No quota is set: %s. TOTAL_PERSON_CALLS_A_DAY and its like bound it, see .env.example", spent)
    if not await _unless_told(stop, migrate(config.database_url)):
        return
    async with open_bot(config) as bot:
        spare_what_stays()
        try:
            await connect(bot, config, stop=stop)
        except BotError as error:
            _end_in_time(_code_of(error))
            raise


async def _unless_told(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do what comes before the start; told to stop, cancel it and return False. A change of the database is undone."""
    working = asyncio.create_task(work, name="before-start")
    told = asyncio.create_task(stop.wait(), name="stop-signal")
    try:
        await asyncio.wait((working, told), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
            return True
        logger.info("told to stop before the start")
        # What waits for another process in a thread can't be cancelled, and nothing has begun that it could hurt.
        logging.shutdown()
        os._exit(0)
    finally:
        told.cancel()


def _told_to_stop(stop: asyncio.Event) -> None:
    if not stop.is_set():
        stop.set()
        _end_in_time(0)


def _end_in_time(code: int) -> None:
    """End the process in ``END_S`` seconds, whatever it still waits for: a database that hangs, a thread.

    Nothing is lost by that: what is left is what a kill leaves.
    """

    def end() -> None:
        logger.warning("something does not let go: the process ends now, and the next start sees to the rest")
        logging.shutdown()
        os._exit(code)

    timer = threading.Timer(END_S, end)
    timer.daemon = True
    timer.start()


def _code_of(error: BotError) -> int:
    return EXIT_TAKEN_OVER if isinstance(error, TakenOverError) else EXIT_FAILED


async def _migrate(config: Config) -> None:
    from bot.storage.schema.migrate import migrate

    await migrate(config.database_url)
    logger.info("the database is up to date")


async def _sync(config: Config) -> None:
    from bot.bootstrap.app import open_bot
    from bot.connection import DiscordRefusedError, log_in

    async with open_bot(config, serving=False) as bot:
        try:
            await log_in(bot, config)
        finally:
            await bot.close()
    if not bot.commands_stand:
        raise DiscordRefusedError("Discord did not take the commands; the line above says why.")


_COMMANDS: dict[str, Callable[[Config], Coroutine[Any, Any, None]]] = {
    "run": _run,
    "migrate": _migrate,
    "sync": _sync,
}

if __name__ == "__main__":
    sys.exit(main())
