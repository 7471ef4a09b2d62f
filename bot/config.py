"""The configuration: read once from the environment and ``.env``, frozen, every fault reported at once.

The names are a contract (docs/configuration.md); an empty value means unset.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.bounds import Bounds, read_bounds
from bot.errors import ConfigError

DISCORD_API = "https://discord.com/api/v10"
FUSION_URL = "https://sensenova.sensetime.com/v1/fusion/chat-with-image"
DEFAULT_PREFIX = "DEFAULT_"

SettingParser = Callable[[str, str], Any]
"""Reads one of the operator's defaults, see ``bot.domain.settings.catalogue.parse_setting``."""
_NONE: Mapping[str, str] = MappingProxyType({})


class Secret:
    """A text that never shows itself; ``reveal()`` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the text itself, for the wire only."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(set)" if self._value else "Secret(unset)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that an operator decides before the start."""

    discord_token: Secret
    discord_api_base: str = DISCORD_API
    discord_message_content: bool = False
    provider: str = "fusion"
    fusion_url: str = FUSION_URL
    fusion_api_secret_key: Secret = field(default_factory=lambda: Secret(""))
    fusion_auth_scheme: str = "raw"
    miaohua_token: Secret = field(default_factory=lambda: Secret(""))
    openai_base_url: str = ""
    openai_api_key: Secret = field(default_factory=lambda: Secret(""))
    openai_chat_model: str = ""
    openai_image_model: str = "stable-diffusion-api"
    image_fetch_allow: frozenset[tuple[str, int]] = frozenset()
    image_fetch_in_text: frozenset[tuple[str, int]] | None = None
    """The hosts from which pictures are fetched that a talk's text names; None: any that is public."""
    database_url: str = "sqlite+aiosqlite:///data/bot.db"
    pictures_dir: Path = Path("data/pictures")
    pictures_keep_days: int = 7
    pictures_max_mb: int = 500
    defaults: Mapping[str, Any] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    unknown_defaults: tuple[str, ...] = ()
    old_defaults: Mapping[str, str] = field(default_factory=dict)
    """Names that are set and that settings had in earlier versions, each with its name of today."""
    shard_count: int | None = None
    shard_ids: tuple[int, ...] | None = None
    turns_at_once: int = 256
    turns_at_once_per_person: int = 6
    health_host: str = "127.0.0.1"
    health_port: int = 0
    log_level: str = "INFO"
    log_format: str = "text"

    def secrets(self) -> tuple[str, ...]:
        """List what must never be seen in a log."""
        database = urlsplit(self.database_url)
        found = (self.discord_token, self.fusion_api_secret_key, self.miaohua_token, self.openai_api_key)
        return (*(secret.reveal() for secret in found if secret), *filter(None, (database.password,)))

    @property
    def is_discord_itself(self) -> bool:
        """Whether the REST address is Discord's own; elsewhere the gateway is asked for."""
        return self.discord_api_base == DISCORD_API


def read_environment(directory: Path | None = None) -> dict[str, str]:
    """Merge ``.env`` of ``directory`` (the current one) under the process's environment."""
    path = (directory or Path()) / ".env"
    from_file = {key: value for key, value in dotenv_values(path).items() if value is not None}
    return {**from_file, **os.environ}


