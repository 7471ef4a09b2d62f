"""A bot written with hikari, which checks every field strictly, on the local Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import hikari
import hikari.api
import hikari.impl
import pytest

from sandbox.discord import LocalDiscord
from tests.integration.peers.happenings import put_through_everything, says, use_commands, use_panel

PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 32


class Unparsed(logging.Handler):
    """Keeps what hikari complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(self.format(record))


@pytest.fixture
async def bot(discord: LocalDiscord) -> AsyncIterator[hikari.GatewayBot]:
    complaints = Unparsed()
    logging.getLogger("hikari").addHandler(complaints)
    bot = hikari.GatewayBot(
        discord.token,
        rest_url=discord.api_base,
        banner=None,
        logs=None,
        suppress_optimization_warning=True,
        intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.GUILD_MEMBERS,
    )
    bot.subscribe(hikari.GuildMessageCreateEvent, on_message)
    bot.subscribe(hikari.InteractionCreateEvent, on_interaction)
    await bot.start(check_for_updates=False)
    yield bot
    # Before it goes: it may complain of answers that it does not wait for.
    logging.getLogger("hikari").removeHandler(complaints)
    await bot.close()
    assert complaints.words == []


async def on_message(event: hikari.GuildMessageCreateEvent) -> None:
    """Answer a mention: a reply, edited, with a picture attached by the edit."""
    assert isinstance(event.app, hikari.GatewayBot)
    me = event.app.get_me()
    if event.is_bot or me is None or me.id not in (event.message.user_mentions_ids or ()):
        return
    if "panel" in (event.content or ""):
        await event.message.respond("the panel", reply=True, components=panel())
        return
    reply = await event.message.respond("thinking", reply=True)
    picture = hikari.Bytes(PICTURE, "fox.png")
    await reply.edit(f"heard: {event.content}", attachment=picture)


async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
    """Answer every kind of interaction."""
    interaction = event.interaction
    if isinstance(interaction, hikari.AutocompleteInteraction):
        typed = f"choice: {interaction.options[0].value}"
        await interaction.create_response([hikari.impl.AutocompleteChoiceBuilder(typed, typed)])
    elif isinstance(interaction, hikari.ModalInteraction):
        (field,) = [one for row in interaction.components for one in row]
        assert isinstance(field, hikari.TextInputComponent)
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, f"hello {field.value}")
    elif isinstance(interaction, hikari.ComponentInteraction):
        await on_component(interaction)
    elif isinstance(interaction, hikari.CommandInteraction) and interaction.command_name == "Quote":
        assert interaction.resolved is not None
        (quoted,) = interaction.resolved.messages.values()
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, quoted.content or "")
    else:
        assert isinstance(interaction, hikari.CommandInteraction)
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        prompt = (interaction.options or [])[0].value
        await interaction.edit_initial_response(f"asked: {prompt}")
        await interaction.execute("for your eyes", flags=hikari.MessageFlag.EPHEMERAL)


async def on_component(interaction: hikari.ComponentInteraction) -> None:
    """Answer the panel's buttons and select."""
    if interaction.custom_id == "press":
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "pressed", components=[])
    elif interaction.custom_id == "form":
        row = hikari.impl.ModalActionRowBuilder().add_text_input("who", "Who are you?")
        await interaction.create_modal_response("Name", "name", component=row)
    else:
        colours, private = " ".join(interaction.values), hikari.MessageFlag.EPHEMERAL
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, colours, flags=private)


def panel() -> list[hikari.api.ComponentBuilder]:
    """Return the panel's rows."""
    buttons = hikari.impl.MessageActionRowBuilder()
    buttons.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    buttons.add_interactive_button(hikari.ButtonStyle.SECONDARY, "form", label="Form")
    select = hikari.impl.MessageActionRowBuilder()
    select.add_text_menu("colour").add_option("Red", "red").add_option("Blue", "blue")
    return [buttons, select]


async def test_a_mention_is_answered_edited_and_illustrated(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    world = discord.world
    content = f"{world.bot.mention} hello"
    prompt = await world.say(world.person("alice"), world.channel("general"), content)
    reply = await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert [one.filename for one in reply.attachments] == ["fox.png"]


async def test_the_whole_world_is_in_the_cache(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    names = {guild.name for guild in discord.world.guilds.values()}
    while {guild.name for guild in bot.cache.get_guilds_view().values()} != names:  # a view is of its moment
        await bot.wait_for(hikari.GuildAvailableEvent, timeout=45)
    lab = next(guild for guild in bot.cache.get_guilds_view().values() if guild.name == "Fusion Lab")
    assert "general" in {channel.name for channel in lab.get_channels().values()}
    everyone = {member.user.username for member in discord.world.guild().members.values()}
    while {member.username for member in lab.get_members().values()} < everyone:
        await bot.wait_for(hikari.MemberChunkEvent, timeout=45)


async def test_commands_are_registered_and_answered(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    prompt = hikari.CommandOption(
        type=hikari.OptionType.STRING, name="prompt", description="What to ask", is_required=True, autocomplete=True
    )
    ask = bot.rest.slash_command_builder("ask", "Ask something").add_option(prompt)
    quote = bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Quote")
    made = await bot.rest.set_application_commands(discord.world.application.id, [ask, quote])
    assert [one.name for one in made] == ["ask", "Quote"]
    await use_commands(discord)


async def test_buttons_selects_and_forms_work(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    await use_panel(discord)


async def test_every_event_is_parsed(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    wanted = {
        "GuildMessageCreateEvent", "GuildMessageUpdateEvent", "GuildMessageDeleteEvent", "GuildReactionAddEvent",
        "GuildReactionDeleteEvent", "GuildTypingEvent", "GuildThreadCreateEvent", "GuildPinsUpdateEvent",
        "DMMessageCreateEvent", "DMMessageUpdateEvent", "DMMessageDeleteEvent", "DMTypingEvent",
        "GuildChannelUpdateEvent", "RoleUpdateEvent", "GuildChannelCreateEvent", "GuildChannelDeleteEvent",
        "GuildThreadUpdateEvent", "GuildThreadDeleteEvent", "GuildThreadAccessEvent", "ThreadMembersUpdateEvent",
        "ThreadListSyncEvent", "MemberUpdateEvent", "GuildUnavailableEvent", "GuildAvailableEvent",
    }  # fmt: skip
    all_heard = asyncio.Event()

    async def listen(event: hikari.Event) -> None:
        wanted.discard(type(event).__name__)
        if not wanted:
            all_heard.set()

    bot.subscribe(hikari.Event, listen)
    await put_through_everything(discord)
    try:
        await asyncio.wait_for(all_heard.wait(), 5)
    except TimeoutError:
        pytest.fail(f"not heard: {sorted(wanted)}")
