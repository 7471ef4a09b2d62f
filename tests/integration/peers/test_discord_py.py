"""A bot written with discord.py on the local Discord: answering, resuming, and sleeping on rate limits."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

import discord as discord_py
import pytest
import yarl
from discord import app_commands

from sandbox.discord import Disturbance, Fault, LocalDiscord
from tests.integration.peers.happenings import put_through_everything, says, use_commands, use_panel

READY_S = 45.0
Interaction = discord_py.Interaction[Any]


class Bot(discord_py.Client):
    """Answers mentions and one command; counts what it hears."""

    def __init__(self) -> None:
        intents = discord_py.Intents.default()
        nobody = discord_py.AllowedMentions.none()
        super().__init__(intents=intents, allowed_mentions=nobody, guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(ask)
        self.tree.add_command(quote)
        self.up = asyncio.Event()
        self.resumed = asyncio.Event()
        self.form_known = asyncio.Event()
        self.identified = 0
        self.heard: list[str] = []
        self.direct: asyncio.Queue[discord_py.Message] = asyncio.Queue()

    async def setup_hook(self) -> None:
        self.add_view(Panel())  # known before a person can press it
        made = await self.tree.sync()
        assert {one.name for one in made} == {"ask", "Quote"}

    async def on_ready(self) -> None:
        self.identified += 1
        self.up.set()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_message(self, message: discord_py.Message) -> None:
        self.heard.append(message.content)
        if message.guild is None and not message.author.bot:
            self.direct.put_nowait(message)
        if message.author.bot or self.user not in message.mentions:
            return
        if "panel" in message.content:
            await message.reply("the panel", view=Panel())
            return
        reply = await message.reply("thinking")
        picture = discord_py.File(io.BytesIO(b"picture"), "fox.png", description="a fox")
        await reply.edit(content=f"heard: {message.content}", attachments=[picture])
        if "many" in message.content:
            for number in range(1, 8):
                await message.channel.send(f"number {number}")


@app_commands.command(description="Ask something")
async def ask(interaction: Interaction, prompt: str) -> None:
    """Answer the command as one that takes its time does."""
    await interaction.response.defer()
    await interaction.edit_original_response(content=f"asked: {prompt}")
    await interaction.followup.send("for your eyes", ephemeral=True)


@ask.autocomplete("prompt")
async def complete(_interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest one value."""
    return [app_commands.Choice(name=f"choice: {typed}", value=f"choice: {typed}")]


@app_commands.context_menu(name="Quote")
async def quote(interaction: Interaction, message: discord_py.Message) -> None:
    """Answer with the message's text."""
    await interaction.response.send_message(message.content)


class Form(discord_py.ui.Modal, title="Name"):
    """Asks for a name."""

    who: discord_py.ui.TextInput[Any] = discord_py.ui.TextInput(label="Who are you?", custom_id="who")

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"hello {self.who.value}")


class Panel(discord_py.ui.View):
    """Two buttons and a select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord_py.ui.button(label="Press", custom_id="press")
    async def press(self, interaction: Interaction, _button: discord_py.ui.Button[Any]) -> None:
        await interaction.response.edit_message(content="pressed", view=None)

    @discord_py.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: Interaction, _button: discord_py.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())
        cast("Bot", interaction.client).form_known.set()

    @discord_py.ui.select(custom_id="colour", options=[discord_py.SelectOption(label="Red", value="red")])
    async def colour(self, interaction: Interaction, select: discord_py.ui.Select[Any]) -> None:
        await interaction.response.send_message(" ".join(select.values), ephemeral=True)


class Complaints(logging.Handler):
    """Keeps what discord.py complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        words = self.format(record)
        if "is not installed" not in words:  # voice support, which nothing here needs
            self.words.append(words)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
