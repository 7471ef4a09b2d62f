"""A bot with hikari on the local Discord: it answers a mention, and `/count` with a button."""

from __future__ import annotations

import os

import hikari

bot = hikari.GatewayBot(os.environ["DISCORD_TOKEN"], rest_url=os.environ["DISCORD_API_BASE"])


@bot.listen()
async def register_commands(_event: hikari.StartedEvent) -> None:
    application = await bot.rest.fetch_application()
    command = bot.rest.slash_command_builder("count", "Count with a button")
    await bot.rest.set_application_commands(application, [command])


@bot.listen()
async def answer_mention(event: hikari.GuildMessageCreateEvent) -> None:
    me = bot.get_me()
    if event.is_human and me is not None and me.id in (event.message.user_mentions_ids or ()):
        await event.message.respond("Hello!", reply=True)


@bot.listen()
async def count(event: hikari.InteractionCreateEvent) -> None:
    interaction = event.interaction
    if isinstance(interaction, hikari.CommandInteraction):
        row = bot.rest.build_message_action_row()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "add", label="Add one")
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "Count: 0", component=row)
    elif isinstance(interaction, hikari.ComponentInteraction):
        number = int((interaction.message.content or "").removeprefix("Count: ")) + 1
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, f"Count: {number}")


bot.run(check_for_updates=False)
