"""What stands in the demo's channel #posts from the start: what people, services and apps post beside words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.discord.acts.channels import publish_channel
from sandbox.discord.acts.messages import create_message
from sandbox.discord.acts.polls import vote
from sandbox.discord.acts.posts import create_webhook, execute_webhook
from sandbox.discord.bodies.message import Answered, Draft, Upload, parse_draft
from sandbox.discord.state.places import ChannelType
from sandbox.discord.state.records import Channel

if TYPE_CHECKING:
    from sandbox.discord import World
    from sandbox.discord.state.records import Message, User

PLACE: Final = "posts"
TOPIC: Final = "What is posted beside words: reply to one of these and mention the bot."
_STORY: Final = (
    "The night train leaves at **21:40** from platform 4; the ticket is on the kitchen table. Bring a warm coat."
)
_BUILD: Final[dict[str, Any]] = {
    "title": "Build 482 failed",
    "url": "https://ci.example.com/builds/482",
    "description": "`tests/test_clock.py::test_midnight` expected 00:00 and got 24:00.",
    "color": 0xC0392B,
    "fields": [
        {"name": "Branch", "value": "fix-clock", "inline": True},
        {"name": "Commit", "value": "3f9c2e1", "inline": True},
        {"name": "Took", "value": "2 min 14 s", "inline": True},
    ],
    "footer": {"text": "CI"},
}
_RELEASE: Final[list[dict[str, Any]]] = [
    {
        "type": 17,
        "accent_color": 0x2ECC71,
        "components": [
            {"type": 10, "content": "## Weather for Saturday"},
            {"type": 10, "content": "Morning fog, then sun. **18 °C**, wind from the west, no rain before evening."},
            {"type": 14},
            {"type": 10, "content": "-# Updated at 06:00"},
        ],
    }
]
_PASTE: Final = "\n".join(
    f"2026-03-0{1 + n // 24} {n % 24:02}:00 sensor 7: {18 + n % 5}.{n % 10} degrees" for n in range(60)
)


def seed_scenes(world: World) -> Channel:
    """Open the channel and have everything posted there; returns it."""
    lab = world.guild()
    talk = next(one for one in lab.channels.values() if one.type is ChannelType.CATEGORY)
    place = Channel(
        id=world.ids.next(), type=ChannelType.TEXT, name=PLACE, guild_id=lab.id, parent_id=talk.id,
        position=len(lab.channels), topic=TOPIC,
    )  # fmt: skip
    lab.channels[place.id] = world.channels[place.id] = place
    publish_channel(world, "CHANNEL_CREATE", place)
    alice, bob = world.person("alice"), world.person("bob")
    story = _say(world, bob, place, {"content": _STORY})
    create_message(world, alice, place, Draft(answered=_whole(story)))
    poll = _say(world, alice, place, _poll("Where do we meet?", "At the station", "At the bakery", "On the train"))
    for person, answer in ((alice, 1), (bob, 1), (world.person("dora"), 2)):
        vote(world, person, poll, answer)
    builds = create_webhook(world, place, "CI")
    execute_webhook(world, builds, parse_draft({"embeds": [_BUILD]}, []))
    weather = create_webhook(world, place, "Weather")
    execute_webhook(world, weather, parse_draft({"components": _RELEASE, "flags": 1 << 15}, []))
    paste = Upload(index=0, filename="message.txt", content_type="text/plain", data=_PASTE.encode())
    create_message(world, bob, place, Draft(content="Is anything odd in here?", uploads=[paste]))
    return place


def _say(world: World, person: User, place: Channel, body: dict[str, Any]) -> Message:
    return create_message(world, person, place, parse_draft(body, [], now=world.clock()))


def _whole(message: Message) -> Answered:
    return Answered(message_id=message.id, channel_id=message.channel_id, fail_if_not_exists=True, forward=True)


def _poll(question: str, *answers: str) -> dict[str, Any]:
    told = [{"poll_media": {"text": one}} for one in answers]
    return {"poll": {"question": {"text": question}, "answers": told}}
