"""What the cogs work with: discord.py loads them by name, and hands them the bot alone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.history.ports import ChannelReader
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.typing.options import PanelTyping
from bot.presentation.usage.painter import UsageCharts
from bot.services.chat.service import ChatService
from bot.services.drawing.cards import CardService
from bot.services.drawing.service import DrawService
from bot.services.drawing.suggestions import DrawSuggestions
from bot.services.history.catch_up import CatchUpService
from bot.services.history.edited import EditedQuestions
from bot.services.history.edits import HistoryService
from bot.services.history.proxies import ProxyService
from bot.services.history.removals import RemovalService
from bot.services.reply.buttons import ControlService
from bot.services.usage.report import UsageService


@dataclass(frozen=True, slots=True, kw_only=True)
class CogServices:
    """The use cases, and the parts of Discord's side that several cogs share; one for the whole process."""

    chat: ChatService
    draw: DrawService
    cards: CardService
    suggestions: DrawSuggestions
    controls: ControlService
    history: HistoryService
    edited_questions: EditedQuestions
    proxies: ProxyService
    catch_up: CatchUpService
    removals: RemovalService
    usage: UsageService
    panel: SettingsPanel
    panel_typing: PanelTyping
    charts: UsageCharts
    desk: ReplyDesk
    attachments: DiscordAttachments
    channel_reader: ChannelReader
    lookup: ChannelLookup
