"""``/usage``: what was used, and what is left."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import FusionBot
from bot.errors import StorageError, Trouble
from bot.presentation.commands import command_text
from bot.presentation.inbound.places import place_of_interaction
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.settings.rights import actor_of
from bot.presentation.transport_errors import TRANSPORT_ERRORS
from bot.presentation.usage.painter import UsageCharts
from bot.presentation.usage.report import Labels, UsageText, shown_name
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.usage.report import Span, UsageRefusedError, UsageScope, UsageService

logger = logging.getLogger(__name__)

MEMBERS_S = 3.0
"""How long the names of people are waited for."""


class UsageCog(commands.Cog):
    """Shows usage, to the one who asks alone."""

    def __init__(self, service: UsageService, charts: UsageCharts, desk: ReplyDesk) -> None:
        self._service = service
        self._charts = charts
        self._desk = desk

    @app_commands.command(
        name=command_text("command.usage.name"), description=command_text("command.usage.description")
    )
    @app_commands.describe(
        scope=command_text("command.usage.scope.description"),
        span=command_text("command.usage.span.description"),
        user=command_text("command.usage.person.description"),
    )
    @app_commands.rename(
        scope=command_text("command.usage.scope.name"),
        span=command_text("command.usage.span.name"),
        user=command_text("command.usage.person.name"),
    )
    @app_commands.choices(
        scope=[
            app_commands.Choice(name=command_text("command.usage.scope.choice.mine"), value=UsageScope.PERSON.value),
            app_commands.Choice(
                name=command_text("command.usage.scope.choice.channel"), value=UsageScope.CHANNEL.value
            ),
            app_commands.Choice(name=command_text("command.usage.scope.choice.server"), value=UsageScope.GUILD.value),
            app_commands.Choice(
                name=command_text("command.usage.scope.choice.everywhere"), value=UsageScope.EVERYWHERE.value
            ),
        ],
        span=[
            app_commands.Choice(name=command_text("command.usage.span.choice.day"), value=Span.DAY.value),
            app_commands.Choice(name=command_text("command.usage.span.choice.week"), value=Span.WEEK.value),
            app_commands.Choice(name=command_text("command.usage.span.choice.month"), value=Span.MONTH.value),
        ],
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def usage(
        self,
        interaction: discord.Interaction,
        scope: str = UsageScope.PERSON.value,
        span: str = Span.WEEK.value,
        user: discord.User | None = None,
    ) -> None:
        """Show a usage as a chart, a table and a file."""
        if not await self._desk.acknowledge(interaction, private=True):
            return
        locale = interaction.locale.value
        try:
            report = await self._service.report(
                place_of_interaction(interaction),
                interaction.user.id,
                UsageScope(scope),
                Span(span),
                # What Discord itself says of the user, whatever the command was declared with.
                manages_guild=actor_of(interaction).manages_guild,
                user_id=user.id if user is not None else None,
            )
        except UsageRefusedError as error:
            await _show(interaction, notice(UsageText(locale).refusal(error.refusal)))
            return
        except StorageError:
            logger.exception("a usage could not be read")
            await _show(interaction, notice(Words(locale).problem(Trouble.STORAGE)))
            return
        if report.settings.language != "auto":
            locale = report.settings.language
        users = [share.id for share in report.users.largest]
        labels = _labels(interaction.guild, await _names(interaction.guild, users) if len(users) > 1 else {})
        name = _name(interaction, report.scope, user)
        message = UsageText(locale).message(report, name=name, labels=labels)
        files: list[discord.File] = []
        chart = await self._charts.draw(message.chart) if message.chart is not None else None
        if chart is not None:
            files.append(discord.File(io.BytesIO(chart), "usage.png", description=message.alt))
        if message.table is not None:
            files.append(discord.File(io.BytesIO(message.table), "usage.csv"))
        await _show(interaction, message.content, files)


def _name(interaction: discord.Interaction, scope: UsageScope, user: discord.User | None) -> str:
    """Say whose usage it is, as Discord shows it."""
    match scope:
        case UsageScope.PERSON | UsageScope.EVERYWHERE:
            return (user or interaction.user).mention
        case UsageScope.CHANNEL:
            return f"<#{interaction.channel_id}>"
        case UsageScope.GUILD:
            return shown_name(interaction.guild.name if interaction.guild is not None else "")


def _labels(guild: discord.Guild | None, people: dict[int, str]) -> Labels:
    def label(kind: str, identifier: int) -> str:
        if kind == "person":
            return people.get(identifier, "")
        channel = guild.get_channel_or_thread(identifier) if guild is not None else None
        return f"#{channel.name}" if channel is not None else ""

    return label


async def _names(guild: discord.Guild | None, people: list[int]) -> dict[int, str]:
    """Ask Discord for the names of the people in a chart; none where it does not say in time."""
    if guild is None or guild.unavailable:
        return {}
    try:
        async with asyncio.timeout(MEMBERS_S):
            members = await guild.query_members(user_ids=people, limit=len(people), cache=False)
    except (discord.DiscordException, *TRANSPORT_ERRORS) as error:
        logger.info("the names of users could not be read: %s", type(error).__name__)
        return {}
    return {member.id: member.display_name for member in members}


async def _show(interaction: discord.Interaction, content: str, files: list[discord.File] | None = None) -> None:
    attached: dict[str, Any] = {"attachments": files} if files else {}
    try:
        await interaction.edit_original_response(
            content=content, allowed_mentions=discord.AllowedMentions.none(), **attached
        )
    except TRANSPORT_ERRORS as error:
        logger.warning("a usage could not be shown: %s", type(error).__name__)


async def setup(bot: FusionBot) -> None:
    """Add the cog; discord.py calls this when it loads the file."""
    services = bot.services
    await bot.add_cog(UsageCog(services.usage, services.charts, services.desk))
