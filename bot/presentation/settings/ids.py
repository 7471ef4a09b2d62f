"""What a button, a select or a form of the settings panel stands for: everything is in its id.

So a panel goes on after any restart, in every process, and nothing is kept for those that nobody looks at any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.people import LARGEST_ID
from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.old_names import today
from bot.domain.settings.scopes import Scope, Target

PREFIX = "settings:"
_SCOPES = {Scope.GUILD: "g", Scope.CATEGORY: "c", Scope.CHANNEL: "x", Scope.PERSON: "p"}
_LETTERS = {letter: scope for scope, letter in _SCOPES.items()}
_ID = re.compile(r"settings:([a-z]{1,8}):([gcxp])([1-9][0-9]{0,18}):([a-z]{1,12}):([a-z0-9_]{0,32}):([0-9a-z.]{0,48})")


class Act(StrEnum):
    """What is to be done."""

    OPEN = "open"
    """Show a topic or, with a key, a setting."""
    TOPIC = "topic"
    SETTING = "setting"
    PLACE = "place"
    ON = "on"
    OFF = "off"
    CHOOSE = "choose"
    LIST = "list"
    FORM = "form"
    FILLED = "filled"
    """A form was sent; ``arg`` is the mark of the value that it was filled in with."""
    RESET = "reset"
    UNDO = "undo"
    """Take back the act ``arg`` and show the panel."""
    TAKE = "take"
    """Take back the act ``arg`` and say so in the place of the message."""
    AUDIT_LOG = "record"
    """Show the page ``arg`` of the audit log."""
    REVERT = "revert"
    """Take back an act from the audit log; ``arg`` is the page and the act."""
    DIFF = "diff"
    """Show a page of what an import would change; ``arg`` as ``bot.presentation.settings.files`` writes it."""
    APPLY = "apply"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where somebody is in the panel: whose settings, which topic, and which setting (empty: all of the topic)."""

    target: Target
    topic: Topic = Topic.MODEL
    key: str = ""

    def at(self, key: str) -> Spot:
        """Go to a setting, or with an empty key to its topic."""
        return replace(self, key=key, topic=CATALOGUE[key].topic if key else self.topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelId:
    """What one component stands for."""

    act: Act
    spot: Spot
    arg: str = ""


def panel_id(act: Act, spot: Spot, arg: str | int = "") -> str:
    """Write what a component stands for, in at most 100 characters (Discord's limit)."""
    return f"{PREFIX}{act.value}:{write_target(spot.target)}:{spot.topic.value}:{spot.key}:{arg}"


def parse_panel_id(custom_id: str, guild_id: int | None) -> PanelId | None:
    """Read what a component of this guild stands for; None where it is none of the panel's."""
    match = _ID.fullmatch(custom_id)
    if match is None:
        return None
    target = read_target(match[2] + match[3], guild_id)
    key = today(match[5])  # a panel of an earlier version may stand in Discord for ever
    if target is None or (key and key not in CATALOGUE):
        return None
    try:
        act, topic = Act(match[1]), Topic(match[4])
    except ValueError:
        return None
    return PanelId(act=act, spot=Spot(target=target, topic=topic, key=key), arg=match[6])


def write_target(target: Target) -> str:
    """Write a target without its guild, which every interaction names anew."""
    return f"{_SCOPES[target.scope]}{target.id}"


def read_target(written: str, guild_id: int | None) -> Target | None:
    """Read a target within a guild; None where there is none of that kind there."""
    scope = _LETTERS.get(written[:1])
    if scope is None or not re.fullmatch(r"[1-9][0-9]{0,18}", written[1:]) or int(written[1:]) > LARGEST_ID:
        return None
    try:
        return Target(scope=scope, id=int(written[1:]), guild_id=0 if scope is Scope.PERSON else guild_id or 0)
    except ValueError:
        return None
