"""Settings as files, and what is suggested while a command is typed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bot.domain.people import User
from bot.domain.settings.document import LARGEST_BYTES
from bot.domain.settings.scopes import Actor
from bot.errors import StorageError
from cogs.settings import SettingsCog
from tests.fakes.cdn import Files, open_cdn
from tests.fakes.changes import set_one
from tests.fakes.words import worded
from tests.unit.cogs.settings.stage import HERE, Seen, SettingsStage
from tests.unit.presentation.discord_objects import BOB, CHANNEL, GUILD

OWNER = Actor(user=User(id=BOB, name="Bob"), guild_id=GUILD, manages_guild=True)
GONE = StorageError("the disk is gone")


@pytest.fixture
async def cdn(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Files, str]]:
    files = Files()
    async with open_cdn(files) as base:
        monkeypatch.setattr(discord.http.Route, "BASE", f"{base}/api/v10")
        yield files, f"{base}/cdn/settings.json"


def attachment(stage: SettingsStage, url: str, size: int = 100, name: str = "my 设置.json") -> discord.Attachment:
    data: Any = {"id": "1", "filename": name, "size": size, "url": url, "proxy_url": url}
    return discord.Attachment(data=data, state=stage.offline.client._connection)


DOCUMENT = {"format": "fusion-bot settings", "version": 1, "guild": {"top_p": "0.5"}}


async def test_a_file_is_only_taken_from_discord(cdn: tuple[Files, str], caplog: pytest.LogCaptureFixture) -> None:
    files, url = cdn
    files.body = json.dumps(DOCUMENT).encode()
    stage = SettingsStage()
    for other in ("http://169.254.169.254/x.json", url.replace("127.0.0.1", "localhost"), "file:///etc/passwd", "::"):
        seen = await stage.use(SettingsCog.import_, attachment(stage, other))
        assert worded("panel.import_again", command="`/settings import`") in seen.text
    assert files.asked == []
    assert "169.254" not in caplog.text
    seen = await stage.use(SettingsCog.import_, attachment(stage, url))
    assert "0.7" not in seen.text
    assert "→ **0.5**" in seen.text
    assert seen.pages[-1]["attachments"][0].filename == "my.json"
    assert worded("panel.import_count", count=1) in seen.text
    assert stage.store.values == {}


async def test_a_file_that_is_too_large_or_gone_or_elsewhere_is_told(cdn: tuple[Files, str]) -> None:
    files, url = cdn
    stage = SettingsStage()
    too_large = worded("settings.fault.too_large", limit=LARGEST_BYTES // 1024)
    assert too_large in (await stage.use(SettingsCog.import_, attachment(stage, url, LARGEST_BYTES + 1))).text
    assert files.asked == []
    files.body = b" " * (LARGEST_BYTES + 1)  # larger than was said
    assert too_large in (await stage.use(SettingsCog.import_, attachment(stage, url))).text
    gone = worded("panel.import_again", command="`/settings import`")
    for status in (404, 302, 500):
        files.status = status
        assert gone in (await stage.use(SettingsCog.import_, attachment(stage, url))).text


async def decide(stage: SettingsStage, shown: Seen, act: str, url: str, *, custom_id: str = "", **who: Any) -> Seen:
    """Press a button under a diff, whose message has the file."""
    custom_id = custom_id or shown.find(act)["custom_id"]
    file: Any = {"id": "1", "filename": "my.json", "size": 100, "url": url, "proxy_url": url}
    message = {
        "id": "7", "channel_id": str(CHANNEL), "author": {"id": "99", "username": "f", "discriminator": "0",
        "avatar": None}, "content": "", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None,
        "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [file],
        "embeds": [], "pinned": False, "type": 0, "flags": 64,
    }  # fmt: skip
    interaction, seen = stage.heard(type=3, data={"custom_id": custom_id, "component_type": 2}, message=message, **who)
    await stage.commands.on_interaction(interaction)
    return seen


async def test_another_file_than_was_shown_is_never_applied(cdn: tuple[Files, str]) -> None:
    files, url = cdn
    files.body = json.dumps(DOCUMENT).encode()
    stage = SettingsStage()
    shown = await stage.use(SettingsCog.import_, attachment(stage, url))
    files.body = json.dumps({**DOCUMENT, "guild": {"top_p": "0.9"}}).encode()
    gone = worded("panel.import_again", command="`/settings import`")
    assert gone in (await decide(stage, shown, "apply", url)).text
    files.status = 404
    assert gone in (await decide(stage, shown, "apply", url)).text
    assert stage.store.values == {}


async def test_whoever_applies_needs_the_right_then(cdn: tuple[Files, str]) -> None:
    files, url = cdn
    files.body = json.dumps(DOCUMENT).encode()
    stage = SettingsStage()
    shown = await stage.use(SettingsCog.import_, attachment(stage, url))
    refused = await decide(stage, shown, "apply", url, permissions="0")
    assert worded("panel.may_not_look", command="`/preferences panel`") in refused.text
    assert stage.store.values == {}
    done = await decide(stage, shown, "apply", url, person=BOB)
    assert worded("panel.import_done", count=1) in done.text
    assert done.pages[-1]["attachments"] == []
    assert stage.store.values == {(HERE, "top_p"): "0.5"}


async def test_a_diff_of_many_pages_is_turned(cdn: tuple[Files, str]) -> None:
    files, url = cdn
    keys = ("top_p", "temperature", "max_new_tokens", "context_messages", "context_tokens", "max_steps", "max_count")
    guild = {key: "1" for key in keys if key != "context_tokens"} | {"context_tokens": "100", "persona": "x"}
    guild |= {"spoilers": "on", "drawing_allowed": "off", "answer_in_thread": "on"}
    files.body = json.dumps({**DOCUMENT, "guild": guild}).encode()
    stage = SettingsStage()
    shown = await stage.use(SettingsCog.import_, attachment(stage, url))
    assert worded("panel.page", page=1, pages=2) in shown.text
    forth = [one for one in shown.components if ":diff:" in str(one.get("custom_id")) and not one.get("disabled")]
    assert len(forth) == 1
    second = await decide(stage, shown, "diff", url, custom_id=forth[0]["custom_id"])
    assert worded("panel.page", page=2, pages=2) in second.text
    done = await decide(stage, second, "apply", url)
    assert worded("panel.import_done", count=len(guild)) in done.text


async def test_an_export_brings_itself_back(cdn: tuple[Files, str]) -> None:
    files, url = cdn
    stage = SettingsStage()
    await stage.use(SettingsCog.set_value, "persona", "狐狸")
    await stage.use(SettingsCog.set_value, "spoilers", "on", "channel")
    seen = await stage.use(SettingsCog.export)
    (file,) = seen.pages[-1]["attachments"]
    files.body = file.fp.read()
    assert json.loads(files.body)["channels"] == {str(CHANNEL): {"spoilers": "on"}}
    same = await stage.use(SettingsCog.import_, attachment(stage, url))
    assert worded("panel.import_nothing") in same.text
    await stage.use(SettingsCog.reset, "all")
    shown = await stage.use(SettingsCog.import_, attachment(stage, url))
    await decide(stage, shown, "apply", url)
    assert stage.store.values[HERE, "persona"] == "狐狸"


# --- typing --------------------------------------------------------------------------------------------------------


def typing(stage: SettingsStage, options: dict[str, str], **who: Any) -> Any:
    """An interaction while ``/settings set`` is typed."""
    interaction, _ = stage.heard(type=4, **who)
    given_: Any = [{"type": 3, "name": name, "value": value} for name, value in options.items()]
    interaction._cs_namespace = discord.app_commands.Namespace(interaction, {}, given_)  # type: ignore[attr-defined]  # where the library keeps it
    return interaction


async def test_values_are_suggested_to_those_alone_who_may_see_them() -> None:
    stage = SettingsStage()
    await set_one(stage.settings, HERE, "persona", "a secret pirate", OWNER)
    interaction = typing(stage, {"key": "persona", "value": ""})
    found = await stage.typing.values(interaction, "")
    assert [choice.value for choice in found] == ["a secret pirate", '""']
    elsewhere: tuple[dict[str, Any], ...] = ({"permissions": "0"}, {"place": "direct"}, {"place": "abroad"})
    for who in elsewhere:
        interaction = typing(stage, {"key": "persona", "value": ""}, **who)
        assert await stage.typing.values(interaction, "") == []


async def test_suggestions_follow_the_scope_and_survive_a_gone_database() -> None:
    stage = SettingsStage()
    interaction = typing(stage, {"scope": "person", "key": "l"})
    assert "top_p" not in [choice.value for choice in await stage.typing.keys(interaction, "")]
    stage = SettingsStage()
    stage.store.failing = GONE
    interaction = typing(stage, {"key": "top_p", "value": ""})
    assert await stage.typing.values(interaction, "") == []
    assert await stage.typing.keys(interaction, "top")


async def test_the_command_asks_for_any_channel() -> None:
    option = next(one for one in SettingsCog.set_value.parameters if one.name == "channel")
    assert option.type is discord.AppCommandOptionType.channel
    assert option.channel_types == []