def load(environ: Mapping[str, str], *, parse_setting: SettingParser, old_names: Mapping[str, str] = _NONE) -> Config:
    """Read the whole configuration, or raise ``ConfigError`` with every fault in it.

    ``old_names`` are what settings were called before, see ``bot.domain.settings.old_names``.
    """
    reader = _Reader(environ)
    provider = reader.choice("PROVIDER", "fusion", ("fusion", "chat_completions"))
    fusion = provider == "fusion"
    shard_count = reader.whole("SHARD_COUNT", None, 1, 100_000)
    defaults = reader.settings(parse_setting, old_names)
    bounds = read_bounds(reader, parse_setting, defaults)
    config = Config(
        discord_token=reader.token("DISCORD_TOKEN"),
        discord_api_base=reader.url("DISCORD_API_BASE", DISCORD_API),
        discord_message_content=reader.flag("DISCORD_MESSAGE_CONTENT", default=False),
        provider=provider,
        fusion_url=reader.url("FUSION_URL", FUSION_URL, verbatim=True),
        fusion_api_secret_key=reader.secret(
            "FUSION_API_SECRET_KEY", needed="the API secret key of the fusion endpoint" if fusion else ""
        ),
        fusion_auth_scheme=reader.choice("FUSION_AUTH_SCHEME", "raw", ("raw", "bearer")),
        miaohua_token=reader.secret("MIAOHUA_TOKEN"),
        openai_base_url=reader.url(
            "OPENAI_BASE_URL", "", needed="" if fusion else "the address up to and with /v1, for example http://host/v1"
        ),
        openai_api_key=reader.secret("OPENAI_API_KEY"),
        openai_chat_model=reader.text("OPENAI_CHAT_MODEL", "", needed="" if fusion else "the name of the chat model"),
        openai_image_model=reader.text("OPENAI_IMAGE_MODEL", "stable-diffusion-api"),
        image_fetch_allow=reader.hosts("IMAGE_FETCH_ALLOW"),
        image_fetch_in_text=reader.some_hosts("IMAGE_FETCH_IN_TEXT"),
        database_url=reader.database("DATABASE_URL", "sqlite+aiosqlite:///data/bot.db"),
        pictures_dir=Path(reader.text("PICTURES_DIR", "data/pictures")),
        pictures_keep_days=reader.number("PICTURES_KEEP_DAYS", 7, 0, 3650),
        pictures_max_mb=reader.number("PICTURES_MAX_MB", 500, 1, 1_000_000),
        defaults=bounds.first_models() | defaults,
        bounds=bounds,
        unknown_defaults=tuple(reader.unknown),
        old_defaults=old_defaults(environ, old_names),
        shard_count=shard_count,
        shard_ids=reader.shards("SHARD_IDS", shard_count),
        turns_at_once=reader.number("TURNS_AT_ONCE", 256, 2, 10_000),
        turns_at_once_per_person=reader.number("TURNS_AT_ONCE_PER_PERSON", 6, 1, 10_000),
        health_host=reader.text("HEALTH_HOST", "127.0.0.1"),
        health_port=reader.whole("HEALTH_PORT", 0, 0, 65535) or 0,
        log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), upper=True),
        log_format=reader.choice("LOG_FORMAT", "text", ("text", "json")),
    )
    if reader.faults:
        raise ConfigError(tuple(reader.faults))
    return config


def default_name(key: str) -> str:
    """Name a setting's default as the environment does."""
    return f"{DEFAULT_PREFIX}{key.upper()}"


def old_defaults(environ: Mapping[str, str], old_names: Mapping[str, str]) -> dict[str, str]:
    """Find what is set under a name that a setting had before: each with its name of today."""
    olds = {default_name(old): default_name(new) for old, new in old_names.items()}
    return {name: olds[name.upper()] for name, raw in environ.items() if name.upper() in olds and raw.strip()}


