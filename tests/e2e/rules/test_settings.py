"""``/settings`` and ``/preferences``: every command, the panel from first to last setting, a restart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.domain.settings.catalogue import CATALOGUE, Setting, Topic
from bot.domain.settings.kinds import Choice, Flag, IdKind, Ids, Measure, Number, Text, Whole
from bot.domain.settings.layers import Operator
from bot.presentation.words.settings import SettingWords
from sandbox.discord.people.interact import walk
from sandbox.discord.protocol.errors import PersonError
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.rules.settings_acts import SettingsActs
from tests.fakes.words import worded, worded_in

WORDS = SettingWords("en-US")
SERVER, BUILT_IN = worded("settings.scope.guild"), worded("settings.scope.built_in")


def line(key: str, old: str, new: str) -> str:
    """How a change of the server's setting is told."""
    return worded("panel.changed", title=worded(f"settings.title.{key}"), place=SERVER, old=old, new=new)


def inherited(value: str) -> str:
    """How a built-in value is told in place of what is no longer set."""
    return worded("panel.inherited", value=value, origin=BUILT_IN)


def now(value: str, origin: str = SERVER) -> str:
    """How the value that holds is told."""
    return worded("panel.now", value=value, origin=origin)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def settings_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage of these tests' own: what they set would hold for the others' questions too."""
    async with open_stage(tmp_path_factory.mktemp("settings")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def acts(settings_stage: Stage) -> AsyncIterator[SettingsActs]:
    """Alice, who owns the server and runs the bot, in a channel of the test's own; nothing is set before or after."""
    settings_stage.endpoint.clear()
    settings_stage.discord.log.clear()
    settings_stage.new_general()
    found = SettingsActs(settings_stage)
    yield found
    for scope in ("channel", "category", "guild", "person"):
        await found.use("settings reset", {"key": "all", "scope": scope})


async def test_set_says_what_was_and_is_and_takes_it_back(acts: SettingsActs) -> None:
    said = await acts.use("settings set", {"key": worded("settings.title.temperature"), "value": "０．３"})
    assert line("temperature", inherited("0.8"), "0.3") in said
    await acts.stage.answer(await acts.stage.mention("hello"))
    assert acts.stage.endpoint.requests[-1].body["temperature"] == 0.3
    assert line("temperature", "0.3", inherited("0.8")) in await acts.press("take")
    assert line("temperature", inherited("0.8"), "0.3") in await acts.press("take")
    said = await acts.use("settings reset", {"key": "temperature"})
    assert line("temperature", "0.3", inherited("0.8")) in said


async def test_a_bad_value_is_refused_with_its_range_in_the_reader_s_language(acts: SettingsActs) -> None:
    range_ = worded("settings.range.number_above", low=0, high=2)
    fault = worded("settings.fault.bad_value", title=worded("settings.title.temperature"), range=range_, given="9")
    assert fault in await acts.use("settings set", {"key": "temperature", "value": "9"})
    world = acts.stage.discord.world
    title = worded_in("zh-CN", "settings.title.temperature")
    theirs = SettingsActs(acts.stage, world.person("xiaoming"), world.channel("画室/闲聊"))
    said = await theirs.use("settings set", {"key": title, "value": "9"})
    range_ = worded_in("zh-CN", "settings.range.number_above", low=0, high=2)
    assert worded_in("zh-CN", "settings.fault.bad_value", title=title, range=range_, given="9") in said
    assert await acts.stage.rows("SELECT COUNT(*) FROM settings WHERE key = 'temperature'") == [(0,)]


async def test_a_narrower_place_wins_and_says_so(acts: SettingsActs) -> None:
    await acts.use("settings set", {"key": "persona", "value": "A pirate."})
    await acts.use("settings set", {"key": "persona", "value": "A poet.", "scope": "channel"})
    said = await acts.use("settings show", {"key": "persona", "scope": "channel"})
    assert now("A poet.", f"<#{acts.channel.id}>") in said
    assert worded("panel.layer", sign="▫️", place=SERVER, value="A pirate.") in said
    await acts.stage.answer(await acts.stage.mention("hello"))
    assert acts.stage.endpoint.requests[-1].body["messages"][0]["content"].startswith("A poet.")
    said = await acts.use("settings set", {"key": "language", "value": "en", "channel": acts.channel})
    assert f"<#{acts.channel.id}>" in said
    await acts.use("settings reset", {"key": "all", "scope": "channel"})
    assert now("A pirate.") in await acts.use("settings show", {"key": "persona", "scope": "channel"})


async def test_keys_and_values_are_suggested(acts: SettingsActs) -> None:
    keys = await acts.suggested("settings set", {"key": "temp"}, "key")
    assert keys == [{"name": f"{worded('settings.title.temperature')} (temperature)", "value": "temperature"}]
    values = await acts.suggested("settings set", {"key": "size", "value": "512x7"}, "value")
    assert [one["value"] for one in values] == ["512x768"]
    flags = await acts.suggested("settings set", {"key": "spoilers", "value": ""}, "value")
    assert {one["value"] for one in flags} == {"on", "off"}
    everything = await acts.suggested("settings reset", {"key": "all"}, "key")
    assert "all" in [one["value"] for one in everything]


