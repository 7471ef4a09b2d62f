"""What is learnt of a model's tokens outlives the process, put together as the bot is."""

from __future__ import annotations

from pathlib import Path

from bot import config as configuration
from bot.bootstrap.app import open_bot
from bot.client import FusionBot
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.settings.catalogue import parse_setting
from bot.services.model.metering import Metering
from bot.storage.schema.migrate import migrate

REQUEST = ModelRequest(
    mode=Mode.CHAT, messages=(PromptMessage(role=Role.USER, content="four words are here " * 90),), user_key="k"
)


def metering_of(bot: FusionBot) -> Metering:
    return bot.services.chat._conversation._metering


async def test_it_is_written_at_the_end_and_read_at_the_start(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    keys = {
        "DISCORD_TOKEN": "t",
        "PROVIDER": "chat_completions",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_CHAT_MODEL": "local",
        "DATABASE_URL": url,
        "PICTURES_DIR": str(tmp_path / "pictures"),
        "HEALTH_PORT": "0",
    }
    config = configuration.load(keys, parse_setting=parse_setting)
    await migrate(url)
    async with open_bot(config) as bot:
        for _ in range(10):
            metering_of(bot).note_prompt(REQUEST, 900)
        learnt = metering_of(bot).counter("", "local")(REQUEST.messages[0].content)
    async with open_bot(config) as bot:
        assert metering_of(bot).counter("operator", "")(REQUEST.messages[0].content) == learnt
        assert metering_of(bot).counter("", "other")(REQUEST.messages[0].content) != learnt