class _Reader:
    """Reads one name after the other; a fault is noted, and reading goes on with the default."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []
        self.unknown: list[str] = []

    def names(self) -> Iterable[str]:
        return self._environ

    def text(self, name: str, default: str, *, needed: str = "") -> str:
        value = self._environ.get(name, "").strip()
        if not value and needed:
            self.faults.append(f"{name} is missing: set it to {needed}")
        return value or default

    def secret(self, name: str, *, needed: str = "") -> Secret:
        return self._key(name, self.text(name, "", needed=needed))

    def token(self, name: str) -> Secret:
        needed = "the bot's token (Discord developer portal, page Bot, Reset Token)"
        return self._key(name, self.text(name, "", needed=needed).removeprefix("Bot "))

    def _key(self, name: str, value: str) -> Secret:
        if not value.isascii() or any(character.isspace() or not character.isprintable() for character in value):
            self.faults.append(f"{name} holds a character that no key has: copy it again, without spaces")
            return Secret("")
        return Secret(value)

    def choice(self, name: str, default: str, known: tuple[str, ...], *, upper: bool = False) -> str:
        value = self.text(name, default)
        value = value.upper() if upper else value.lower()
        if value not in known:
            self.faults.append(f"{name} must be {' or '.join(known)}, not {value[:60]!r}")
            return default
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, "on" if default else "off").lower()
        if value in ("on", "true", "yes", "1"):
            return True
        if value not in ("off", "false", "no", "0"):
            self.faults.append(f"{name} must be on or off, not {value[:60]!r}")
        return False

    def whole(self, name: str, default: int | None, low: int, high: int) -> int | None:
        value = self.text(name, "")
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            self.faults.append(f"{name} must be a whole number from {low} to {high}, not {value[:60]!r}")
            return default
        return int(value)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        found = self.whole(name, default, low, high)
        return default if found is None else found

    def url(self, name: str, default: str, *, needed: str = "", verbatim: bool = False) -> str:
        value = self.text(name, default, needed=needed)
        if value and not _is_web_address(value):
            self.faults.append(f"{name} must be an http:// or https:// address without a user name, password or spaces")
            return default
        return value if verbatim else value.rstrip("/")

    def database(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
            # The value may hold a password, so it is not repeated.
            self.faults.append(
                f"{name} must begin with sqlite+aiosqlite:/// (then a file's path) or postgresql+asyncpg://"
            )
            return default
        return value

    def hosts(self, name: str, *, otherwise: str = "") -> frozenset[tuple[str, int]]:
        found: set[tuple[str, int]] = set()
        for item in filter(None, (part.strip() for part in self.text(name, "").split(","))):
            match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})", item)
            if match is None or not 1 <= int(match[2]) <= 65535:
                self.faults.append(
                    f"{name} must be {otherwise}host:port, several with commas between, not {item[:60]!r}"
                )
                continue
            found.add((match[1].strip("[]").lower(), int(match[2])))
        return frozenset(found)

    def some_hosts(self, name: str) -> frozenset[tuple[str, int]] | None:
        """Read hosts as above, or a word: on for any, which is None, or off for none."""
        word = self.text(name, "on").lower()
        if word in ("on", "off"):
            return None if word == "on" else frozenset()
        return self.hosts(name, otherwise="on, off or ")

    def shards(self, name: str, count: int | None) -> tuple[int, ...] | None:
        value = self.text(name, "")
        if not value:
            return None
        parts = [part.strip() for part in value.split(",")]
        if not all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
            self.faults.append(f"{name} must be whole numbers with commas between, for example 0,1,2")
            return None
        ids = tuple(sorted({int(part) for part in parts}))
        if count is None:
            self.faults.append(f"{name} needs SHARD_COUNT too: the number of shards in all processes together")
        elif ids[-1] >= count:
            self.faults.append(f"{name} must be below SHARD_COUNT, which is {count}")
        return ids

    def settings(self, parse: SettingParser, old_names: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, raw in self._environ.items():
            if not name.startswith(DEFAULT_PREFIX) or not raw.strip():
                continue
            key = name.removeprefix(DEFAULT_PREFIX).lower()
            if key in old_names:
                key = old_names[key]
                if self.text(default_name(key), ""):
                    continue  # the name of today holds
            try:
                values[key] = parse(key, raw)
            except KeyError:
                # The environment may hold another program's name; a mistyped one is told in the log at the start.
                self.unknown.append(name)
            except ValueError as error:
                self.faults.append(f"{name} {error}")
        return values


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port_is_good = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and port_is_good
        and value.isprintable()
        and " " not in value
    )
