"""What people do with a bot that is tried: every kind of event, and every kind of interaction.

The bots of this directory, each in its own library, do the same: on a mention with "panel" they answer with the buttons
"press" (the message becomes "pressed") and "form" (a modal "name" with the field "who", answered with "hello" and what
was written) and the select "colour" (answered, for the chooser alone, with what was chosen); `/ask prompt` is deferred,
answered with "asked: " and the prompt, and followed up for the asker alone; its prompt is completed with "choice: " and
what was typed; the message command "Quote" answers with the message's text.
"""

from __future__ import annotations

import asyncio

from sandbox.discord import LocalDiscord, World
from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.people.others import link_embed
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Message

_NO_CHANNELS = {
    ChannelType.DM, ChannelType.GROUP_DM, ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD,
    ChannelType.PRIVATE_THREAD,
}  # fmt: skip


async def put_through_everything(discord: LocalDiscord) -> None:
    """Have people write, edit, react, pin, type, thread and delete, in a guild and in a direct message."""
    world = discord.world
    alice, general, guild = world.person("alice"), world.channel("general"), world.guild()
    first = await world.say(alice, general, "one")
    await world.edit(alice, first, "two")
    await world.react(alice, first, "👍")
    await world.react(alice, first, "👍", remove=True)
    await world.pin(alice, first)
    await world.typing(alice, general)
    thread = await world.start_thread(alice, first, "talk")
    await world.say(alice, thread, "in the thread")
    loose = await world.start_thread(alice, general, "loose")
    await world.say(alice, loose, "in a thread without a message")
    await world.say(alice, general, "with a reply", reply_to=first)
    direct = await world.open_dm(alice)
    last = await world.say(alice, direct, "hello")
    await world.typing(alice, direct)
    await world.edit(alice, last, "bye")
    await world.delete(alice, last)
    several = [await world.say(alice, general, text) for text in "ab"]
    await world.bulk_delete(alice, general, several)
    change_permissions(world, guild, deny=Permission.CHANGE_NICKNAME)
    change_permissions(world, guild, channel=general, deny=Permission.ADD_REACTIONS)
    change_permissions(world, guild, channel=general, allow=Permission.ADD_REACTIONS)
    await post_everything(world)
    await world.delete(alice, first)
    await change_places(discord)


async def change_places(discord: LocalDiscord) -> None:
    """Have places of every kind come, change, close and go; then talk where it is known in an order of its own."""
    world = discord.world
    alice = world.person("alice")
    for kind in ChannelType:
        if kind not in _NO_CHANNELS:
            world.rename(world.add_channel("place", kind, slowmode_s=5, hidden_from_bot=kind is ChannelType.STAGE), "x")
    world.delete_channel(world.channel("x"))
    lounge, gallery = world.channel("lounge"), world.channel("gallery")
    await world.say(alice, lounge, "in a voice chat")
    world.hide(lounge)
    world.show(lounge)
    await world.start_post(alice, gallery, "post", "words", files=[("a.txt", b"x")], tags=["drawn"])
    discord.gateway.hold("THREAD_CREATE", after=3)
    news = await world.start_thread(alice, await world.say(alice, world.channel("news"), "news"), "about it")
    await world.say(alice, news, "in a thread that is not told of yet")
    quiet = await world.start_thread(alice, world.channel("general"), "quiet", private=True)
    world.add_to_thread(quiet)
    await world.say(alice, quiet, "now the bot hears this too")
    discord.gateway.release()
    for thread in (news, quiet):
        world.lock(thread)
        world.archive(thread)
        world.unarchive(thread)
    world.remove_from_thread(quiet)
    world.delete_channel(news)
    world.time_out_bot(60)
    world.time_out_bot(0)
    discord.gateway.outage(world.guild())
    discord.gateway.outage(world.guild(), over=True)


