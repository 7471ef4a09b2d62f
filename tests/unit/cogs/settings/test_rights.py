"""Who may do what with settings: everybody, everywhere, whatever Discord lets through."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.domain.people import User
from bot.domain.settings.scopes import Actor, Target
from bot.presentation.settings.ids import Act, Spot, panel_id
from bot.presentation.settings.rights import operators_of
from cogs.preferences import PreferencesCog
from cogs.settings import SettingsCog
from tests.fakes.changes import set_one
from tests.fakes.words import worded
from tests.unit.cogs.settings.stage import ABROAD, HERE, OPERATOR, PEOPLE, SettingsStage
from tests.unit.presentation.discord_objects import ANN, BOB, GUILD, ROLE

MANAGERS = {"manager", "administrator", "owner", "operator"}
WITH_ROLE = MANAGERS | {"role"}
EVERYONE = set(PEOPLE)
STRANGER = Target.user(77777)
MAY: dict[str, set[str]] = {
    "look": WITH_ROLE,
    "set for the server": WITH_ROLE,
    "set for a channel": WITH_ROLE,
    "reset": WITH_ROLE,
    "see the history": WITH_ROLE,
    "export": WITH_ROLE,
    "press": WITH_ROLE,
    "send a form": WITH_ROLE,
    "open a form": WITH_ROLE,
    "take back": WITH_ROLE,
    "name the roles": MANAGERS,
    "set a cost": {"operator"},
    "set their own": EVERYONE,
    "press for themselves": EVERYONE,
    "press for another": set(),
    "set another guild's": set(),
}
"""Who may do it in a guild; elsewhere only what is one's own."""


async def stage_with_role() -> tuple[SettingsStage, str]:
    """A stage where one role may change settings, and where one change can be taken back."""
    stage = SettingsStage()
    owner = Actor(user=User(id=BOB, name="Bob"), guild_id=GUILD, manages_guild=True)
    await set_one(stage.settings, HERE, "manager_roles", str(ROLE), owner)
    change = await set_one(stage.settings, HERE, "top_p", "0.5", owner)
    assert change is not None
    return stage, change.batch


async def attempt(stage: SettingsStage, what: str, batch: str, **who: Any) -> bool:
    """Try to do something; whether it was done, or shown."""
    person = who.get("person", ANN)
    before = (dict(stage.store.values), len(stage.store.record))
    own = Spot(target=Target.user(person)).at("language")
    here = Spot(target=HERE).at("temperature")
    match what:
        case "look":
            return (
                worded("settings.title.temperature") in (await stage.use(SettingsCog.show, "temperature", **who)).text
            )
        case "see the history":
            return worded("panel.history_title") in (await stage.use(SettingsCog.history, **who)).text
        case "export":
            return bool((await stage.use(SettingsCog.export, **who)).pages[-1]["attachments"])
        case "open a form":
            return bool((await stage.press(panel_id(Act.FORM, here), **who)).modals)
        case "set for the server":
            await stage.use(SettingsCog.set_value, "temperature", "0.1", **who)
        case "set for a channel":
            await stage.use(SettingsCog.set_value, "temperature", "0.1", "channel", **who)
        case "name the roles":
            await stage.use(SettingsCog.set_value, "manager_roles", "77", **who)
        case "set a cost":
            await stage.use(SettingsCog.set_value, "cost_per_picture", "5", **who)
        case "reset":
            await stage.use(SettingsCog.reset, "all", **who)
        case "set their own":
            await stage.use(PreferencesCog.set_value, "language", "en", **who)
        case "press":
            await stage.press(panel_id(Act.ON, here.at("spoilers")), **who)
        case "send a form":
            await stage.send(panel_id(Act.FILLED, here, "none"), "0.2", **who)
        case "take back":
            await stage.press(panel_id(Act.UNDO, here, batch), **who)
        case "press for themselves":
            await stage.press(panel_id(Act.CHOOSE, own), ["zh-CN"], **who)
        case "press for another":
            await stage.press(panel_id(Act.CHOOSE, Spot(target=STRANGER).at("language")), ["zh-CN"], **who)
        case _:
            foreign = Spot(target=Target.guild(GUILD + 1)).at("spoilers")
            await stage.press(panel_id(Act.ON, foreign), **who)
    return before != (dict(stage.store.values), len(stage.store.record))


