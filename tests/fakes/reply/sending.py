"""What a request does at the bot's budget on its way to Discord, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.presentation.outbound.whole import BotBudget

EDIT = "/api/v10/channels/1/messages/2"


async def send(
    whole: BotBudget,
    method: str = "PATCH",
    path: str = EDIT,
    *,
    connecting_s: float = 0.0,
    takes_s: float = 0.0,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> float:
    """Send a request as soon as it may go; returns when its headers went out, when it has been answered."""
    admission = await whole.set_out(method, path)
    await asyncio.sleep(connecting_s)
    sent_at = asyncio.get_running_loop().time()
    if admission is not None:
        whole.sent(admission)
    await asyncio.sleep(takes_s)
    if admission is not None:
        whole.answered(admission, status, headers or {})
    return sent_at
