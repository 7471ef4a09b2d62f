"""A bot with discord.py on the local Discord: it answers a mention, and `/count` with a button."""

from __future__ import annotations

import os

import discord
import yarl

API = os.environ["DISCORD_API_BASE"]
# discord.py has no options for these two. Without them the bot runs on the real Discord.
discord.http.Route.BASE = API
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(API.replace("http", "ws", 1).replace("api/v10", "gateway"))


class Counter(discord.ui.View):
    """A button that adds one to the number in its message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Add one", custom_id="add")
    async def add(self, interaction: discord.Interaction, _button: discord.ui.Button[Counter]) -> None:
        if interaction.message is not None:
            number = int(interaction.message.content.removeprefix("Count: ")) + 1
            await interaction.response.edit_message(content=f"Count: {number}")


class Bot(discord.Client):
    async def setup_hook(self) -> None:
        self.add_view(Counter())  # buttons under older messages work after a restart
        tree = discord.app_commands.CommandTree(self)
        tree.command(name="count", description="Count with a button")(count)
        await tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if self.user in message.mentions and not message.author.bot:
            await message.reply("Hello!")


async def count(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Count: 0", view=Counter())


Bot(intents=discord.Intents.default()).run(os.environ["DISCORD_TOKEN"])
