"""What the demo is, told to the terminal and to the page: who answers, whether it may cost money, what to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.discord import LocalDiscord
    from sandbox.launcher.live import Live
    from sandbox.launcher.model import DemoModel


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One demo: either `live` or `model` is there."""

    provider: str
    model: DemoModel | None = None
    live: Live | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `GET /control/demo` answers; no key and no address with a path is in it."""
        live = None if self.live is None else {"endpoint": self.live.name, "unset": list(self.live.unset)}
        model = None if self.model is None else self.model.as_json()
        return {"provider": self.provider, "live": live, "model": model}

    def lines(self) -> list[str]:
        """Return who answers, for the terminal."""
        if self.live is not None:
            endpoint = f"{self.provider}{self.live.name and f' at {self.live.name}'}"
            unset = [f"{name} is not set: {what}." for name, what in self.live.unset.items()]
            return [f"Live: the real endpoint answers ({endpoint}). Its calls may cost money.", *unset]
        return [] if self.model is None else [self.model.words()]

    def hints(self, name: str) -> list[str]:
        """Return what to try with the bot of this name: nothing that the endpoint would refuse."""
        if self.live is not None and "MIAOHUA_TOKEN" in self.live.unset:
            return [f"@{name} hello", "/ask"]
        # Only the fusion endpoint draws in the middle of a chat.
        return [f"@{name} hello", *([f"@{name} draw me a fox"] if self.provider == "fusion" else []), "/draw"]


def connected_text(about: About, discord: LocalDiscord, data: Path) -> str:
    """Return what to do once the bot is there."""
    name = discord.world.application.name
    return "\n".join(
        (
            "",
            f"  The bot is connected. Open  {discord.base_url}/",
            "",
            "  Try, in #general:",
            *(f"    {hint}" for hint in about.hints(name)),
            "",
            *(f"  {line}" for line in about.lines()),
            f"  Logs: {data}",
            "  Stop: Ctrl-C",
            "",
        )
    )


def no_bot_text(about: About, discord: LocalDiscord, exports: Sequence[str]) -> str:
    """Return how to connect a bot of one's own."""
    return "\n".join(
        (
            "",
            f"  No bot was started. The page is  {discord.base_url}/",
            *(f"  {line}" for line in about.lines()),
            "  This environment connects one:",
            "",
            *exports,
            "",
            "  Stop: Ctrl-C",
            "",
        )
    )
