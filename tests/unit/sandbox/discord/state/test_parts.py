"""The small parts: ids, permissions, the store of files, waiting, the deadline of interactions in real time."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image

from sandbox.discord.interactions.commands import upsert
from sandbox.discord.protocol import limits
from sandbox.discord.protocol.permissions import (
    ALL,
    NONE,
    P,
    base_permissions,
    implied_permissions,
    overwritten_permissions,
)
from sandbox.discord.protocol.snowflake import DISCORD_EPOCH_MS, Snowflakes, created_at, iso, snowflake_at
from sandbox.discord.state.events import Event
from sandbox.discord.state.files import CdnStore, picture_size, sniff
from sandbox.discord.state.records import Attachment
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import FakeClock


def test_snowflakes_carry_the_time_and_only_grow(clock: FakeClock) -> None:
    ids = Snowflakes(clock)
    first, second = ids.next(), ids.next()
    assert second > first
    assert created_at(first) == clock.now
    clock.now -= 100
    assert ids.next() > second
    clock.now += 500
    assert created_at(ids.next()) == clock.now
    assert snowflake_at(DISCORD_EPOCH_MS / 1000 + 1) == 1000 << 22
    assert iso(0) == "1970-01-01T00:00:00.000000+00:00"


@dataclass
class Rule:
    allow: P = NONE
    deny: P = NONE


READ = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY
TALK = READ | P.SEND_MESSAGES | P.ATTACH_FILES


@pytest.mark.parametrize(
    ("base", "everyone", "roles", "member", "expected"),
    [
        (TALK, None, [], None, TALK),
        (TALK, Rule(deny=P.VIEW_CHANNEL), [], None, NONE),
        (TALK, Rule(deny=P.VIEW_CHANNEL), [Rule(allow=P.VIEW_CHANNEL)], None, TALK),
        (TALK, None, [Rule(deny=P.ATTACH_FILES), Rule(allow=P.ATTACH_FILES)], None, TALK),
        (TALK, None, [Rule(allow=P.ATTACH_FILES)], Rule(deny=P.ATTACH_FILES), READ | P.SEND_MESSAGES),
        (TALK, Rule(deny=P.SEND_MESSAGES), [], None, READ),
        (TALK | P.ADMINISTRATOR, Rule(deny=P.VIEW_CHANNEL), [], None, ALL),
    ],
)
def test_overwrites_apply_in_discords_order(
    base: P, everyone: Rule | None, roles: list[Rule], member: Rule | None, expected: P
) -> None:
    stated = overwritten_permissions(base, everyone=everyone, roles=roles, member=member)
    assert implied_permissions(stated) == expected


def test_threads_and_timeouts_have_rules_of_their_own() -> None:
    found = implied_permissions(TALK, thread=True)
    assert found == READ | P.SEND_MESSAGES  # no files without SEND_MESSAGES_IN_THREADS
    assert overwritten_permissions(TALK, everyone=None, roles=[], member=None, timed_out=True) == READ
    voice = TALK | P.CONNECT | P.MANAGE_CHANNELS
    assert implied_permissions(voice, voice=True) == voice
    assert implied_permissions(voice & ~P.CONNECT, voice=True) == P.VIEW_CHANNEL
    assert base_permissions(NONE, [], owner=True) == ALL
    assert base_permissions(READ, [P.ADMINISTRATOR], owner=False) == ALL


async def test_a_silenced_member_cannot_speak(world: World, clock: FakeClock) -> None:
    bob, general = world.person("bob"), world.channel("general")
    world.guild().members[bob.id].timed_out_until = clock.now + 60
    assert not world.permissions(bob.id, general) & P.SEND_MESSAGES
    clock.now += 61
    assert world.permissions(bob.id, general) & P.SEND_MESSAGES


def test_the_store_of_files_is_bounded(clock: FakeClock) -> None:
    store = CdnStore(clock, capacity_bytes=10)
    for n in range(4):
        store.put(n, b"1234", "text/plain")
    assert [store.get(n) is not None for n in range(4)] == [False, False, True, True]
    store.drop(2)
    store.put(4, b"1234", None)
    assert store.get(3) is not None


def test_an_address_is_good_for_its_file_alone(clock: FakeClock) -> None:
    store = CdnStore(clock)
    url = store.sign("http://x", Attachment(id=2, channel_id=1, filename="画.png", size=1, content_type=None))
    path, _, query = url.partition("?")
    assert path == "http://x/cdn/attachments/1/2/%E7%94%BB.png"
    expires, issued, mark = (part.partition("=")[2] for part in query.split("&")[:3])
    assert store.valid("1", "2", expires, issued, mark)
    assert not store.valid("1", "3", expires, issued, mark)
    assert not store.valid("1", "2", "ffffffff", issued, mark)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_sizes_of_pictures(form: str) -> None:
    data = BytesIO()
    Image.new("RGB", (7, 5)).save(data, form)
    assert picture_size(data.getvalue()) == (7, 5)
    assert picture_size(data.getvalue()[:9]) is None
    assert picture_size(b"") is None


def test_types_of_files() -> None:
    assert sniff("a.png", "text/html") == "image/png"
    assert sniff("a.txt", None) == "text/plain; charset=utf-8"
    assert sniff("a.unknown", "application/x-thing") == "application/x-thing"
    assert sniff("a.unknown", "bad\r\nheader: x/y") is None


async def test_waiting_ends_with_the_event_or_with_the_time(world: World) -> None:
    bob, general = world.person("bob"), world.channel("general")
    with pytest.raises(TimeoutError):
        await world.wait_for(lambda: general.messages, timeout_s=0.01)
    await world.say(bob, general, "x")
    assert await world.wait_for(lambda: list(general.messages.values()))


async def test_a_listener_can_stop_listening(world: World) -> None:
    heard: list[Event] = []
    stop = world.subscribe(heard.append)
    await world.say(world.person("bob"), world.channel("general"), "x")
    stop()
    stop()
    await world.say(world.person("bob"), world.channel("general"), "y")
    assert [one.d["content"] for one in heard] == ["x"]


async def test_no_answer_shows_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INTERACTION_DEADLINE_S", 0.02)
    world = World()
    upsert(world, world.application, None, {"name": "draw", "description": "x"})
    interaction = await world.slash(world.person("bob"), world.channel("general"), "draw")
    await world.answered(interaction, timeout_s=5)
    assert interaction.error == "The application did not respond"


async def test_old_interactions_make_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INTERACTIONS_KEPT", 2)
    upsert(world, world.application, None, {"name": "draw", "description": "x"})
    for _ in range(4):
        await world.slash(world.person("bob"), world.channel("general"), "draw")
    assert len(world.interactions) == len(world.interaction_tokens) == 2
