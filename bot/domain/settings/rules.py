"""What somebody wants to set, checked whole: the setting, the scope, the rights, the value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.settings.catalogue import CATALOGUE, Setting
from bot.domain.settings.faults import GIVEN_CHARS, FaultKind, SettingFault, SettingsError
from bot.domain.settings.kinds import WordList
from bot.domain.settings.layers import Operator
from bot.domain.settings.scopes import Actor, Authority, Edit, Scope, Target, may_change

_DENIALS = {
    Authority.MANAGER: FaultKind.NOT_ALLOWED,
    Authority.MANAGE_SERVER: FaultKind.NOT_WITHOUT_MANAGE_SERVER,
    Authority.OPERATOR: FaultKind.OPERATOR_ONLY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """One thing that somebody wants to set: ``raw`` as they wrote it, None to take the value away."""

    target: Target
    key: str
    raw: str | None


def check_wishes(
    wishes: Iterable[SettingChange], operator: Operator, by: Actor, *, has_manager_role: bool
) -> tuple[Edit, ...]:
    """Turn wishes into edits with canonical values; of two for the same the last one counts.

    Raises ``SettingsError`` with the faults of all of them.
    """
    edits: dict[tuple[Target, str], Edit] = {}
    faults: list[SettingFault] = []
    for wish in wishes:
        checked = check_wish(wish, operator, by, has_manager_role=has_manager_role)
        if isinstance(checked, SettingFault):
            faults.append(checked)
        else:
            edits[wish.target, wish.key] = checked
    if faults:
        raise SettingsError(*faults)
    return tuple(edits.values())


def check_wish(wish: SettingChange, operator: Operator, by: Actor, *, has_manager_role: bool) -> Edit | SettingFault:
    """Turn one wish into an edit, or say the first thing that is wrong with it."""
    key, target = wish.key, wish.target
    entry = CATALOGUE.get(key)
    if entry is None:
        return SettingFault(kind=FaultKind.UNKNOWN_KEY, key=key[:GIVEN_CHARS], target=target)
    if target.scope not in entry.scopes:
        return SettingFault(kind=FaultKind.WRONG_SCOPE, key=key, target=target)
    if (denial := _denial(entry, target, by, has_manager_role=has_manager_role)) is not None:
        return SettingFault(kind=denial, key=key, target=target)
    if wish.raw is None:
        return Edit(target=target, key=key, value=None)
    given = wish.raw[:GIVEN_CHARS]
    try:
        value = entry.parse(wish.raw)
        if isinstance(entry.kind, WordList):
            entry.kind.check_new(value)
    except ValueError:
        return SettingFault(kind=FaultKind.BAD_VALUE, key=key, target=target, given=given)
    if not operator.offers(entry, value):
        offered = ", ".join(sorted(filter(None, operator.available.get(key, ()))))
        return SettingFault(kind=FaultKind.NOT_AVAILABLE, key=key, target=target, given=given, limit=offered)
    most = operator.most(entry)
    if most is not None and operator.within(entry, value) != value:
        limit = entry.write(most)
        return SettingFault(kind=FaultKind.BEYOND_CEILING, key=key, target=target, given=given, limit=limit)
    return Edit(target=target, key=key, value=entry.write(value))


def _denial(entry: Setting, target: Target, by: Actor, *, has_manager_role: bool) -> FaultKind | None:
    personal = target.scope is Scope.PERSON
    if not personal and target.guild_id != by.guild_id:
        return FaultKind.NOT_YOURS  # the rights that came with the request are about another guild
    allowed = may_change(
        entry.authority,
        target.scope,
        is_self=personal and target.id == by.user.id,
        manages_guild=by.manages_guild,
        is_operator=by.is_operator,
        has_manager_role=has_manager_role,
    )
    if allowed:
        return None
    return FaultKind.NOT_YOURS if personal else _DENIALS[entry.authority]