async def post_everything(world: World) -> None:
    """Have people, a webhook, a proxy and another app post what is more than words."""
    alice, bob, general = world.person("alice"), world.person("bob"), world.channel("general")
    link = await world.say(alice, general, "https://example.com")
    await world.unfurl(link, link_embed("https://example.com", "A page", "Words", kind="article"))
    await world.unfurl(link, link_embed("https://example.com/v", "A video", kind="video"))
    await world.forward(bob, link, general, comment="look")
    sticker = await world.send_sticker(bob, general)
    await world.forward(bob, sticker, await world.open_dm(bob))
    poll = await world.start_poll(alice, general, "Tea?", [("🍵", "Yes"), "No"])
    await world.vote(bob, poll, 1)
    await world.vote(bob, poll, 1, remove=True)
    await world.vote(bob, poll, 2)
    await world.say(bob, general, "what is this?", reply_to=poll)
    await world.end_poll(poll)
    await world.send_voice(bob, general)
    await world.paste(bob, general, "x" * 3000, content="review this")
    hook = await world.webhook(general)
    built = await world.webhook_says(hook, embeds=[{"title": "green", "description": "all tests", "color": 5}])
    await world.say(bob, general, "and this?", reply_to=built)
    await world.proxy(await world.say(alice, general, "by a proxy", reply_to=built))
    await world.crosspost(link, world.channel("art"))
    other = next((one for one in world.applications.values() if one.name == "Other"), None)
    inner = [
        {"type": 10, "content": "# Title"},
        {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 2, "style": 5, "label": "Go",
         "url": "https://example.com"}},
        {"type": 14},
    ]  # fmt: skip
    shown = await world.app_says(
        other or world.add_application("Other"), general, components=[{"type": 17, "components": inner}]
    )
    await world.say(bob, general, "and that?", reply_to=shown)
    world.send_no_member(alice)
    await world.say(alice, general, "who am I?")
    world.send_no_member(alice, missing=False)
    await world.set_nick(bob, "Bobby")
    await world.tell_again(link)


def says(message: Message | None, text: str) -> Message | None:
    """Return the message where it has this text."""
    return message if message is not None and message.content == text else None


async def answer_to(world: World, interaction: Interaction, text: str) -> Message:
    """Return the response to an interaction when it has this text."""
    return await world.wait_for(lambda: says(interaction.response, text))


async def use_commands(discord: LocalDiscord) -> None:
    """Complete and use the slash command, and the message command."""
    world = discord.world
    alice, general = world.person("alice"), world.channel("general")
    choices = await world.autocomplete(alice, general, "ask", {"prompt": "wh"}, "prompt")
    assert [(one["name"], one["value"]) for one in choices] == [("choice: wh", "choice: wh")]
    asked = await world.slash(alice, general, "ask", {"prompt": "why"})
    response = await answer_to(world, asked, "asked: why")
    assert not response.ephemeral
    (followup,) = await world.wait_for(lambda: list(asked.followups.values()))
    assert (followup.content, followup.reader_id) == ("for your eyes", alice.id)
    for name in ("no-bots", "lounge"):
        # Where the bot is not seen, or a voice chat: the command goes by its token.
        elsewhere = await world.slash(alice, world.channel(name), "ask", {"prompt": name})
        await answer_to(world, elsewhere, f"asked: {name}")
    hers = await world.say(alice, general, "my words")
    quoted = await world.context_menu(alice, general, "Quote", hers)
    await answer_to(world, quoted, "my words")


async def use_panel(discord: LocalDiscord, form_known: asyncio.Event | None = None) -> None:
    """Press the buttons, choose in the select, and fill in the form.

    A library that notes its form when sending it has been answered sets `form_known` then: nobody fills in so fast.
    """
    world = discord.world
    alice, bob, general = world.person("alice"), world.person("bob"), world.channel("general")
    prompt = await world.say(alice, general, f"{world.bot.mention} panel")
    panel = await world.wait_for(lambda: says(world.reply_to(prompt), "the panel"))
    chosen = await world.select(bob, panel, "colour", ["red"])
    response = await answer_to(world, chosen, "red")
    assert response.reader_id == bob.id
    opened = await world.answered(await world.click(alice, panel, "form"))
    assert opened.modal is not None
    if form_known is not None:
        await form_known.wait()
    sent = await world.submit_modal(alice, opened, {"who": "Ann"})
    await answer_to(world, sent, "hello Ann")
    await world.click(alice, panel, "press")
    await world.wait_for(lambda: says(panel, "pressed"))
