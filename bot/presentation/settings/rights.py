"""Who acts on settings and where: read from the interaction itself, each time anew."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.domain.settings.document import KnownPlaces
from bot.domain.settings.faults import SettingFault
from bot.domain.settings.layers import Operator
from bot.domain.settings.rules import SettingChange, check_wish
from bot.domain.settings.scopes import Actor, Edit, Scope, Target, targets_of
from bot.presentation.inbound.places import place_of_interaction, user_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What somebody may do with settings in one guild."""

    actor: Actor
    has_manager_role: bool
    operator: Operator

    def may_look(self, target: Target) -> bool:
        """Say whether somebody may see what is set for a target: managers a guild's, everyone their own."""
        if target.scope is Scope.PERSON:
            return target.id == self.actor.user.id
        if target.guild_id != self.actor.guild_id:
            return False
        return self.actor.manages_guild or self.actor.is_operator or self.has_manager_role

    def lock(self, target: Target, key: str) -> SettingFault | None:
        """Say why somebody can't change a setting there; None where they can."""
        checked = check_wish(
            SettingChange(target=target, key=key, raw=None),
            self.operator,
            self.actor,
            has_manager_role=self.has_manager_role,
        )
        return None if isinstance(checked, Edit) else checked


def actor_of(interaction: discord.Interaction) -> Actor:
    """Tell who acts, with the rights that Discord names in this very interaction.

    Those of the guild count only where the bot is a member: elsewhere somebody merely carries it along.
    """
    guild_id = place_of_interaction(interaction).ruling_guild_id
    permissions = interaction.permissions
    return Actor(
        user=user_of(interaction.user),
        guild_id=guild_id,
        manages_guild=guild_id is not None and (permissions.manage_guild or permissions.administrator),
        is_operator=interaction.user.id in operators_of(interaction.client),
    )


def operators_of(client: discord.Client) -> frozenset[int]:
    """List who runs the bot: the application's owner or, of a team, those who may change it."""
    application = client.application
    if application is None:
        return frozenset()
    if application.team is None:
        return frozenset({application.owner.id})
    may_change = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    members = {member.id for member in application.team.members if member.role in may_change}
    owner = application.team.owner_id
    return frozenset(members if owner is None else members | {owner})


def targets_here(interaction: discord.Interaction) -> tuple[Target, ...]:
    """List what may have settings where somebody acts, broad to narrow, with themselves at the end."""
    return targets_of(place_of_interaction(interaction), interaction.user.id)


def chain_of(target: Target, interaction: discord.Interaction) -> tuple[Target, ...]:
    """List the layers that a target's settings lie on, broad to narrow, itself at the end."""
    if target.scope is Scope.PERSON:
        return targets_here(interaction)
    guild = Target.guild(target.guild_id)
    if target.scope is Scope.GUILD:
        return (guild,)
    found = interaction.guild.get_channel(target.id) if interaction.guild is not None else None
    category = found.category_id if target.scope is Scope.CHANNEL and found is not None else None
    between = () if category is None else (Target.category(target.guild_id, category),)
    return (guild, *between, target)


def known_places(guild: discord.Guild) -> KnownPlaces:
    """List the categories, channels, threads and roles that a guild has at this moment."""
    categories = frozenset(category.id for category in guild.categories)
    return KnownPlaces(
        guild_id=guild.id,
        categories=categories,
        channels=frozenset(channel.id for channel in guild.channels) - categories,
        threads=frozenset(thread.id for thread in guild.threads),
        roles=frozenset(role.id for role in guild.roles) | {guild.id},
    )
