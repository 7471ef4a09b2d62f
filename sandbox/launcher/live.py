"""The real endpoint behind the local Discord: its settings, out of the environment and the project's `.env`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from sandbox.launcher.options import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DEFAULT_PREFIX: Final = "DEFAULT_"
ENDPOINT_SETTINGS: Final = (
    "FUSION_URL", "FUSION_API_SECRET_KEY", "FUSION_AUTH_SCHEME", "MIAOHUA_TOKEN",
    "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_CHAT_MODEL", "OPENAI_IMAGE_MODEL", "IMAGE_FETCH_ALLOW",
    "IMAGE_FETCH_IN_TEXT",
)  # fmt: skip
"""What a bot is told of its endpoint; nothing of Discord, which stays the local one."""
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_NEEDED: Final = {
    "fusion": (("FUSION_API_SECRET_KEY", "the API secret key of the fusion endpoint"),),
    "chat_completions": (
        ("OPENAI_BASE_URL", "the endpoint's address up to and with /v1, for example https://host/v1"),
        ("OPENAI_CHAT_MODEL", "the name of the chat model"),
    ),
}
WITHOUT: Final = {
    "fusion": (("MIAOHUA_TOKEN", "there will be no drawings"),),
    "chat_completions": (("OPENAI_API_KEY", "the endpoint is asked without a key"),),
}


class LiveError(Exception):
    """The real endpoint can't be asked; the text says what to set, for a person, and holds no value of a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The real endpoint: what the bot is told of it, and what people may be told.

    `name` is the endpoint's host, or "" for the provider's own; `unset` names settings that are missing though not
    needed, each with what that means.
    """

    provider: str
    settings: Mapping[str, str]
    name: str
    unset: Mapping[str, str]

    def __repr__(self) -> str:
        """Tell nothing of the settings: there are keys among them."""
        return f"Live(provider={self.provider!r})"


def read_live(environ: Mapping[str, str], root: Path, *, provider: str) -> Live:
    """Read the settings of the endpoint; the environment wins over `.env` in `root`, as it does for the bot.

    `provider` "" leaves it to PROVIDER, else fusion. Raises LiveError where something needed is missing.
    """
    file = root / ".env"
    try:
        from_file = {name: value for name, value in dotenv_values(file).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise LiveError(f"{file} can't be read ({type(error).__name__}).") from error
    found = {**from_file, **environ}
    chosen = provider or found.get("PROVIDER", "").strip().lower() or PROVIDERS[0]
    if chosen not in PROVIDERS:
        raise LiveError(f"PROVIDER must be {' or '.join(PROVIDERS)}, not {chosen[:60]!r}.")
    missing = _unset(found, _NEEDED[chosen])
    if missing:
        raise LiveError(_words(chosen, missing, file))
    names = (*ENDPOINT_SETTINGS, *CERTIFICATES, *(name for name in found if name.startswith(DEFAULT_PREFIX)))
    address = found.get("FUSION_URL" if chosen == "fusion" else "OPENAI_BASE_URL", "").strip()
    return Live(
        provider=chosen,
        settings={name: found[name] for name in names if found.get(name, "").strip()},
        name=_host(address),
        unset=dict(_unset(found, WITHOUT[chosen])),
    )


def _unset(found: Mapping[str, str], names: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, what) for name, what in names if not found.get(name, "").strip()]


def _words(provider: str, missing: list[tuple[str, str]], file: Path) -> str:
    there = "it is there" if file.is_file() else "copy .env.example there"
    return "\n".join(
        (
            f"LIVE=1 asks the real endpoint ({provider}), and for that is missing:",
            "",
            *(f"  {name}  {what}" for name, what in missing),
            "",
            f"Set it in {file} ({there}) or in the environment.",
            "Nothing was started.",
        )
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
