"""What a request to Discord may fail with although it was right."""

from __future__ import annotations

from typing import Final

import aiohttp
import discord

TRANSPORT_ERRORS: Final = (discord.HTTPException, aiohttp.ClientError, OSError)
"""Discord refused, or did not answer: a timeout is an ``OSError``."""
