"""What one page of the settings panel shows, before it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.settings.faults import SettingFault
from bot.domain.settings.layers import Explained
from bot.domain.settings.scopes import Change, Target
from bot.presentation.settings.ids import Spot
from bot.presentation.settings.pages.layout import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLine:
    """What is set in one layer of a setting; ``written`` None: nothing.

    ``barred``: the operator does not allow it any more, so that it counts as not set.
    """

    place: str
    written: str | None
    holds: bool
    barred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPage:
    """All that a page shows.

    ``places`` are the targets to choose from with their names; ``last`` is the change that Undo takes back, with the
    number of changes of its act; ``offered`` are the written values of a choice that there are. ``most`` is what the
    setting may be at most anywhere, as it is written; None where nothing is beyond it.
    """

    spot: Spot
    explained: Mapping[str, Explained]
    set_here: Mapping[str, str]
    places: tuple[tuple[Target, str], ...]
    lock: SettingFault | None = None
    last: Change | None = None
    last_count: int = 1
    layers: tuple[LayerLine, ...] = ()
    offered: frozenset[str] | None = None
    most: str | None = None
    known_ids: frozenset[int] = frozenset()
    told: str = ""
    tone: Tone = Tone.PLAIN
