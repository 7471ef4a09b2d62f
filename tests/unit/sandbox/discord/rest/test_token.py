"""A bot's token that its owner resets is refused from then on."""

from __future__ import annotations

import aiohttp

from sandbox.discord import LocalDiscord


async def test_the_old_token_is_refused_and_the_new_one_works() -> None:
    async with LocalDiscord(port=0) as discord, aiohttp.ClientSession() as session:

        async def status(token: str) -> int:
            url = f"{discord.api_base}/users/@me"
            async with session.get(url, headers={"Authorization": f"Bot {token}"}) as response:
                return response.status

        old = discord.token
        assert await status(old) == 200
        discord.world.reset_token("another")
        assert [await status(old), await status("another")] == [401, 200]
        assert discord.token == "another"
