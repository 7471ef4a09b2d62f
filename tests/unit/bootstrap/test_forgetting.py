"""The bot as it is put together forgets by itself, as soon as it runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import config as configuration
from bot.bootstrap.app import open_bot
from bot.domain.settings.catalogue import parse_setting
from bot.domain.settings.scopes import Edit, Target
from bot.storage.database.engine import open_database
from bot.storage.schema.migrate import migrate
from bot.storage.stores.history import SqlHistoryStore
from bot.storage.stores.settings import SqlSettingsStore
from tests.fakes.asks import ANN, said

KEYS = {"DISCORD_TOKEN": "t.o.k", "FUSION_API_SECRET_KEY": "s", "MIAOHUA_TOKEN": "m", "DEFAULT_RETENTION_DAYS": "30"}


async def test_what_is_old_is_gone_soon_after_the_start(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    await migrate(url)
    now = datetime.now(UTC)
    ages = {1: 29, 2: 31, 3: 364, 4: 366}
    async with open_database(url) as database:
        history = SqlHistoryStore(database)
        for number, days in ages.items():
            for guild_id in (1, 2, None):
                line = said(number, "hello", channel_id=(guild_id or 3) * 1000, guild_id=guild_id)
                await history.append(replace(line, created_at=now - timedelta(days=days)))
        year = Edit(target=Target.guild(2), key="retention_days", value="365")
        await SqlSettingsStore(database).write((year,), by=ANN, at=now, batch="b")
        keys = {**KEYS, "DATABASE_URL": url, "PICTURES_DIR": str(tmp_path / "pictures")}

        async def kept() -> list[list[int]]:
            return [[line.id for line in await history.recent(each, limit=9)] for each in (1000, 2000, 3000)]

        async with open_bot(configuration.load(keys, parse_setting=parse_setting)), asyncio.timeout(45):
            while True:
                if await kept() == [[1], [1, 2, 3], [1]]:
                    break
                await asyncio.sleep(0.01)
