"""The environment that points a bot at the sandbox."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.discord import LocalDiscord
    from sandbox.endpoint import LocalEndpoint
    from sandbox.launcher.live import Live

_KEPT: Final = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
)  # fmt: skip
"""What a program needs of the surroundings. Proxies and keys are not among it: the demo talks to loopback only."""
_UNSET: Final = (
    "DISCORD_MESSAGE_CONTENT", "FUSION_AUTH_SCHEME", "OPENAI_IMAGE_MODEL", "SHARD_COUNT", "SHARD_IDS",
    "HEALTH_HOST", "HEALTH_PORT", "LOG_FORMAT",
)  # fmt: skip
"""Settings that stay at their defaults, said as empty so that no `.env` can say otherwise."""


def bot_settings(discord: LocalDiscord, endpoint: LocalEndpoint, *, provider: str, data: Path) -> dict[str, str]:
    """Return the settings that connect a bot; both servers are started. `data` is absolute."""
    return {
        **_discord_settings(discord, data),
        "PROVIDER": provider,
        "FUSION_URL": endpoint.fusion_url,
        "FUSION_API_SECRET_KEY": endpoint.fusion_key,
        "MIAOHUA_TOKEN": endpoint.miaohua_token,
        "OPENAI_BASE_URL": endpoint.openai_base_url,
        "OPENAI_API_KEY": endpoint.openai_key,
        "OPENAI_CHAT_MODEL": endpoint.behaviour.chat_model,
        "DEFAULT_MAX_NEW_TOKENS": "4096",  # the script's longest answers, of three messages, are not cut
        # Pictures come from loopback here, which a bot refuses unless both allow it by name: a talk's text names them.
        "IMAGE_FETCH_ALLOW": urlsplit(endpoint.base_url).netloc,
        "IMAGE_FETCH_IN_TEXT": urlsplit(endpoint.base_url).netloc,
    }


def live_settings(discord: LocalDiscord, live: Live, *, data: Path) -> dict[str, str]:
    """Return the settings of a bot on the local Discord that asks the real endpoint. `data` is absolute."""
    return {**live.settings, **_discord_settings(discord, data), "PROVIDER": live.provider}


def _discord_settings(discord: LocalDiscord, data: Path) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_BASE": discord.api_base,
        "DATABASE_URL": f"sqlite+aiosqlite:///{(data / 'bot.db').as_posix()}",
        "PICTURES_DIR": (data / "pictures").as_posix(),
        "LOG_LEVEL": "INFO",
    }


def bot_environment(settings: Mapping[str, str], surroundings: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the whole environment of the child: the settings, and of the surroundings only what any program needs.

    `root` is the project's folder, from which the child imports.
    """
    kept = {name: surroundings[name] for name in _KEPT if name in surroundings}
    python = {"PYTHONPATH": str(root), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return {**kept, **python, **dict.fromkeys(_UNSET, ""), **settings}


def model_environment(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the model's process: no setting and no key is among it."""
    kept = {name: surroundings[name] for name in (*_KEPT, "PYTHONPATH") if name in surroundings}
    return {**kept, "PYTHONUTF8": "1"}


def export_lines(settings: Mapping[str, str]) -> list[str]:
    """Return the settings as lines for a shell."""
    if sys.platform == "win32":
        return [f'$env:{name} = "{value}"' for name, value in settings.items()]
    return [f"export {name}='{_quoted(value)}'" for name, value in settings.items()]


def _quoted(value: str) -> str:
    return value.replace("'", "'\\''")
