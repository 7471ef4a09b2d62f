"""Settings in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.people import User
from bot.domain.settings.scopes import Change, Edit, StoredSetting, StoredSettings, Target
from bot.errors import StorageError


class FakeSettingsStore:
    """``SettingsStore`` in memory; ``values`` holds what is set, ``record`` the changes, oldest first.

    ``failing`` set to an error makes every method raise it. ``reads`` counts what was asked of it.
    """

    def __init__(self) -> None:
        self.values: dict[tuple[Target, str], str] = {}
        self.record: list[Change] = []
        self.number = 0
        self.failing: StorageError | None = None
        self.polls = 0
        self.loads: list[Target] = []

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing

    async def revision(self) -> int:
        self.polls += 1
        self._check()
        return self.number

    async def load(self, whose: Target) -> StoredSettings:
        self.loads.append(whose)
        self._check()
        return StoredSettings(
            revision=self.number,
            last_change=self._last(whose),
            rows=tuple(
                StoredSetting(target=target, key=key, value=value)
                for (target, key), value in self.values.items()
                if target.whose == whose
            ),
        )

    def _last(self, whose: Target) -> int:
        return max((each.id for each in self.record if each.target.whose == whose), default=0)

    async def write(
        self, edits: tuple[Edit, ...], *, by: User, at: datetime, batch: str, last_change: int | None = None
    ) -> tuple[Change, ...] | None:
        self._check()
        if not edits:
            return ()
        whose = edits[0].target.whose
        keys = [(edit.target, edit.key) for edit in edits]
        if len(set(keys)) < len(keys) or any(edit.target.whose != whose for edit in edits):
            raise ValueError("edits of the same value, or of several guilds or users, at once")
        if last_change is not None and self._last(whose) != last_change:
            return None
        others = {(target.scope, target.id) for target, _ in self.values if target.guild_id != whose.guild_id}
        if any((edit.target.scope, edit.target.id) in others for edit in edits):
            return None
        if any(edit.check and self.values.get((edit.target, edit.key)) != edit.expected for edit in edits):
            return None
        self.number += 1
        changes: list[Change] = []
        for edit in edits:
            old = self.values.pop((edit.target, edit.key), None)
            if edit.value is not None:
                self.values[edit.target, edit.key] = edit.value
            if old != edit.value:
                changes.append(
                    Change(
                        id=len(self.record) + 1,
                        target=edit.target,
                        key=edit.key,
                        old=old,
                        new=edit.value,
                        by=replace(by, role_ids=None),
                        changed_at=at,
                        batch=batch,
                    )
                )
                self.record.append(changes[-1])
        return tuple(changes)

    async def changes(self, whose: Target, *, limit: int, before: int | None = None) -> tuple[Change, ...]:
        self._check()
        found = [
            each
            for each in reversed(self.record)
            if each.target.whose == whose and (before is None or each.id < before)
        ]
        return tuple(found[: max(0, limit)])

    async def batch(self, whose: Target, batch: str) -> tuple[Change, ...]:
        self._check()
        return tuple(each for each in self.record if each.target.whose == whose and each.batch == batch)
