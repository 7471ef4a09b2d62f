"""The command line of `python -m sandbox`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DISCORD_PORT: Final = 8787
ENDPOINT_PORT: Final = 8788
PROVIDERS: Final = ("fusion", "chat_completions")
DEFAULT_DATA: Final = Path(".build") / "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is to be started, and where.

    A port that is taken gives way to the next free one; 0 takes any. `data` None means the usual folder. `live` is
    the real endpoint in place of the local one, `scripted` answers without the model. `provider` is "" where `live`
    leaves it to `.env`.
    """

    port: int = DISCORD_PORT
    endpoint_port: int = ENDPOINT_PORT
    with_bot: bool = True
    provider: str = PROVIDERS[0]
    open_page: bool = False
    data: Path | None = None
    live: bool = False
    scripted: bool = False


def parse_options(arguments: Sequence[str], environ: Mapping[str, str], *, terminal: bool) -> Options:
    """Read the command line; a fault in it prints words and raises SystemExit(2).

    `terminal` tells whether a person looks at the output: only then is a browser opened unasked.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A local Discord in the browser, local model endpoints, and the real bot connected to both.",
    )
    parser.add_argument("--port", type=_port, default=DISCORD_PORT, help="port of the page (default: %(default)s)")
    parser.add_argument(
        "--endpoint-port", type=_port, default=ENDPOINT_PORT, help="port of the model endpoints (default: %(default)s)"
    )
    parser.add_argument(
        "--no-bot", action="store_true", help="start no bot; print the environment that connects any bot instead"
    )
    parser.add_argument(
        "--provider",
        default=environ.get("PROVIDER") or "",
        help=f"endpoint that the bot uses: {' or '.join(PROVIDERS)} (default: PROVIDER, else {PROVIDERS[0]})",
    )
    parser.add_argument(
        "--live",
        action=argparse.BooleanOptionalAction,
        default=_is_on(environ.get("LIVE", "")),
        help="ask the real endpoint, with the keys of the environment or .env; it may cost money (default: LIVE=1)",
    )
    parser.add_argument(
        "--scripted",
        action=argparse.BooleanOptionalAction,
        default=_is_on(environ.get("SCRIPTED", "")),
        help="answer by script even where the model is installed (default: SCRIPTED=1)",
    )
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=terminal and _has_desktop(environ),
        help="open the page in a browser (default: where there is a desktop)",
    )
    parser.add_argument(
        "--data", type=Path, help=f"folder of the demo's database and logs, made anew (default: {DEFAULT_DATA})"
    )
    found = parser.parse_args(arguments)
    # Checked here because argparse does not hold a default, which PROVIDER may be, against the choices.
    if found.provider and found.provider not in PROVIDERS:
        parser.error(f"the provider is {' or '.join(PROVIDERS)}, not {found.provider!r}")
    if found.live and found.no_bot:
        parser.error("--live needs the bot: it is what asks the endpoint")
    return Options(
        port=found.port,
        endpoint_port=found.endpoint_port,
        with_bot=not found.no_bot,
        provider=found.provider or ("" if found.live else PROVIDERS[0]),
        open_page=found.open,
        data=found.data,
        live=found.live,
        scripted=found.scripted,
    )


def _is_on(value: str) -> bool:
    return value.strip().lower() in {"1", "on", "true", "yes"}


def _port(text: str) -> int:
    """Return a port, 0 to 65535."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _has_desktop(environ: Mapping[str, str]) -> bool:
    if environ.get("CI") or environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
