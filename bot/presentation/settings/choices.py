"""What somebody chose in the panel: where to go, or what a setting is to be. All of it is untrusted."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.domain.settings.catalogue import CATALOGUE, Topic
from bot.domain.settings.kinds import Ids
from bot.domain.settings.old_names import today
from bot.domain.settings.rules import SettingChange
from bot.presentation.settings.forms import value_typed, values_chosen
from bot.presentation.settings.ids import Act, PanelId, Spot, read_target
from bot.presentation.settings.rights import Rights


def spot_chosen(interaction: discord.Interaction, found: PanelId, rights: Rights) -> Spot:
    """Say where a choice leads; one that is none leaves somebody where they are."""
    spot = found.spot
    (chosen, *_) = (*values_chosen(interaction), "")
    match found.act:
        case Act.TOPIC if chosen in set(Topic):
            return replace(spot, topic=Topic(chosen), key="")
        case Act.SETTING if (key := today(chosen)) in CATALOGUE:
            return spot.at(key)
        case Act.PLACE:
            target = read_target(chosen, interaction.guild_id)
            return spot if target is None or not rights.may_look(target) else replace(spot, target=target)
    return spot


def change_of(interaction: discord.Interaction, found: PanelId) -> SettingChange | None:
    """Read what somebody wants; None where it is nothing that their page could have sent."""
    key, raw = found.spot.key, None
    if not key:
        return None
    if found.act is not Act.RESET:
        chosen = values_chosen(interaction)
        match found.act:
            case Act.ON | Act.OFF:
                raw = found.act.value
            case Act.CHOOSE if len(chosen) == 1:
                raw = chosen[0]
            case Act.LIST if isinstance(CATALOGUE[key].kind, Ids):
                raw = ", ".join(chosen)  # none chosen: none are to be there
            case Act.FILLED:
                raw = value_typed(interaction)
        if raw is None:
            return None
    return SettingChange(target=found.spot.target, key=key, raw=raw)
