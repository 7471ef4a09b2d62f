"""What a demo says, for tests."""

from __future__ import annotations

import asyncio


class Terminal:
    """Takes what is said, and lets a test wait for it."""

    def __init__(self) -> None:
        self.text = ""
        self._news = asyncio.Event()

    def say(self, words: str) -> None:
        self.text += f"{words}\n"
        self._news.set()

    async def until(self, part: str) -> None:
        async with asyncio.timeout(45):
            while part not in self.text:
                self._news.clear()
                await self._news.wait()
