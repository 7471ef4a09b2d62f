"""A guild's settings as a file: out, and in again."""

from __future__ import annotations

from bot.domain.settings.document import DiffRow, ImportPlan, KnownPlaces, compare, read_document, write_document
from bot.domain.settings.faults import FaultKind, SettingFault, SettingsError
from bot.domain.settings.ports import SettingsStore
from bot.domain.settings.rules import SettingChange, check_wish
from bot.domain.settings.scopes import Actor, Change, Target
from bot.services.settings.service import SettingsService

MOST_FAULTS = 25
"""How many faults of a file are told at once."""


class SettingsFiles:
    """Exports and imports. Errors as ``SettingsService`` has them; rights are checked there."""

    def __init__(self, settings: SettingsService, store: SettingsStore) -> None:
        self._settings = settings
        self._store = store

    async def export(self, known: KnownPlaces) -> bytes:
        """Write all that a guild has set as a JSON file; what is left of deleted channels is left out."""
        stored = await self._store.load(Target.guild(known.guild_id))
        return write_document(stored.rows, known)

    async def plan_import(self, data: bytes, known: KnownPlaces, by: Actor) -> ImportPlan:
        """Read a file and say what it would change: afterwards the guild's settings are exactly those of the file.

        But for what this user may not take away, which stays where the file does not speak of it. Nothing is
        changed yet. Raises ``SettingsError`` with the faults of the whole file, up to ``MOST_FAULTS``.
        """
        wanted = read_document(data, known)
        stored = await self._store.load(Target.guild(known.guild_id))
        role = await self._settings.has_manager_role(by)
        rows: list[DiffRow] = []
        faults: list[SettingFault] = []
        for row in compare(stored.rows, wanted, known):
            wish = SettingChange(target=row.target, key=row.key, raw=row.new)
            checked = check_wish(wish, self._settings.operator, by, has_manager_role=role)
            if isinstance(checked, SettingFault):
                if row.new is not None or checked.kind is FaultKind.NOT_ALLOWED:
                    faults.append(checked)
            elif checked.value != row.old:
                rows.append(DiffRow(target=row.target, key=row.key, old=row.old, new=checked.value))
        if faults:
            raise SettingsError(*faults[:MOST_FAULTS])
        return ImportPlan(last_change=stored.last_change, rows=tuple(rows))

    async def apply_import(self, plan: ImportPlan, by: Actor) -> tuple[Change, ...]:
        """Do what a plan says, all of it or nothing.

        Everything is checked anew; refused (``CHANGED_SINCE``) where anything of the guild has changed since the plan.
        """
        wishes = [SettingChange(target=row.target, key=row.key, raw=row.new) for row in plan.rows]
        return await self._settings.write(await self._settings.check(wishes, by), by, last_change=plan.last_change)
