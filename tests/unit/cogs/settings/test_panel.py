"""What the panel and the commands do between a Discord and a database that both may fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
import discord
import pytest

from bot.domain.people import User
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.rules import SettingChange
from bot.domain.settings.scopes import Actor, Scope, Target
from bot.errors import StorageError
from bot.presentation.settings.ids import Act, Spot, panel_id
from bot.presentation.settings.reader import LAST_CHANGES
from cogs.preferences import PreferencesCog
from cogs.settings import SettingsCog
from tests.fakes.changes import set_many, set_one
from tests.fakes.words import worded, worded_in, wording
from tests.unit.cogs.settings.stage import HERE, Seen, SettingsStage
from tests.unit.presentation.discord_objects import ADULT, ANN, BOB, CATEGORY, CHANNEL, GUILD, ROLE, THREAD

OWNER = Actor(user=User(id=BOB, name="Bob"), guild_id=GUILD, manages_guild=True)
AT = Spot(target=HERE)
GONE = StorageError("the disk is gone")


def at(key: str) -> Spot:
    return AT.at(key)


# --- changing ------------------------------------------------------------------------------------------------------


async def test_every_answer_is_the_user_s_alone_and_pings_nobody() -> None:
    stage = SettingsStage()
    seen = await stage.use(SettingsCog.set_value, "persona", "@everyone is a pirate")
    assert seen.deferred == [{"ephemeral": True, "thinking": True}]
    (page,) = seen.pages
    assert page["allowed_mentions"].to_dict() == discord.AllowedMentions.none().to_dict()
    pressed = await stage.press(panel_id(Act.OPEN, AT))
    assert pressed.deferred == [{"ephemeral": True, "thinking": False}]
    aside = await stage.press("settings:open:g2:model::")
    ((_, how),) = aside.asides
    assert how["ephemeral"]
    assert how["allowed_mentions"].to_dict() == discord.AllowedMentions.none().to_dict()


async def test_a_setting_is_meant_by_its_title_too_and_an_unknown_one_is_told() -> None:
    stage = SettingsStage()
    await stage.use(SettingsCog.set_value, f" {worded('settings.title.max_new_tokens').upper()} ", "100")
    assert stage.store.values == {(HERE, "max_new_tokens"): "100"}
    seen = await stage.use(SettingsCog.set_value, "colour", "red")
    unknown = worded("settings.fault.unknown_key", key="colour")
    assert unknown in seen.text
    for command in (SettingsCog.show, SettingsCog.history, SettingsCog.reset):
        assert unknown in (await stage.use(command, "colour")).text


@pytest.mark.parametrize("key", ["persona", "chat_model", "roles_allowed", "forbidden_words"])
async def test_an_empty_value_is_typed_as_two_quotation_marks(key: str) -> None:
    stage = SettingsStage()
    for written in ('""', " “” "):
        await stage.use(SettingsCog.set_value, key, "77")
        assert stage.store.values == {(HERE, key): "77"}
        await stage.use(SettingsCog.set_value, key, written)
        assert stage.store.values == {(HERE, key): ""}
    seen = await stage.use(SettingsCog.set_value, "drawing_model", '""')
    assert worded("settings.range.line_needed", longest=100) in seen.text


@pytest.mark.parametrize(
    ("scope", "channel_id", "target"),
    [
        ("guild", None, HERE),
        (None, None, HERE),
        ("channel", None, Target.channel(GUILD, CHANNEL)),
        ("person", None, Target.user(ANN)),
    ],
)
async def test_a_scope_names_whose_settings_they_are(scope: str | None, channel_id: int | None, target: Target) -> None:
    stage = SettingsStage()
    await stage.use(SettingsCog.set_value, "language", "en", scope, channel_id)
    assert list(stage.store.values) == [(target, "language")]


def given(stage: SettingsStage, channel_id: int) -> Any:
    """A channel as an option of a command brings it."""
    channel = stage.offline.guild.get_channel_or_thread(channel_id)
    assert channel is not None
    data: dict[str, Any] = {"id": str(channel_id), "name": channel.name, "type": channel.type.value, "permissions": "0"}
    made = discord.app_commands.AppCommandThread if channel_id == THREAD else discord.app_commands.AppCommandChannel
    if channel_id == THREAD:
        data |= {
            "owner_id": str(ANN),
            "member_count": 1,
            "message_count": 1,
            "flags": 0,
            "rate_limit_per_user": 0,
            "parent_id": str(CHANNEL),
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 60,
                "archive_timestamp": "2026-01-01T00:00:00+00:00",
            },
        }
    return made(state=stage.offline.client._connection, data=data, guild_id=GUILD)  # type: ignore[arg-type]  # a payload


@pytest.mark.parametrize(
    ("scope", "channel_id", "target"),
    [
        (None, ADULT, Target.channel(GUILD, ADULT)),
        ("category", ADULT, Target.category(GUILD, CATEGORY)),
        (None, CATEGORY, Target.category(GUILD, CATEGORY)),
        ("channel", CATEGORY, Target.category(GUILD, CATEGORY)),
        ("channel", THREAD, Target.channel(GUILD, CHANNEL)),
        ("guild", ADULT, HERE),
    ],
)
async def test_a_channel_names_itself_its_category_or_a_thread_s(
    scope: str | None, channel_id: int, target: Target
) -> None:
    stage = SettingsStage()
    await stage.use(SettingsCog.set_value, "spoilers", "on", scope, given(stage, channel_id))
    assert list(stage.store.values) == [(target, "spoilers")]


async def test_a_channel_in_no_category_has_none_to_set() -> None:
    stage = SettingsStage()
    assert worded("panel.no_category") in (await stage.use(SettingsCog.set_value, "spoilers", "on", "category")).text
    assert stage.store.values == {}


async def test_reset_takes_everything_back_but_what_one_may_not_change() -> None:
    stage = SettingsStage()
    operator = Actor(user=User(id=BOB, name="Bob"), guild_id=GUILD, manages_guild=True, is_operator=True)
    for key, value in (("top_p", "0.5"), ("persona", "x"), ("cost_per_picture", "2")):
        await set_one(stage.settings, HERE, key, value, operator)
    seen = await stage.use(SettingsCog.reset, "ALL")
    assert stage.store.values == {(HERE, "cost_per_picture"): "2"}
    assert f"0.5 → **{worded('panel.inherited', value='0.7', origin=worded('settings.scope.built_in'))}**" in seen.text
    assert len({change.batch for change in stage.store.record[-2:]}) == 1
    assert worded("panel.nothing_set") in (await stage.use(SettingsCog.reset, "all")).text
    assert worded("panel.nothing_set") in (await stage.use(SettingsCog.reset, "top_p")).text
    refused = worded("settings.fault.operator_only", title=worded("settings.title.cost_per_picture"))
    assert refused in (await stage.use(SettingsCog.reset, "cost_per_picture")).text


async def test_a_long_text_that_is_refused_is_given_back() -> None:
    stage = SettingsStage()
    typed = "a word that is far too long, " + "x" * 70
    seen = await stage.send(panel_id(Act.FILLED, at("forbidden_words"), "none"), typed)
    fault = wording("settings.fault.bad_value", title=worded("settings.title.forbidden_words"))
    assert fault.search(seen.text)
    ((words, how),) = seen.asides
    assert words == worded("panel.typed_kept")
    assert how["file"].fp.read().decode() == typed
    assert stage.store.values == {}


async def test_two_at_once_are_both_kept_and_the_second_is_told() -> None:
    stage = SettingsStage()
    opened = await stage.press(panel_id(Act.FORM, at("persona")))
    (modal,) = opened.modals
    assert opened.deferred == [], "a form can't be deferred"
    await set_one(stage.settings, HERE, "persona", "Bob's pirate", OWNER)
    seen = await stage.send(modal["custom_id"], "Ann's poet")
    assert worded("panel.meanwhile", value="Bob's pirate") in seen.text
    assert [(change.by.id, change.new) for change in stage.store.record] == [(BOB, "Bob's pirate"), (ANN, "Ann's poet")]
    again = (await stage.press(panel_id(Act.FORM, at("persona")))).modals[0]
    assert again["components"][0]["component"]["value"] == "Ann's poet"
    assert not wording("panel.meanwhile").search((await stage.send(again["custom_id"], "Ann's other poet")).text)


async def test_a_switch_that_others_have_switched_already_says_so() -> None:
    stage = SettingsStage()
    await set_one(stage.settings, HERE, "spoilers", "on", OWNER)
    seen = await stage.press(panel_id(Act.ON, at("spoilers")))
    assert worded("panel.same") in seen.text
    assert worded("panel.now", value=worded("settings.value.on"), origin=worded("settings.scope.guild")) in seen.text
    assert len(stage.store.record) == 1


async def test_what_was_changed_since_is_not_taken_back() -> None:
    stage = SettingsStage()
    first = await set_one(stage.settings, HERE, "top_p", "0.5", OWNER)
    await set_one(stage.settings, HERE, "top_p", "0.6", OWNER)
    assert first is not None
    changed = worded("settings.fault.changed_to", title=worded("settings.title.top_p"), limit="0.6")
    for act, arg in ((Act.UNDO, first.batch), (Act.TAKE, first.batch), (Act.REVERT, f"0.{first.batch}")):
        assert changed in (await stage.press(panel_id(act, at("top_p"), arg))).text
    assert (
        worded("settings.fault.unknown_change") in (await stage.press(panel_id(Act.UNDO, at("top_p"), "0" * 16))).text
    )
    assert stage.store.values[HERE, "top_p"] == "0.6"


async def test_a_change_of_language_is_answered_in_it() -> None:
    stage = SettingsStage()
    own = Spot(target=Target.user(ANN)).at("language")
    english, chinese = (worded_in(locale, "settings.title.language") for locale in ("en-US", "zh-CN"))
    assert chinese in (await stage.press(panel_id(Act.CHOOSE, own), ["zh-CN"])).text
    assert chinese in (await stage.use(PreferencesCog.panel)).text
    assert english in (await stage.use(PreferencesCog.reset, chinese)).text
    assert english in (await stage.use(PreferencesCog.history)).text


async def test_choices_lead_where_there_is_something_and_nowhere_else() -> None:
    stage = SettingsStage()
    place = panel_id(Act.PLACE, at("channels_allowed"))
    assert "### 🛡️" in (await stage.press(place, [f"x{CHANNEL}"])).text, "its topic: a channel has no such setting"
    assert "💬" in (await stage.press(panel_id(Act.PLACE, AT), [f"p{ANN}"])).text, "the first topic that one has"
    for act, values in ((Act.PLACE, ["p77"]), (Act.PLACE, []), (Act.TOPIC, ["weather"]), (Act.SETTING, ["colour"])):
        assert f"### 🧠 {worded('settings.topic.model')}" in (await stage.press(panel_id(act, AT), values)).text
    shown = await stage.press(panel_id(Act.SETTING, AT), ["persona"])
    assert worded("settings.help.persona") in shown.text
    assert worded("panel.history_title") in (await stage.press(panel_id(Act.AUDIT_LOG, AT, "99999.n"))).text


async def test_undo_on_a_page_is_of_what_was_changed_there() -> None:
    stage = SettingsStage()
    await set_one(stage.settings, HERE, "top_p", "0.5", OWNER)
    await set_one(stage.settings, Target.channel(GUILD, CHANNEL), "persona", "x", OWNER)
    assert undo_label(await stage.use(SettingsCog.panel)) == worded(
        "panel.undo_what", title=worded("settings.title.top_p")
    )
    assert undo_label(await stage.use(SettingsCog.show, "", "channel")) == worded(
        "panel.undo_what", title=worded("settings.title.persona")
    )
    shown = await stage.use(SettingsCog.show, "temperature")
    assert not [one for one in shown.components if ":undo:" in str(one.get("custom_id"))]


async def test_nothing_is_set_for_a_place_of_another_server_or_one_that_is_gone() -> None:
    stage = SettingsStage()
    gone = Spot(target=Target.channel(GUILD, 31), topic=Topic.DRAWING, key="spoilers")
    assert worded("settings.fault.unknown_place", given="31") in (await stage.press(panel_id(Act.ON, gone))).text
    # A channel's id as a category's, and the other way round, are no places either.
    for target in (Target.category(GUILD, CHANNEL), Target.channel(GUILD, CATEGORY)):
        await stage.press(panel_id(Act.ON, replace(gone, target=target)))
    assert stage.store.values == {}
    await set_one(stage.settings, gone.target, "spoilers", "on", OWNER)
    await stage.press(panel_id(Act.RESET, gone))
    assert stage.store.values == {}, "what is left of it can be taken away"


async def test_lists_take_what_the_server_has() -> None:
    stage = SettingsStage()
    assert (
        worded("settings.fault.unknown_place", given="31")
        in (await stage.use(SettingsCog.set_value, "channels_allowed", "31")).text
    )
    seen = await stage.use(SettingsCog.set_value, "roles_allowed", f"31, {ROLE}")
    assert worded("settings.fault.unknown_role", given="31") in seen.text
    assert stage.store.values == {}
    given = f"{CHANNEL}, {CATEGORY}, {THREAD}"
    await stage.use(SettingsCog.set_value, "channels_allowed", given)
    seen = await stage.use(SettingsCog.set_value, "channels_refused", "nowhere, #General")
    assert wording("settings.fault.bad_value", given="nowhere, \\#General").search(seen.text)
    await stage.use(SettingsCog.set_value, "roles_refused", f"@painters，{GUILD}")
    assert stage.store.values == {(HERE, "channels_allowed"): given, (HERE, "roles_refused"): f"{ROLE}, {GUILD}"}
    await set_one(stage.settings, HERE, "roles_allowed", "31", OWNER)
    await stage.use(SettingsCog.set_value, "roles_allowed", f"31, {ROLE}")
    assert stage.store.values[HERE, "roles_allowed"] == f"31, {ROLE}", "a role that is gone may stay in the list"


async def test_an_act_of_many_changes_is_counted_whole() -> None:
    stage = SettingsStage()
    keys = [key for key, entry in CATALOGUE.items() if Scope.CHANNEL in entry.scopes and entry.write(entry.default)]
    targets = (Target.channel(GUILD, CHANNEL), Target.category(GUILD, CATEGORY), HERE)
    wishes = [
        SettingChange(target=target, key=key, raw=CATALOGUE[key].write(CATALOGUE[key].default))
        for target in targets
        for key in keys
    ]
    assert len(wishes) > LAST_CHANGES
    await set_many(stage.settings, wishes, OWNER)
    assert undo_label(await stage.use(SettingsCog.panel)) == worded("panel.undo_many", count=len(wishes))


def undo_label(seen: Seen) -> str:
    return str(seen.find("undo")["label"])


async def test_an_empty_list_is_a_value_and_what_no_page_sends_is_none() -> None:
    stage = SettingsStage(roles_allowed=(5,))
    await set_one(stage.settings, HERE, "persona", "a pirate", OWNER)
    seen = await stage.press(panel_id(Act.LIST, at("roles_allowed")), [])
    everyone, here = worded("settings.empty.roles_allowed"), worded("settings.scope.guild")
    assert worded("panel.now", value=everyone, origin=here) in seen.text
    assert stage.store.values[HERE, "roles_allowed"] == ""
    before = dict(stage.store.values)
    for act in (Act.LIST, Act.CHOOSE):
        await stage.press(panel_id(act, at("persona")), [])
    await stage.press(panel_id(Act.CHOOSE, at("size")), ["512x512", "640x640"])
    await stage.press(panel_id(Act.RESET, AT))
    interaction, _ = stage.heard(type=5, data={"custom_id": panel_id(Act.FILLED, at("persona")), "components": [3, {}]})
    await stage.commands.on_interaction(interaction)
    assert stage.store.values == before


async def test_a_panel_of_an_earlier_version_goes_on_working() -> None:
    stage = SettingsStage()
    here = f"g{GUILD}:drawing"
    await stage.press(f"settings:on:{here}:enhance:")
    await stage.press(f"settings:choose:{here}:size:", ["512x512"])
    await stage.send(f"settings:filled:{here}:mh_scale:none", "9")
    assert stage.store.values == {(HERE, "enhance"): "on", (HERE, "size"): "512x512", (HERE, "scale"): "9"}
    opened = await stage.press(f"settings:setting:{here}::", ["scale"])
    assert opened.find("form")["custom_id"] == panel_id(Act.FORM, at("scale")), "the next page has the name of today"
    await stage.press(f"settings:reset:{here}:mh_scale:")
    assert (HERE, "scale") not in stage.store.values


async def test_what_a_setting_was_called_may_still_be_typed() -> None:
    stage = SettingsStage()
    await stage.use(SettingsCog.set_value, "scale", "9")
    assert stage.store.values == {(HERE, "scale"): "9"}
    assert "mh_" not in (await stage.use(SettingsCog.show, "scale")).text


async def test_the_operator_s_limits_hold_and_are_told() -> None:
    stage = SettingsStage(max_size=Size(width=512, height=512))
    seen = await stage.press(panel_id(Act.CHOOSE, at("max_size")), ["1024x1024"])
    title = worded("settings.title.max_size")
    assert worded("settings.fault.beyond_ceiling", title=title, given="1024x1024", limit="512x512") in seen.text
    offered = (await stage.press(panel_id(Act.SETTING, AT), ["provider"])).find("choose")
    assert [option["value"] for option in offered["options"]] == ["operator", "fusion"]


async def test_every_other_interaction_is_left_alone() -> None:
    stage = SettingsStage()
    for custom_id in ("reply:retry:7", "", "elsewhere:settings:"):
        seen = await stage.press(custom_id)
        assert seen == Seen()
    interaction, seen = stage.heard()
    await stage.commands.on_interaction(interaction)
    assert seen == Seen()


# --- trouble -------------------------------------------------------------------------------------------------------


async def test_a_database_that_is_gone_is_told(caplog: pytest.LogCaptureFixture) -> None:
    stage = SettingsStage()
    stage.store.failing = GONE
    assert worded("trouble.storage") in (await stage.use(SettingsCog.show)).text
    assert worded("trouble.storage") in (await stage.press(panel_id(Act.OPEN, AT))).text
    form = await stage.press(panel_id(Act.FORM, at("persona")))
    assert worded("trouble.storage") in form.text
    assert form.modals == []
    assert "could not be shown or changed" in caplog.text


async def test_a_database_that_hangs_does_not_keep_a_form_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = SettingsStage()
    monkeypatch.setattr("bot.presentation.settings.panel.LOOK_S", 0.01)

    async def hang() -> int:
        return await asyncio.Event().wait() or 0

    stage.store.revision = hang  # type: ignore[method-assign]  # a database that hangs
    assert worded("trouble.storage") in (await stage.press(panel_id(Act.FORM, at("persona")))).text


@pytest.mark.parametrize("failing", [aiohttp.ClientConnectionError(), ConnectionResetError(), TimeoutError()])
async def test_what_can_not_be_acknowledged_any_more_is_not_done(failing: Exception) -> None:
    stage = SettingsStage()
    stage.failing = failing
    seen = await stage.use(SettingsCog.set_value, "top_p", "0.5")
    seen_too = await stage.press(panel_id(Act.ON, at("spoilers")))
    assert stage.store.values == {}
    assert seen.pages == seen_too.pages == []
    assert (await stage.press(panel_id(Act.FORM, at("persona")))).modals == []


async def test_a_list_that_no_form_holds_can_be_changed_with_a_file() -> None:
    stage = SettingsStage()
    words = ", ".join(f"{number:060}" for number in range(100))
    await set_one(stage.settings, HERE, "forbidden_words", words, OWNER)
    seen = await stage.press(panel_id(Act.FORM, at("forbidden_words")))
    assert worded("panel.form_too_long", export="`/settings export`", upload="`/settings import`") in seen.text


async def test_a_page_that_a_passing_fault_kept_away_is_shown_after_all(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.presentation.settings.answers.RETRY_S", 0.0)
    stage = SettingsStage()
    stage.faults = [ConnectionResetError()]
    assert worded("panel.title") in (await stage.use(SettingsCog.panel)).text
    stage.faults = [ConnectionResetError(), ConnectionResetError()]
    assert (await stage.use(SettingsCog.panel)).pages == []
    assert caplog.text.count("could not be shown") == 3
