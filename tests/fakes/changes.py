"""Settings that a test changes as the panel does: checked first, then written."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.settings.rules import SettingChange
from bot.domain.settings.scopes import Actor, Change, Target
from bot.services.settings.service import SettingsService


async def set_many(service: SettingsService, wishes: Sequence[SettingChange], by: Actor) -> tuple[Change, ...]:
    """Change several values as one act."""
    return await service.write(await service.check(wishes, by), by)


async def set_one(service: SettingsService, target: Target, key: str, raw: str | None, by: Actor) -> Change | None:
    """Change one value; None where it was so already."""
    changes = await set_many(service, (SettingChange(target=target, key=key, raw=raw),), by)
    return changes[0] if changes else None
