"""discord.py is imported here before anything that needs it."""

from __future__ import annotations

from tests.fakes.library import import_discord

import_discord()
