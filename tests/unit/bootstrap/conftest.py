"""discord.py is imported here first."""

from __future__ import annotations

from tests.fakes.library import import_discord

import_discord()
