"""The checks of the machine that the bot is to run on."""

from __future__ import annotations

import asyncio
import errno
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from bot.config import Config
from bot.operations.doctor.findings import Finding, failed, fine, warning
from bot.operations.doctor.web import Get, WebFaultError

LIBRARY: Final = "2.7.1"
"""The version of discord.py that pyproject.toml names: some of what the bot relies on is that version's."""
OTHER_LIBRARIES: Final = ("py-cord", "py-cord-dev", "discord.py-self")
"""Distributions whose package is called ``discord`` too: they and discord.py overwrite each other."""
FILES_FAILED, FILES_WARNING = 256, 1024
MEMORY_WARNING_BYTES: Final = 128 * 1024 * 1024
"""The bot takes about 95 MB with fifty channels at once (docs/benchmarks.md)."""
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine is like; None where the system does not say.

    ``packages`` are the versions of the distributions that are installed.
    """

    python: str
    system: str
    packages: Mapping[str, str]
    open_files: int | None
    free_bytes: int | None


def read_machine() -> Machine:
    """Look at this machine."""
    packages = {}
    for name in ("discord.py", "aiohttp", "SQLAlchemy", *OTHER_LIBRARIES):
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Machine(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        packages=packages,
        open_files=_open_files(),
        free_bytes=free_memory(),
    )


def check_machine(machine: Machine, *, load_words: Callable[[], object]) -> list[Finding]:
    """Judge it. ``load_words`` loads the words of every language, and raises ``OSError`` if some are missing."""
    findings = [fine("python", f"{machine.python} on {machine.system}"), _library(machine)]
    if machine.open_files is not None:
        found = f"{machine.open_files} may be open at once"
        cure = "Raise the limit: ulimit -n 4096, or LimitNOFILE=4096 in the service's unit."
        if machine.open_files < FILES_FAILED:
            findings.append(failed("files", found, cure))
        elif machine.open_files < FILES_WARNING:
            findings.append(warning("files", found, cure))
        else:
            findings.append(fine("files", found))
    if machine.free_bytes is not None:
        found = f"{machine.free_bytes // _MIB} MiB are available"
        cure = "End other programs or give the machine, or the container, more memory: the bot takes about 100 MB."
        enough = machine.free_bytes >= MEMORY_WARNING_BYTES
        findings.append(fine("memory", found) if enough else warning("memory", found, cure))
    try:
        load_words()
    except OSError:
        findings.append(
            failed(
                "languages",
                "words of the bot are missing or damaged",
                "The installation is damaged: install the bot again.",
            )
        )
    else:
        findings.append(fine("languages", "English and Chinese words are there"))
    return findings


def _library(machine: Machine) -> Finding:
    others = [name for name in OTHER_LIBRARIES if name in machine.packages]
    if others:
        return failed(
            "packages",
            f"{' and '.join(others)} is installed beside discord.py, and each overwrites the other",
            f"pip uninstall {' '.join(others)}, then install discord.py=={LIBRARY} again; best in an environment of "
            "the bot's own.",
        )
    listed = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    if machine.packages.get("discord.py") != LIBRARY:
        return warning("packages", listed or "none is known", f"Install discord.py=={LIBRARY}: make install")
    return fine("packages", listed)


async def check_health_port(config: Config, get: Get) -> list[Finding]:
    """Try whether the health page can be opened where the configuration has it; without one there is nothing to say."""
    host, port = config.health_host, config.health_port
    if not port:
        return []
    where = f"{host}:{port}"
    try:
        server = await asyncio.start_server(_hang_up, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and await _is_health_page(f"http://{_url_host(host)}:{port}/healthz", get):
            return [fine("health page", f"{where} is served already: the bot is running")]
        return [
            failed(
                "health page",
                f"{where} can't be opened: {error.strerror or type(error).__name__}",
                "End what uses that port, or set another one in HEALTH_PORT (0: none), and in HEALTH_HOST an address "
                "of this machine.",
            )
        ]
    server.close()
    await server.wait_closed()
    return [fine("health page", f"{where} is free")]


async def _is_health_page(url: str, get: Get) -> bool:
    try:
        answer = await get(url, {})
    except WebFaultError:
        return False
    return isinstance(answer.body, dict) and {"discord", "database"} <= answer.body.keys()


def _url_host(host: str) -> str:
    """Write a host to connect to: where the server listens on every address, this machine itself."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  # recognised, not bound
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"  # noqa: S104  # compared, not bound
    return f"[{host}]" if ":" in host else host


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def _open_files() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    soft: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def free_memory(system: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Tell how many bytes can still be had: the machine's, or what is left of the container's limit (cgroup v2)."""
    free: int | None = None
    for line in _text(system).splitlines():
        if line.startswith("MemAvailable:") and (words := line.split())[1:2] and words[1].isdigit():
            free = int(words[1]) * 1024
    limit, used = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if limit.isdigit() and used.isdigit():
        # What files take up is counted as used, but is given back when somebody needs it.
        cached = next(
            (
                line.split()[1]
                for line in _text(group / "memory.stat").splitlines()
                if line.startswith("inactive_file ")
            ),
            "0",
        )
        left = max(0, int(limit) - int(used) + (int(cached) if cached.isdigit() else 0))
        free = left if free is None else min(free, left)
    return free


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