async def test_the_history_tells_who_changed_what_and_takes_it_back(acts: SettingsActs) -> None:
    await acts.use("settings set", {"key": "top_p", "value": "0.5"})
    await acts.use("settings set", {"key": "top_p", "value": "0.6"})
    said = await acts.use("settings history", {"key": "top_p"})
    assert f"<@{acts.user.id}>" in said
    assert line("top_p", "0.5", "0.6") in said
    assert line("top_p", "0.6", "0.5") in await acts.press("revert")
    assert f"~~{line('top_p', '0.5', '0.6')}~~" in acts.text
    assert now("0.5") in await acts.use("settings show", {"key": "top_p"})


async def test_export_and_import_bring_everything_back_at_once(acts: SettingsActs) -> None:
    await acts.use("settings set", {"key": "persona", "value": "A pirate."})
    await acts.use("settings set", {"key": "max_steps", "value": "20", "scope": "category"})
    await acts.use("settings export")
    exported = acts.attached()
    assert exported["guild"] == {"persona": "A pirate."}
    await acts.use("settings set", {"key": "persona", "value": "A poet."})
    said = await acts.use("settings import", file=json.dumps(exported).encode())
    assert line("persona", "A poet.", "A pirate.") in said
    assert worded("panel.import_count", count=1) in said
    assert await kept(acts, "persona") == ["A poet."]
    assert worded("panel.import_done", count=1) in await acts.press("apply")
    assert await kept(acts, "persona") == ["A pirate."]
    assert line("persona", "A pirate.", "A poet.") in await acts.press("take")
    await acts.use("settings import", file=json.dumps(exported).encode())
    assert worded("panel.cancelled") in await acts.press("cancel")


async def test_an_import_that_others_have_overtaken_is_shown_anew(acts: SettingsActs) -> None:
    document = {"format": "fusion-bot settings", "version": 1, "guild": {"top_p": "0.5"}}
    await acts.use("settings import", file=json.dumps(document).encode())
    other = SettingsActs(acts.stage)
    await other.use("settings set", {"key": "top_p", "value": "0.9"})
    said = await acts.press("apply")
    assert worded("panel.import_stale") in said
    assert line("top_p", "0.9", "0.5") in said
    assert worded("panel.import_done", count=1) in await acts.press("apply")


async def test_a_faulty_import_changes_nothing(acts: SettingsActs) -> None:
    document = {
        "format": "fusion-bot settings",
        "version": 1,
        "guild": {"top_p": "7", "nonsense": "x", "persona": "A."},
    }
    said = await acts.use("settings import", file=json.dumps(document).encode())
    range_ = worded("settings.range.number_above", low=0, high=1)
    assert worded("settings.fault.bad_value", title=worded("settings.title.top_p"), range=range_, given="7") in said
    assert worded("settings.fault.unknown_key", key="nonsense") in said
    assert worded("settings.fault.not_json") in await acts.use("settings import", file=b"{")
    assert await acts.stage.rows("SELECT COUNT(*) FROM settings") == [(0,)]


async def test_members_have_their_own_preferences_and_nothing_else(acts: SettingsActs) -> None:
    world = acts.stage.discord.world
    bob = SettingsActs(acts.stage, world.person("bob"))
    with pytest.raises(PersonError):
        await bob.use("settings show")
    said = await bob.use("preferences set", {"key": "language", "value": "zh-CN"})
    assert worded_in("zh-CN", "settings.choice.language.zh_cn") in said
    reply = await acts.stage.mention("x", user=world.person("bob"))
    await acts.stage.ended(reply.id)
    assert worded_in("zh-CN", "settings.title.language") in await bob.use("preferences panel")
    assert worded_in("zh-CN", "settings.choice.language.zh_cn") in await bob.use("preferences history")
    dm = await world.open_dm(world.person("bob"))
    private = SettingsActs(acts.stage, world.person("bob"), dm)
    await private.use("preferences panel")
    await private.choose("topic", "drawing")
    await private.choose("setting", "steps")
    assert "**30**" in await private.fill("30")
    said = await private.use("preferences reset", {"key": "all"})
    assert "30" in said
    assert await acts.stage.rows("SELECT COUNT(*) FROM settings WHERE scope = 'person'") == [(0,)]


async def test_preferences_come_along_to_where_the_bot_is_not(acts: SettingsActs) -> None:
    world = acts.stage.discord.world
    bob = world.person("bob")
    world.install_for(bob)
    private = SettingsActs(acts.stage, bob, await world.open_dm(bob, world.person("dora")))
    assert "**40**" in await private.use("preferences set", {"key": "steps", "value": "40"})
    assert worded("panel.you") not in await private.use("preferences panel"), "there is nobody else to choose"
    with pytest.raises(PersonError):
        await private.use("settings show")
    await private.use("preferences reset", {"key": "all"})