async def bot(discord: LocalDiscord, complaints: Complaints, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setattr(discord_py.http.Route, "BASE", discord.api_base)
    gateway = yarl.URL(discord.gateway_url)
    monkeypatch.setattr(discord_py.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    logging.getLogger("discord").addHandler(complaints)
    bot = Bot()
    running = asyncio.create_task(bot.start(discord.token))
    try:
        ready = asyncio.create_task(bot.up.wait())
        await asyncio.wait({running, ready}, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        assert bot.up.is_set(), running
        yield bot
    finally:
        await bot.close()
        await running
        logging.getLogger("discord").removeHandler(complaints)


async def test_a_mention_is_answered_edited_and_illustrated(
    discord: LocalDiscord, bot: Bot, complaints: Complaints
) -> None:
    world = discord.world
    content = f"{world.bot.mention} hello"
    prompt = await world.say(world.person("alice"), world.channel("general"), content)
    reply = await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert [(one.filename, one.description) for one in reply.attachments] == [("fox.png", "a fox")]
    assert complaints.words == []


async def test_frames_come_compressed(discord: LocalDiscord, bot: Bot) -> None:
    (session,) = discord.gateway.sessions
    assert session.outlet is not None
    assert getattr(session.outlet, "compressed", False)


async def test_commands_are_answered(discord: LocalDiscord, bot: Bot, complaints: Complaints) -> None:
    await use_commands(discord)
    assert complaints.words == []


async def test_buttons_selects_and_forms_work(discord: LocalDiscord, bot: Bot, complaints: Complaints) -> None:
    await use_panel(discord, bot.form_known)
    assert complaints.words == []


async def test_every_event_is_parsed(discord: LocalDiscord, bot: Bot, complaints: Complaints) -> None:
    await put_through_everything(discord)
    world = discord.world
    content = f"{world.bot.mention} still there?"
    prompt = await world.say(world.person("alice"), world.channel("general"), content)
    await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert complaints.words == []


async def test_what_is_posted_beside_words_is_understood(
    discord: LocalDiscord, bot: Bot, complaints: Complaints
) -> None:
    world = discord.world
    alice = world.person("alice")
    direct = await world.open_dm(alice)
    source = await world.say(alice, world.channel("general"), "the text", files=[("a.txt", b"x")])
    await world.forward(alice, source, direct)
    poll = await world.start_poll(alice, direct, "Tea?", [("🍵", "Yes"), "No"])
    await world.vote(alice, poll, 1)
    await world.send_voice(alice, direct, seconds=2.0)
    await world.send_sticker(alice, direct)
    await world.end_poll(poll)
    forward, asked, voice, sticker, result = [await asyncio.wait_for(bot.direct.get(), READY_S) for _ in range(5)]
    (snapshot,) = forward.message_snapshots
    assert (snapshot.content, snapshot.attachments[0].filename) == ("the text", "a.txt")
    assert forward.reference is not None
    assert (forward.content, forward.reference.type) == ("", discord_py.MessageReferenceType.forward)
    assert asked.poll is not None
    assert (asked.poll.question, [one.text for one in asked.poll.answers]) == ("Tea?", ["Yes", "No"])
    assert voice.attachments[0].is_voice_message()
    assert sticker.stickers[0].name == "Wave"
    assert result.type is discord_py.MessageType.poll_result
    assert complaints.words == []


@pytest.mark.parametrize("how", [Disturbance.DROP, Disturbance.RECONNECT])
async def test_a_session_is_resumed_and_nothing_is_missed_or_heard_twice(
    discord: LocalDiscord, bot: Bot, how: Disturbance
) -> None:
    world = discord.world
    discord.gateway.disturb(how)
    content = f"{world.bot.mention} are you there?"
    prompt = await world.say(world.person("bob"), world.channel("general"), content)
    await asyncio.wait_for(bot.resumed.wait(), READY_S)
    await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    assert bot.heard.count(content) == 1
    assert len(world.replies_to(prompt)) == 1
    assert bot.identified == 1


async def test_a_channel_that_the_bot_may_not_see_is_there_without_its_name(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    guild, hidden = bot.get_guild(world.guild().id), world.channel("no-bots")
    assert guild is not None
    found = guild.get_channel(hidden.id)
    assert found is not None
    assert (found.name, found.permissions_for(guild.me).view_channel) == ("___hidden___", False)
    assert isinstance(guild.get_channel(world.channel("gallery").id), discord_py.ForumChannel)


async def test_an_event_may_come_twice(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    general = world.channel("general")
    await world.say(world.person("bob"), general, f"{world.bot.mention} once")
    await world.wait_for(lambda: len(general.messages) == 2 and general.messages)
    discord.gateway.disturb(Disturbance.REPLAY)
    await world.say(world.person("bob"), general, f"{world.bot.mention} then")
    await world.wait_for(lambda: bot.heard.count(f"{world.bot.mention} then") == 1 or None)
    assert bot.heard.count(f"{world.bot.mention} once") == 2


async def test_full_buckets_are_slept_on_before_they_are_refused(discord: LocalDiscord, bot: Bot) -> None:
    world = discord.world
    general = world.channel("general")
    await world.say(world.person("alice"), general, f"{world.bot.mention} many")
    await world.wait_for(lambda: any(one.content == "number 7" for one in general.messages.values()))
    assert {request.status for request in discord.requests} == {200}


async def test_a_refused_request_is_sent_again(discord: LocalDiscord, bot: Bot, complaints: Complaints) -> None:
    world = discord.world
    body = {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}
    discord.faults.add(Fault(method="POST", path="/messages$", status=429, json=body, times=2))
    content = f"{world.bot.mention} hello"
    prompt = await world.say(world.person("alice"), world.channel("general"), content)
    await world.wait_for(lambda: says(world.reply_to(prompt), f"heard: {content}"))
    sent = [request.status for request in discord.requests if request.method == "POST" and "messages" in request.path]
    assert sent == [429, 429, 200]
    assert len(complaints.words) == 2
