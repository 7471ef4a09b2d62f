"""Why a setting can't be changed, in a form that has words in every language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.settings.scopes import Target
from bot.errors import BotError

GIVEN_CHARS = 60
"""How much of a refused value is repeated."""


class FaultKind(StrEnum):
    """What is wrong; each has words for people in every language."""

    UNKNOWN_KEY = "unknown_key"
    BAD_VALUE = "bad_value"
    WRONG_SCOPE = "wrong_scope"
    """The setting can't be set in this scope at all."""
    NOT_ALLOWED = "not_allowed"
    """It takes Manage Server, or a role that is named for it."""
    NOT_WITHOUT_MANAGE_SERVER = "not_without_manage_server"
    OPERATOR_ONLY = "operator_only"
    NOT_YOURS = "not_yours"
    """Another user's own setting, or another guild's."""
    BEYOND_CEILING = "beyond_ceiling"
    """Beyond what the operator allows; ``limit`` is that."""
    NOT_AVAILABLE = "not_available"
    """A choice that the operator has not made possible; ``limit`` lists those that are."""
    CHANGED_SINCE = "changed_since"
    """What was to be replaced is no longer there; ``limit`` is what stands there now, empty where several differ."""
    UNKNOWN_CHANGE = "unknown_change"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_SETTINGS = "not_settings"
    """JSON, but no export of settings."""
    NEWER_FORMAT = "newer_format"
    NOT_A_TEXT = "not_a_text"
    """A value in a file that is no text in quotes."""
    UNKNOWN_PART = "unknown_part"
    """A part of a file that is none of settings; ``given`` is its name."""
    UNKNOWN_PLACE = "unknown_place"
    """A channel or category that this guild does not have; ``given`` is its id."""
    UNKNOWN_ROLE = "unknown_role"
    """A role that this guild does not have; ``given`` is its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """One thing that is wrong. ``given`` is untrusted and clipped; ``limit`` is written as the setting writes it."""

    kind: FaultKind
    key: str = ""
    target: Target | None = None
    given: str = ""
    limit: str = ""


class SettingsError(BotError):
    """Settings can't be changed so, and nothing was; the words for ``faults`` may be shown to the user."""

    def __init__(self, *faults: SettingFault) -> None:
        super().__init__(", ".join(fault.kind.value for fault in faults))
        self.faults = faults