async def test_a_role_that_may_change_settings(acts: SettingsActs) -> None:
    world = acts.stage.discord.world
    guild = world.guild()
    role = next(role for role in guild.roles.values() if role.name == "Member")
    await acts.use("settings set", {"key": "manager_roles", "value": f"<@&{role.id}>"})
    application = world.application
    command = next(one for one in application.commands.values() if one.name == "settings")
    # As a server does it in its own settings, under "Integrations".
    application.command_permissions[guild.id, command.id] = [{"id": str(role.id), "type": 1, "permission": True}]
    bob, dora = (SettingsActs(acts.stage, world.person(name)) for name in ("bob", "dora"))
    assert "→ **0.5**" in await bob.use("settings set", {"key": "top_p", "value": "0.5"})
    title = worded("settings.title.manager_roles")
    refused = worded("settings.fault.not_without_manage_server", title=title)
    assert refused in await bob.use("settings set", {"key": "manager_roles", "value": "1"})
    with pytest.raises(PersonError):
        await dora.use("settings show")
    await bob.use("settings panel")
    await acts.use("settings reset", {"key": "manager_roles"})
    # The panel that stands is Bob's no more, whatever Discord lets through.
    before = bob.text
    assert await bob.press("record") == before
    assert worded("panel.may_not_look", command="`/preferences panel`") in await bob.use("settings show")
    del application.command_permissions[guild.id, command.id]


async def test_the_panel_from_first_to_last_setting_and_after_a_restart(acts: SettingsActs) -> None:
    await acts.use("settings panel")
    for topic in Topic:
        if topic is not Topic.MODEL:
            await acts.choose("topic", topic.value)
        for key in (key for key, entry in CATALOGUE.items() if entry.topic is topic):
            await acts.choose("setting", key)
            written = await change(acts, CATALOGUE[key])
            shown = WORDS.written(key, written, shown_chars=700)
            assert now(shown) in acts.text, acts.text
            assert acts.text.startswith(("✅", "ℹ️")), acts.text
            await acts.press("open")
            assert f"🔵 **{WORDS.title(key)}**" in acts.text
    await acts.use("settings export")
    assert set(acts.attached()["guild"]) == set(CATALOGUE)
    await acts.stage.ended((await acts.stage.mention("hello")).id)
    sent = acts.stage.endpoint.requests[-1].body
    # The last of the services is the chat-completions one, by whose names this goes out.
    assert (sent["temperature"], sent["top_p"], sent["max_tokens"], sent["model"]) == (2, 1, 32768, "unheard")

    waiting = SettingsActs(acts.stage)
    document = {"format": "fusion-bot settings", "version": 1, "guild": {"top_p": "0.25"}}
    await waiting.use("settings import", file=json.dumps(document).encode())
    await acts.use("settings show", {"key": "persona"})
    await acts.stage.bot.end()
    await acts.stage.bot.start()
    await acts.stage.connected()
    assert worded("panel.import_done", count=len(CATALOGUE)) in await waiting.press("apply")
    assert worded("panel.taken_back") in await waiting.press("take")
    form = await acts.open()
    field = next(one for one in walk(form.modal["components"]) if one.get("component")) if form.modal else {}
    assert field["component"]["value"] == "A. Line 1\nLine 2"
    assert now("After the restart.") in await acts.send(form, "After the restart.")
    assert now("A. Line 1 Line 2") in await acts.press("undo")
    assert now(worded("settings.value.none"), BUILT_IN) in await acts.press("reset")


async def kept(acts: SettingsActs, key: str) -> list[object]:
    """Read what the database holds for a setting."""
    return [row[0] for row in await acts.stage.rows("SELECT value FROM settings WHERE key = ?", key)]


async def change(acts: SettingsActs, entry: Setting) -> str:
    """Change the setting that is shown with what its page offers; returns what is written then."""
    guild = acts.stage.discord.world.guild()
    match entry.kind:
        case Flag():
            wanted = "off" if entry.default else "on"
            await acts.press(wanted)
        case Choice():
            # Another language would change every word that is looked for.
            wanted = "en" if entry.key == "language" else str(acts.find("choose")["options"][-1]["value"])
            await acts.choose("choose", wanted)
        case Measure():
            wanted = "512x768"
            await acts.choose("choose", wanted)
        case Ids(names=IdKind.CHANNELS):
            other = next(one for one in guild.channels.values() if one.name == "art")
            wanted = str(other.id if entry.key == "channels_refused" else acts.channel.id)
            await acts.choose("list", wanted)
        case Ids():
            name = "Moderator" if entry.key == "roles_refused" else "Admin"
            role = next(one for one in guild.roles.values() if one.name == name)
            wanted = str(role.id)
            await acts.choose("list", role)
        case Text() if entry.key == "drawing_model":
            wanted = "Artist v0.4.0 Beta"
            await acts.choose("choose", wanted)
        case Whole(high=high) | Number(high=high):
            wanted = entry.write(Operator(defaults={}, available={}).within(entry, high))
            await acts.fill(wanted)
        case Text(long=True):
            wanted = "A. Line 1\nLine 2"
            await acts.fill(wanted)
        case _:
            wanted = "unheard"
            await acts.fill(wanted)
    return wanted
