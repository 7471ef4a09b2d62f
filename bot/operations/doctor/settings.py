"""The checks of the configuration: every fault of it at once, and where each value comes from."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from bot import config as configuration
from bot.config import Config, SettingParser
from bot.errors import ConfigError
from bot.operations.doctor.findings import Finding, failed, fine, warning
from bot.operations.doctor.names import known_names, misspelt, outdated


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the configuration comes from: the process's environment, which wins, and the file ``.env``."""

    environment: Mapping[str, str]
    file: Path

    def from_file(self) -> Mapping[str, str]:
        """Read the file; empty where there is none. Raises ``OSError`` or ``UnicodeDecodeError``."""
        if not self.file.is_file():
            return {}
        return {name: value for name, value in dotenv_values(self.file).items() if value is not None}

    def secrets(self) -> tuple[str, ...]:
        """List what is likely a key by its name, of a configuration that is perhaps wrong."""
        try:
            filed = self.from_file()
        except (OSError, UnicodeDecodeError):
            filed = {}
        each = (*filed.items(), *self.environment.items())
        return tuple(value.strip() for name, value in each if re.search(r"KEY|TOK|SECRET|PASS", name.upper()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The configuration as it was read; ``config`` is None where it is wrong."""

    config: Config | None
    findings: tuple[Finding, ...]


def read_settings(
    sources: Sources, *, parse_setting: SettingParser, settings: Collection[str], old_names: Mapping[str, str]
) -> Reading:
    """Read the configuration as the bot does.

    ``settings`` are the keys that may stand behind ``DEFAULT_``, ``old_names`` lead from earlier ones to them.
    """
    try:
        filed = sources.from_file()
    except (OSError, UnicodeDecodeError):
        cure = "Give it to the user that runs the bot, and save it as UTF-8 text."
        return Reading(config=None, findings=(failed(".env", f"{sources.file} can't be read", cure),))
    environ = {**filed, **sources.environment}
    known = known_names(parse_setting)
    findings = [
        *_file(sources, filed, known),
        *outdated(environ, old_names),
        *misspelt(environ, known, settings, old_names),
    ]
    try:
        config = configuration.load(environ, parse_setting=parse_setting, old_names=old_names)
    except ConfigError as error:
        faults = [failed("settings", fault, _where(fault, sources, filed)) for fault in error.faults]
        return Reading(config=None, findings=(*faults, *findings))
    own = [name for name in environ if (name in known or name.startswith("DEFAULT_")) and environ[name].strip()]
    count = f"{len(own)} {'name is' if len(own) == 1 else 'names are'} set, and nothing is wrong with them"
    return Reading(config=config, findings=(fine("settings", count), *findings))


def _file(sources: Sources, filed: Mapping[str, str], known: Collection[str]) -> list[Finding]:
    if not sources.file.is_file():
        return [fine(".env", f"there is none in {sources.file.parent}: all comes from the environment")]
    findings = []
    for name in sorted(filed):
        held = sources.environment.get(name)
        if name in known and held is not None and held.strip() != filed[name].strip():
            findings.append(
                warning(
                    ".env",
                    f"{name} is in {sources.file}, but the environment has another value, which holds",
                    f"Remove it from one of the two; in a shell: unset {name}",
                )
            )
    if os.name == "posix" and sources.file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        findings.append(
            warning(
                ".env",
                f"{sources.file} holds keys, and others on this machine may read it",
                f"chmod 600 {sources.file}",
            )
        )
    return findings or [fine(".env", f"{sources.file}, for its owner alone")]


def _where(fault: str, sources: Sources, filed: Mapping[str, str]) -> str:
    """Say where a value that is wrong comes from; a fault begins with the name."""
    name = fault.split(" ", 1)[0]
    if sources.environment.get(name, "").strip():
        return "Correct it in the environment: that is where it comes from."
    if filed.get(name, "").strip():
        return f"Correct it in {sources.file}"
    return f"Put it into {sources.file}, or into the environment; .env.example explains each name."