@pytest.mark.parametrize(("who", "what"), [*itertools.product(PEOPLE, MAY)])
async def test_in_a_guild(who: str, what: str) -> None:
    stage, batch = await stage_with_role()
    assert await attempt(stage, what, batch, **PEOPLE[who]) == (who in MAY[what])


@pytest.mark.parametrize(("who", "what", "place"), [*itertools.product(PEOPLE, MAY, ("direct", "abroad"))])
async def test_elsewhere_everybody_has_their_own_and_nothing_else(who: str, what: str, place: str) -> None:
    stage, batch = await stage_with_role()
    if what == "export":  # there it shows a page without a file
        assert not (await stage.use(SettingsCog.export, place=place, **PEOPLE[who])).pages
    else:
        done = await attempt(stage, what, batch, place=place, **PEOPLE[who])
        assert done == (what in ("set their own", "press for themselves"))


async def test_where_the_bot_is_no_member_rights_count_for_nothing() -> None:
    """Somebody carries it along into their own guild: what they may do there says nothing of the bot's settings."""
    stage = SettingsStage()
    spot = Spot(target=Target.guild(ABROAD)).at("spoilers")
    seen = await stage.press(panel_id(Act.ON, spot), place="abroad", **PEOPLE["owner"])
    assert stage.store.values == {}
    assert worded("panel.may_not_look", command="`/preferences panel`") in seen.text


@pytest.mark.parametrize("who", PEOPLE)
async def test_whoever_is_refused_is_told_what_it_takes(who: str) -> None:
    stage, _ = await stage_with_role()
    seen = await stage.use(SettingsCog.set_value, "cost_per_picture", "5", **PEOPLE[who])
    if who == "member":
        assert worded("panel.may_not_look", command="`/preferences panel`") in seen.text
    elif who != "operator":
        title = worded("settings.title.cost_per_picture")
        assert worded("settings.fault.operator_only", title=title) in seen.text


async def test_a_right_that_was_lost_is_noticed_with_the_next_press() -> None:
    stage, _ = await stage_with_role()
    held = PEOPLE["role"]
    assert await attempt(stage, "press", "", **held)
    owner = Actor(user=User(id=BOB, name="Bob"), guild_id=GUILD, manages_guild=True)
    await set_one(stage.settings, HERE, "manager_roles", None, owner)
    assert not await attempt(stage, "press", "", **held)
    seen = await stage.press(panel_id(Act.OFF, Spot(target=HERE).at("spoilers")), **held)
    assert seen.pages == []
    assert worded("panel.may_not_look", command="`/preferences panel`") in seen.text


async def test_in_a_direct_message_settings_are_explained() -> None:
    seen = await SettingsStage().use(SettingsCog.show, place="direct")
    assert worded("panel.in_servers_only", command="`/preferences panel`") in seen.text


@pytest.mark.parametrize(
    ("application", "operators"),
    [
        (None, set()),
        (SimpleNamespace(team=None, owner=SimpleNamespace(id=OPERATOR)), {OPERATOR}),
        (
            SimpleNamespace(
                owner=SimpleNamespace(id=1),
                team=SimpleNamespace(
                    owner_id=2,
                    members=[
                        SimpleNamespace(id=3, role=discord.TeamMemberRole.admin),
                        SimpleNamespace(id=4, role=discord.TeamMemberRole.developer),
                        SimpleNamespace(id=5, role=discord.TeamMemberRole.read_only),
                    ],
                ),
            ),
            {2, 3, 4},
        ),
    ],
)
async def test_operators_are_those_who_may_change_the_application(application: object, operators: set[int]) -> None:
    client = cast("discord.Client", SimpleNamespace(application=application))
    assert operators_of(client) == operators
