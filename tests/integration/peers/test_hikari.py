"""A bot written with hikari, which checks every field strictly, on the local Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import hikari
import pytest

from sandbox.discord import LocalDiscord
from sandbox.discord.values import Message

from .happenings import put_through_everything

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
    await bot.close()
    logging.getLogger("hikari").removeHandler(complaints)
    assert complaints.words == []


async def on_message(event: hikari.GuildMessageCreateEvent) -> None:
    """Answer a mention: a reply, edited, with a picture attached by the edit."""
    assert isinstance(event.app, hikari.GatewayBot)
    me = event.app.get_me()
    if event.is_bot or me is None or me.id not in (event.message.user_mentions_ids or ()):
        return
    reply = await event.message.respond("thinking", reply=True)
    picture = hikari.Bytes(PICTURE, "fox.png")
    await reply.edit(f"heard: {event.content}", attachment=picture)


async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
    """Answer a command: deferred, then edited, then a followup that only the asker sees."""
    interaction = event.interaction
    assert isinstance(interaction, hikari.CommandInteraction)
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    prompt = (interaction.options or [])[0].value
    await interaction.edit_initial_response(f"asked: {prompt}")
    await interaction.execute("for your eyes", flags=hikari.MessageFlag.EPHEMERAL)


def says(message: Message | None, text: str) -> Message | None:
    return message if message is not None and message.content == text else None


async def test_a_mention_is_answered_edited_and_illustrated(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    world = discord.world
    content = f"{world.bot.mention} hello"
    prompt = await world.say(world.person("alice"), world.channel("general"), content)
    reply = await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert [one.filename for one in reply.attachments] == ["fox.png"]


async def test_the_whole_world_is_in_the_cache(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    guilds = bot.cache.get_guilds_view()
    assert {guild.name for guild in guilds.values()} == {guild.name for guild in discord.world.guilds.values()}
    lab = next(guild for guild in guilds.values() if guild.name == "Fusion Lab")
    assert "general" in {channel.name for channel in lab.get_channels().values()}
    everyone = {member.user.username for member in discord.world.guild().members.values()}
    while {member.username for member in lab.get_members().values()} < everyone:
        await bot.wait_for(hikari.MemberChunkEvent, timeout=5)


async def test_a_command_is_registered_and_answered(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    world = discord.world
    command = bot.rest.slash_command_builder("ask", "Ask something").add_option(
        hikari.CommandOption(type=hikari.OptionType.STRING, name="prompt", description="What to ask", is_required=True)
    )
    (made,) = await bot.rest.set_application_commands(world.application.id, [command])
    assert made.name == "ask"
    shown = await world.slash(world.person("alice"), world.channel("general"), "ask", {"prompt": "why"})
    await world.wait_for(lambda: shown.response is not None and shown.response.content == "asked: why")


async def test_every_event_is_parsed(discord: LocalDiscord, bot: hikari.GatewayBot) -> None:
    wanted = {
        "GuildMessageCreateEvent", "GuildMessageUpdateEvent", "GuildMessageDeleteEvent", "GuildReactionAddEvent",
        "GuildReactionDeleteEvent", "GuildTypingEvent", "GuildThreadCreateEvent", "GuildPinsUpdateEvent",
        "DMMessageCreateEvent", "DMMessageUpdateEvent", "DMMessageDeleteEvent", "DMTypingEvent",
        "GuildChannelUpdateEvent", "RoleUpdateEvent",
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
