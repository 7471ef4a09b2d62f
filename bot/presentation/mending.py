"""Ends the messages of a turn whose process died."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import discord

from bot.domain.pages import paginate, units
from bot.domain.turns import Turn
from bot.errors import Trouble
from bot.presentation.delivery import ChannelDelivery, DeliveryError
from bot.presentation.live_reply import PAGE_LIMIT
from bot.presentation.text import Words, notice

logger = logging.getLogger(__name__)


class DiscordReplyMender:
    """Edits the last message of an interrupted reply, or answers where there is none yet (fulfils ``ReplyMender``)."""

    def __init__(self, client: Callable[[], discord.Client]) -> None:
        self._client = client

    async def mend(self, turn: Turn) -> Turn:
        """Show the text that was kept and that the turn was interrupted; the turn unchanged where Discord does not."""
        delivery = ChannelDelivery(self._client(), turn.channel_id, turn.guild_id, prompt_id=turn.id)
        try:
            if not turn.reply_ids:
                turn = await self._find(turn, delivery)
            ids = list(turn.reply_ids)
            for index, content in enumerate(interrupted_pages(turn)):
                if index < len(ids) - 1:
                    continue  # a page that was full stands as it is
                if index < len(ids):
                    await delivery.edit(ids[index], content)
                else:
                    ids.append(await delivery.send(index, content))
        except DeliveryError as error:
            logger.warning("an interrupted reply could not be ended on Discord: %s", error)
            return turn
        return replace(turn, reply_ids=tuple(ids))

    async def _find(self, turn: Turn, delivery: ChannelDelivery) -> Turn:
        """Find the message of a turn that died before its id was kept, or make it: the nonce tells."""
        words = interrupted_pages(turn)[0]
        message_id, stands = await delivery.claim(0, words)
        return replace(turn, reply_ids=(message_id,), text=turn.text or ("" if stands == words else stands))


def interrupted_pages(turn: Turn) -> list[str]:
    """Lay the kept text out as it stood, with the word "interrupted" behind it."""
    words = notice(Words(turn.locale).problem(Trouble.INTERRUPTED))
    pages = paginate(turn.text, limit=PAGE_LIMIT)
    # Discord may have shown more than was kept: the messages that stand are not fewer afterwards.
    if pages and units(pages[-1]) + units(words) + 2 <= PAGE_LIMIT and len(pages) >= len(turn.reply_ids):
        return [*pages[:-1], f"{pages[-1]}\n\n{words}"]
    pages.append(words)
    return [*[""] * (len(turn.reply_ids) - len(pages)), *pages] if len(pages) < len(turn.reply_ids) else pages
