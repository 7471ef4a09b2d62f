"""The layers: the narrowest value holds, says where it comes from, and never goes beyond the operator's ceilings."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.bounds import CEILINGS
from bot.domain.people import Place, User
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import BUILT_IN, CATALOGUE
from bot.domain.settings.faults import FaultKind, SettingFault, SettingsError
from bot.domain.settings.kinds import Number, Value, Whole
from bot.domain.settings.layers import Layer, Operator, read_layers, resolve, tighter, with_room
from bot.domain.settings.rules import SettingChange, check_wish, check_wishes
from bot.domain.settings.scopes import (
    Actor,
    Authority,
    Ceiling,
    Edit,
    Scope,
    StoredSetting,
    Target,
    may_change,
    targets_of,
)

GUILD, GROUP, ROOM, ME = Target.guild(1), Target.category(1, 4), Target.channel(1, 5), Target.user(11)
NOBODY = Operator(defaults={}, available={})
THREAD = Place(channel_id=9, parent_id=5, category_id=4, guild_id=1)


def test_a_place_has_the_targets_above_it() -> None:
    assert targets_of(THREAD, 11) == (GUILD, GROUP, ROOM, ME), "a thread has its channel's"
    assert targets_of(Place(channel_id=5, guild_id=1)) == (GUILD, ROOM)
    assert targets_of(Place(channel_id=5), 11) == (ME,), "nothing of a server holds in a direct message"
    assert targets_of(Place(channel_id=5)) == ()


@pytest.mark.parametrize(
    ("scope", "number", "guild"),
    [
        (Scope.GUILD, 1, 2),
        (Scope.GUILD, 0, 0),
        (Scope.CHANNEL, 5, 0),
        (Scope.CATEGORY, 0, 1),
        (Scope.PERSON, 11, 1),
        (Scope.OPERATOR, 1, 1),
        (Scope.BUILT_IN, 1, 0),
    ],
)
def test_what_is_no_target_can_not_be_made(scope: Scope, number: int, guild: int) -> None:
    with pytest.raises(ValueError, match="target"):
        Target(scope=scope, id=number, guild_id=guild)


def test_the_narrowest_value_holds_and_says_where_it_comes_from() -> None:
    layers: list[tuple[Target, Layer]] = []
    operator = Operator(defaults={"scale": 2}, available={})
    assert resolve(NOBODY, layers).explain("scale").scope is Scope.BUILT_IN
    assert resolve(operator, layers).settings.scale == 2
    assert resolve(operator, layers).explain("scale").scope is Scope.OPERATOR
    for value, target in enumerate((GUILD, GROUP, ROOM, ME), 3):
        layers.append((target, {"scale": value}))
        resolved = resolve(operator, layers)
        told = resolved.explain("scale")
        assert (resolved.settings.scale, told.value, told.written) == (value, value, str(value))
        assert (told.scope, told.target) == (target.scope, target)
    everything = resolve(operator, layers).explain_all()
    assert [told.key for told in everything] == list(CATALOGUE)
    assert {told.scope for told in everything} == {Scope.BUILT_IN, Scope.PERSON}
    assert all(told.value == getattr(BUILT_IN, told.key) for told in everything if told.scope is Scope.BUILT_IN)


def test_a_guild_does_not_pass_the_operators_ceiling() -> None:
    operator = Operator(
        defaults={"max_steps": 40, "max_size": Size(width=800, height=600), "person_calls_a_day": 10}, available={}
    )
    above: Layer = {"max_steps": 90, "max_size": Size(width=700, height=900), "person_calls_a_day": 0}
    resolved = resolve(operator, [(GUILD, above)])
    assert resolved.settings.max_steps == 40
    assert resolved.settings.max_size == Size(width=700, height=600)
    assert resolved.settings.person_calls_a_day == 10
    assert resolved.explain("max_steps").scope is Scope.OPERATOR
    below: Layer = {"max_steps": 30, "person_calls_a_day": 9}
    assert resolve(operator, [(GUILD, below)]).settings.max_steps == 30
    assert resolve(operator, [(GUILD, below)]).explain("person_calls_a_day").scope is Scope.GUILD
    # Within a guild a channel may have more than its guild: both are the same people's to set.
    assert resolve(operator, [(GUILD, {"max_steps": 10}), (ROOM, {"max_steps": 20})]).settings.max_steps == 20


def test_a_built_in_ceiling_holds_until_the_operator_raises_it() -> None:
    above: Layer = {"max_steps": 90, "max_megapixels": 39.0}
    for operator, most in ((NOBODY, (60, 2.4)), (Operator(defaults=above, available={}), (90, 39.0))):
        resolved = resolve(operator, [(GUILD, above)])
        assert (resolved.settings.max_steps, resolved.settings.max_megapixels) == most
    assert resolve(NOBODY, [(GUILD, above)]).explain("max_steps").scope is Scope.BUILT_IN


@pytest.mark.parametrize(
    ("defaults", "steps", "megapixels"),
    [
        ({}, 60, 2.4),
        ({"steps": 100, "size": Size(width=2048, height=2048)}, 100, 4.194304),
        ({"steps": 30, "size": Size(width=960, height=960)}, 60, 2.4),
        ({"steps": 100, "max_steps": 70, "size": Size(width=2048, height=2048), "max_megapixels": 3.0}, 70, 3.0),
    ],
    ids=["nothing", "larger defaults", "smaller defaults", "larger defaults, but ceilings"],
)
def test_a_larger_default_of_the_operators_is_a_ceiling_of_its_own(
    defaults: Layer, steps: int, megapixels: float
) -> None:
    operator = Operator(defaults=with_room(defaults), available={})
    settings = resolve(operator, [(GUILD, {"max_steps": 150, "max_megapixels": 39.0})]).settings
    assert (settings.max_steps, settings.max_megapixels) == (steps, megapixels)


APART = {key: entry for key, entry in CATALOGUE.items() if entry.ceiling is Ceiling.APART}


def test_the_environment_knows_the_ceilings_that_are_set_apart() -> None:
    assert tuple(APART) == CEILINGS


@pytest.mark.parametrize("key", APART)
def test_a_ceiling_apart_from_the_default_is_for_what_is_built_in_too(key: str) -> None:
    operator = Operator(defaults={}, available={}, ceilings={key: 120})
    unset = resolve(operator, ())
    expected = min(120, CATALOGUE[key].default)  # type: ignore[type-var]  # whole numbers
    assert getattr(unset.settings, key) == expected
    assert unset.explain(key).scope is (Scope.OPERATOR if expected == 120 else Scope.BUILT_IN)
    assert key in unset.settings.chosen  # endpoints are told what is not sent where nobody has chosen it
    assert getattr(resolve(operator, [(GUILD, {key: 119})]).settings, key) == 119
    above = resolve(operator, [(GUILD, {key: 119}), (ROOM, {key: 200})])
    assert getattr(above.settings, key) == 120
    assert above.explain(key).scope is Scope.OPERATOR


BOUNDED = [key for key, entry in CATALOGUE.items() if entry.ceiling is not Ceiling.NONE]


def values_of(key: str) -> st.SearchStrategy[Value]:
    match CATALOGUE[key].kind:
        case Whole(low=low, high=high):
            return st.integers(low, high)
        case Number(low=low, high=high):
            return st.floats(low, high)
        case _:
            return st.builds(Size, width=st.integers(64, 6240), height=st.integers(64, 6240))


layers_of_bounded = st.fixed_dictionaries({}, optional={key: values_of(key) for key in BOUNDED})
ceilings_apart = st.fixed_dictionaries({}, optional={key: values_of(key) for key in APART})


@hypothesis_settings(deadline=None)
@given(layers_of_bounded, ceilings_apart, st.lists(layers_of_bounded, max_size=4))
def test_nothing_in_force_is_ever_beyond_a_ceiling(defaults: Layer, ceilings: Layer, set_: list[Layer]) -> None:
    operator = Operator(defaults=with_room(defaults), available={}, ceilings=ceilings)
    resolved = resolve(operator, list(zip((GUILD, GROUP, ROOM, ME), set_, strict=False)))
    for key in BOUNDED:
        entry, value = CATALOGUE[key], getattr(resolved.settings, key)
        most = operator.most(entry)
        if most is not None:
            assert tighter(entry, value, most) == value
        for layer in set_:  # nor can it be written
            raw = entry.write(layer[key]) if key in layer else None
            target = GUILD if Scope.GUILD in entry.scopes else ME
            wish = SettingChange(target=target, key=key, raw=raw)
            checked = check_wish(wish, operator, actor(manages=True), has_manager_role=False)
            if isinstance(checked, Edit) and checked.value is not None and most is not None:
                assert tighter(entry, entry.parse(checked.value), most) == entry.parse(checked.value)


def test_no_limit_is_the_greatest() -> None:
    quota = CATALOGUE["guild_tokens_a_day"]
    assert [tighter(quota, one, other) for one, other in ((0, 5), (5, 0), (0, 0), (4, 5))] == [5, 5, 0, 4]


def test_a_choice_that_is_not_available_is_passed_over() -> None:
    operator = Operator(defaults={}, available={"provider": frozenset({"operator", "fusion"})})
    layers: list[tuple[Target, Layer]] = [(GUILD, {"provider": "fusion"}), (ROOM, {"provider": "chat_completions"})]
    assert resolve(operator, layers).settings.provider == "fusion"
    assert resolve(operator, layers).explain("provider").scope is Scope.GUILD


def test_rows_that_this_version_can_not_use_count_as_not_set() -> None:
    rows = [
        StoredSetting(target=GUILD, key="scale", value="9"),
        StoredSetting(target=GUILD, key="steps", value="9000"),
        StoredSetting(target=GUILD, key="no_such", value="1"),
        StoredSetting(target=ME, key="persona", value="not a person's to set"),
        StoredSetting(target=ROOM, key="scale", value="10"),
    ]
    layers, unusable = read_layers(rows)
    assert layers == {GUILD: {"scale": 9}, ROOM: {"scale": 10}}
    assert set(unusable) == {"steps", "no_such", "persona"}


# --- who may do what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("authority", Authority)
@pytest.mark.parametrize("scope", Scope)
def test_who_may_change_what(authority: Authority, scope: Scope) -> None:
    for is_self, manages, operates, role in itertools.product((False, True), repeat=4):
        allowed = may_change(
            authority, scope, is_self=is_self, manages_guild=manages, is_operator=operates, has_manager_role=role
        )
        if scope is Scope.PERSON:
            expected = is_self
        elif scope in (Scope.BUILT_IN, Scope.OPERATOR):
            expected = False
        else:
            expected = (
                operates
                or (manages and authority is not Authority.OPERATOR)
                or (role and authority is Authority.MANAGER)
            )
        assert allowed == expected


def actor(**rights: bool) -> Actor:
    return Actor(
        user=User(id=11, name="Ann"),
        guild_id=1,
        manages_guild=rights.get("manages", False),
        is_operator=rights.get("operates", False),
    )


@pytest.mark.parametrize(
    ("key", "target", "by", "role", "expected"),
    [
        ("scale", GUILD, actor(manages=True), False, None),
        ("scale", ROOM, actor(), True, None),
        ("scale", ROOM, actor(), False, FaultKind.NOT_ALLOWED),
        ("scale", ME, actor(), False, None),
        ("scale", Target.user(12), actor(manages=True, operates=True), True, FaultKind.NOT_YOURS),
        ("scale", Target.guild(2), actor(manages=True), False, FaultKind.NOT_YOURS),
        ("scale", Target.channel(2, 5), actor(operates=True), False, FaultKind.NOT_YOURS),
        ("manager_roles", GUILD, actor(), True, FaultKind.NOT_WITHOUT_MANAGE_SERVER),
        ("manager_roles", GUILD, actor(manages=True), False, None),
        ("cost_per_picture", GUILD, actor(manages=True), True, FaultKind.OPERATOR_ONLY),
        ("cost_per_picture", GUILD, actor(operates=True), False, None),
        ("persona", ME, actor(manages=True), False, FaultKind.WRONG_SCOPE),
        ("retention_days", ROOM, actor(manages=True), False, FaultKind.WRONG_SCOPE),
        ("no_such", GUILD, actor(manages=True), False, FaultKind.UNKNOWN_KEY),
    ],
)
def test_a_wish_needs_its_rights(key: str, target: Target, by: Actor, role: bool, expected: FaultKind | None) -> None:
    checked = check_wish(SettingChange(target=target, key=key, raw="1"), NOBODY, by, has_manager_role=role)
    assert (checked.kind if isinstance(checked, SettingFault) else None) == expected
    taken = check_wish(SettingChange(target=target, key=key, raw=None), NOBODY, by, has_manager_role=role)
    assert (taken.kind if isinstance(taken, SettingFault) else None) == expected


def test_values_are_checked_against_what_the_operator_allows() -> None:
    operator = Operator(defaults={"max_steps": 40}, available={"provider": frozenset({"operator", "fusion"})})
    boss = actor(manages=True, operates=True)

    def check(key: str, raw: str) -> Edit | SettingFault:
        return check_wish(SettingChange(target=GUILD, key=key, raw=raw), operator, boss, has_manager_role=False)

    assert check("max_steps", "040") == Edit(target=GUILD, key="max_steps", value="40")
    beyond, missing = check("max_steps", "41"), check("provider", "Chat_Completions")
    assert isinstance(beyond, SettingFault)
    assert (beyond.kind, beyond.given, beyond.limit) == (FaultKind.BEYOND_CEILING, "41", "40")
    assert isinstance(missing, SettingFault)
    assert (missing.kind, missing.limit) == (FaultKind.NOT_AVAILABLE, "fusion, operator")


def test_wishes_are_checked_whole() -> None:
    boss = actor(manages=True)
    wishes = [
        SettingChange(target=GUILD, key="scale", raw="1"),
        SettingChange(target=GUILD, key="scale", raw="x" * 500),
        SettingChange(target=GUILD, key="y" * 500, raw="1"),
    ]
    with pytest.raises(SettingsError) as refused:
        check_wishes(wishes, NOBODY, boss, has_manager_role=False)
    assert [fault.kind for fault in refused.value.faults] == [FaultKind.BAD_VALUE, FaultKind.UNKNOWN_KEY]
    assert all(len(fault.given) <= 60 and len(fault.key) <= 60 for fault in refused.value.faults)
    again = [SettingChange(target=GUILD, key="scale", raw=raw) for raw in ("1", "２")]
    assert check_wishes(again, NOBODY, boss, has_manager_role=False) == (Edit(target=GUILD, key="scale", value="2"),)


def test_what_can_be_chosen_is_listed() -> None:
    operator = Operator(defaults={}, available={"provider": frozenset({"operator", "fusion"})})
    assert operator.choices(CATALOGUE["provider"]) == ("operator", "fusion")
    assert operator.choices(CATALOGUE["language"]) == ("auto", "en", "zh-CN")
    assert operator.choices(CATALOGUE["spoilers"]) == ("on", "off")
    assert operator.choices(CATALOGUE["scale"]) == ()
