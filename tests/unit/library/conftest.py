"""What the bot takes for granted of discord.py, one test for each: they fail when the library changes behind it."""

from __future__ import annotations

from tests.fakes.library import import_discord

import_discord()

from tests.unit.presentation.on_discord.conftest import stage  # noqa: E402  # the library has to be imported that way first

__all__ = ["stage"]
