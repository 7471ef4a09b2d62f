"""A local Discord that bots of other libraries log in to, and what all of them are put through."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import AsyncIterator

import pytest

from sandbox.discord import Limits, LocalDiscord, Rate

with warnings.catch_warnings():
    # discord.py's voice support imports a module that Python 3.13 no longer has; before that, importing it warns.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    importlib.import_module("discord")


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    # Windows shorter than Discord's: the libraries' sleeping on them is seen as well, and the tests wait less.
    limits = Limits(creates=Rate(count=5, per_s=1.0), edits=Rate(count=5, per_s=1.0))
    async with LocalDiscord(port=0, limits=limits) as discord:
        yield discord
