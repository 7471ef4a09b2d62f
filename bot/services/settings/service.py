"""Which settings are in force where, how they are changed, and the audit log of it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from bot.domain.clock import Clock
from bot.domain.people import Place
from bot.domain.settings.catalogue import CATALOGUE, Settings
from bot.domain.settings.faults import FaultKind, SettingFault, SettingsError
from bot.domain.settings.in_force import InForce
from bot.domain.settings.layers import Explained, Layer, Operator, Resolved, resolve, with_room
from bot.domain.settings.ports import SettingsStore
from bot.domain.settings.rules import SettingChange, check_wishes
from bot.domain.settings.scopes import Actor, Change, Edit, Target, targets_of
from bot.services.settings.cache import SettingsCache, Shelf

logger = logging.getLogger(__name__)

MOST_PLACES = 1000
"""Places of one guild, with settings of their own, that are kept resolved: twice as many as a guild has channels."""


class SettingsService:
    """Resolves settings in their layers, changes them, and keeps the audit log.

    ``defaults`` are the operator's values; ``available`` lists, for a key, the written choices that the operator has
    made possible (a provider without its key is none); ``ceilings`` are the most that may be set, where that is apart
    from the default. Whoever may not change something is refused here, whatever the
    caller has checked. Errors of everything that changes something: ``SettingsError`` with what is wrong, in a form
    that has words, and ``StorageError``; nothing was changed then.
    """

    def __init__(
        self,
        defaults: Layer,
        store: SettingsStore,
        clock: Clock,
        *,
        available: Mapping[str, frozenset[str]] | None = None,
        ceilings: Layer | None = None,
    ) -> None:
        self._operator = Operator(defaults=with_room(defaults), available=available or {}, ceilings=ceilings or {})
        for key, value in defaults.items():
            if not self._operator.offers(CATALOGUE[key], value):
                choices = ", ".join(self._operator.choices(CATALOGUE[key]))
                logger.warning("The default of %s is passed over: what is set up allows %s", key, choices)
        self._store = store
        self._clock = clock
        self._cache = SettingsCache(store, clock)

    @property
    def operator(self) -> Operator:
        """What the operator has decided: defaults, ceilings and the choices there are."""
        return self._operator

    # --- what holds ----------------------------------------------------------------------------------------------

    async def in_force(self, place: Place, user_id: int | None = None) -> Settings:
        """Return the settings that hold in a place, for a user where one is named.

        Raises ``StorageError`` only where the database fails and nothing is known of the guild or the user yet.
        """
        return (await self._resolve(targets_of(place, user_id))).settings

    async def of_turn(
        self, place: Place, user_id: int, *, wanted: Callable[[Settings], bool] = lambda _: True
    ) -> InForce | None:
        """Return the settings of a turn that begins now: a turn looks them up once and carries them.

        None if the place's settings are not ``wanted``; nothing is read about the user then. Raises ``StorageError``
        as ``in_force`` does.
        """
        around = targets_of(place, None)
        shelves = await self._shelves_of(around)
        if not wanted(self._laid(shelves, around).settings):
            return None
        targets = targets_of(place, user_id)
        # From the same shelves: a change that lands in between is in both or in neither.
        shelves |= await self._shelves_of(target for target in targets if target.whose not in shelves)
        return InForce(place=self._laid(shelves, around).settings, user=self._laid(shelves, targets).settings)

    async def explain_at(self, *targets: Target) -> tuple[Explained, ...]:
        """Say of each setting, in the order of the catalogue, what holds and where that comes from.

        ``targets`` go from broad to narrow; they may be a guild alone, or a guild and one of its categories.
        """
        return (await self._resolve(targets)).explain_all()

    async def set_at(self, target: Target) -> Mapping[str, str]:
        """Return what is set at one target itself, as it is written, by key."""
        layer = (await self._cache.shelf(target.whose)).layers.get(target, {})
        return {key: CATALOGUE[key].write(value) for key, value in layer.items()}

    # --- changing ------------------------------------------------------------------------------------------------

    async def check(self, wishes: Sequence[SettingChange], by: Actor) -> tuple[Edit, ...]:
        """Check what somebody wants to set, without doing it: rights, scopes and values."""
        return check_wishes(wishes, self._operator, by, has_manager_role=await self.has_manager_role(by))

    async def has_manager_role(self, by: Actor) -> bool:
        """Say whether somebody has a role that may change settings as Manage Server may."""
        if by.guild_id is None or not by.user.role_ids:
            return False
        roles = (await self._resolve((Target.guild(by.guild_id),))).settings.manager_roles
        return not set(roles).isdisjoint(by.user.role_ids)

    async def write(self, edits: Sequence[Edit], by: Actor, *, last_change: int | None = None) -> tuple[Change, ...]:
        """Write what ``check`` gave, as one act; see ``SettingsStore.write``. ``CHANGED_SINCE`` where that refuses."""
        if not edits:
            return ()
        whose = edits[0].target.whose
        try:
            changes = await self._store.write(
                tuple(edits),
                by=by.user,
                at=self._clock.now(),
                batch=secrets.token_hex(8),
                last_change=last_change,
            )
        finally:
            # Also where the database's answer was lost, or nobody waits for it any more: it may have been done.
            self._cache.forget(whose)
        if changes is None:
            raise SettingsError(await self._changed_since(edits))
        logger.info(
            "%s settings were changed by %s (%s): %s",
            whose.scope.value.capitalize(),
            by.user.id,
            whose.id,
            ", ".join(f"{each.key} of {each.target.scope.value} {each.target.id}" for each in changes) or "none",
        )
        return changes

    # --- the audit log -------------------------------------------------------------------------------------------

    async def history(self, whose: Target, *, limit: int = 25, before: int | None = None) -> tuple[Change, ...]:
        """Return the newest changes of a guild, or of a user's own settings, newest first, ids < ``before``."""
        return await self._store.changes(whose, limit=limit, before=before)

    async def act(self, whose: Target, batch: str) -> tuple[Change, ...]:
        """Return the changes of one act, oldest first."""
        return await self._store.batch(whose, batch)

    async def undo(self, whose: Target, batch: str, by: Actor) -> tuple[Change, ...]:
        """Take back one act, all or nothing; that is an act of its own.

        Refused (``CHANGED_SINCE``) where something else has been set there since.
        """
        changes = await self.act(whose, batch)
        if not changes:
            raise SettingsError(SettingFault(kind=FaultKind.UNKNOWN_CHANGE))
        old = await self.check([SettingChange(target=each.target, key=each.key, raw=each.old) for each in changes], by)
        return await self.write(
            [
                Edit(target=change.target, key=change.key, value=edit.value, check=True, expected=change.new)
                for change, edit in zip(changes, old, strict=True)
            ],
            by,
        )

    async def _changed_since(self, edits: Sequence[Edit]) -> SettingFault:
        if len(edits) > 1:
            return SettingFault(kind=FaultKind.CHANGED_SINCE)
        edit = edits[0]
        now = (await self.set_at(edit.target)).get(edit.key, "")
        return SettingFault(kind=FaultKind.CHANGED_SINCE, key=edit.key, target=edit.target, limit=now)

    @cached_property
    def _unset(self) -> Resolved:
        """What holds if nothing is set."""
        return resolve(self._operator, ())

    async def _resolve(self, targets: tuple[Target, ...]) -> Resolved:
        return self._laid(await self._shelves_of(targets), targets)

    async def _shelves_of(self, targets: Iterable[Target]) -> dict[Target, Shelf]:
        return {whose: await self._cache.shelf(whose) for whose in dict.fromkeys(target.whose for target in targets)}

    def _laid(self, shelves: Mapping[Target, Shelf], targets: tuple[Target, ...]) -> Resolved:
        """Lay the layers of the targets over each other, the broadest first."""
        layers = [
            (target, layer) for target in targets if (layer := shelves[target.whose].layers.get(target)) is not None
        ]
        if not layers:
            return self._unset
        # Targets go from broad to narrow: the first and the last belong to one owner if all do.
        owner = layers[0][0].whose
        ready = shelves[owner].resolved if layers[-1][0].whose == owner else {}
        # By what is set: a place or a user with nothing of their own shares what is around them.
        key = tuple(target for target, _ in layers)
        known = ready.get(key)
        if known is not None:
            return known
        resolved = resolve(self._operator, layers)
        if len(ready) >= MOST_PLACES:
            ready.clear()
        ready[key] = resolved
        return resolved
