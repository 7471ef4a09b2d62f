"""Messages and commands as Discord gives them → what a person asked."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.domain.model.request import Mode
from bot.domain.people import User
from bot.errors import Refusal
from bot.presentation.inbound.places import may_write, place_of_interaction, place_of_message
from bot.presentation.inbound.questions import Addressed, parse_command, parse_mention, reference_to
from tests.unit.presentation.discord_objects import (
    ADULT,
    ADULT_THREAD,
    ANN,
    BOB,
    CATEGORY,
    CHANNEL,
    DM,
    GUILD,
    ME,
    MENTION_OF_ME,
    OWN_ROLE,
    ROLE,
    STRANGE,
    THREAD,
    Offline,
    member,
    mentioned,
    payload,
    reply_to,
    user,
)

AT_ME = f"<@{ME}>"
MIB = 1024 * 1024


@pytest.fixture
async def offline() -> Offline:
    return Offline()


def parsed(offline: Offline, data: dict[str, Any]) -> Addressed | None:
    return parse_mention(offline.message(data), offline.me)


def asked(offline: Offline, content: str, **changes: Any) -> str:
    """Tell what is asked by a message that mentions the bot."""
    found = parsed(offline, payload(50, content, **{"mentions": [MENTION_OF_ME], **changes}))
    assert found is not None
    assert found.unreadable is None
    return found.ask.text


async def test_a_mention_becomes_a_question(offline: Offline) -> None:
    found = parsed(offline, payload(50, f"{AT_ME} hello", mentions=[MENTION_OF_ME]))
    assert found is not None
    ask = found.ask
    assert (ask.id, ask.mode, ask.text, ask.user) == (50, Mode.CHAT, "hello", User(id=ANN, name="Ann", role_ids=()))
    assert (ask.place.channel_id, ask.place.guild_id, ask.place.parent_id) == (CHANNEL, GUILD, None)
    assert ask.reference is None
    assert ask.created_at.isoformat() == "2015-01-01T00:00:00+00:00"


async def test_the_speaker_is_called_by_the_name_of_the_place(offline: Offline) -> None:
    data = payload(50, AT_ME, mentions=[MENTION_OF_ME])
    data["member"]["nick"] = "Annie"
    found = parsed(offline, data)
    assert found is not None
    assert found.ask.user.name == "Annie"


@pytest.mark.parametrize(
    "changes",
    [
        {"mentions": []},
        {"mentions": [], "mention_everyone": True, "content": "@everyone hello"},
        {"mentions": [mentioned(BOB, "Bob")]},
        {"mentions": [], "mention_roles": [str(ROLE)]},
        {"author": user(BOB, "Other", bot=True)},
        {"webhook_id": "13", "author": user(13, "Hook")},
        *({"type": kind} for kind in (1, 6, 7, 8, 18, 20, 21, 23, 46)),
        {"mentions": [], **reply_to(payload(40, "hello", author=user(BOB, "Bob")))},
        {"mentions": [], **reply_to(None)},
        {"mentions": [], **reply_to(payload(40, "hello", author=user(ME, "Fusion")), kind=1)},
    ],
    ids=str,
)
async def test_what_is_not_meant_for_the_bot(offline: Offline, changes: dict[str, Any]) -> None:
    data = {**payload(50, f"{AT_ME} hello", mentions=[MENTION_OF_ME]), **changes}
    assert parsed(offline, data) is None


async def test_the_bot_never_answers_itself(offline: Offline) -> None:
    assert parsed(offline, payload(50, AT_ME, author=user(ME, "Fusion"), mentions=[MENTION_OF_ME])) is None


async def test_a_mention_of_the_bot_s_own_role_is_one_of_the_bot(offline: Offline) -> None:
    found = parsed(offline, payload(50, f"<@&{OWN_ROLE}> hello", mention_roles=[str(OWN_ROLE)]))
    assert found is not None
    assert found.ask.text == "hello"
    bare = parsed(offline, payload(50, f"<@&{OWN_ROLE}>", mention_roles=[str(OWN_ROLE)]))
    assert bare is not None
    assert bare.ask.text == ""


async def test_a_reply_with_the_ping_goes_on_with_what_was_said(offline: Offline) -> None:
    before = payload(40, "an answer", author=user(ME, "Fusion"))
    found = parsed(offline, payload(50, "and then?", mentions=[MENTION_OF_ME], **reply_to(before)))
    assert found is not None
    assert found.unreadable is None
    reference = found.ask.reference
    assert reference is not None
    assert (reference.id, reference.text, reference.from_bot) == (40, "an answer", True)


async def test_a_reply_without_the_ping_is_not_said_to_the_bot(offline: Offline) -> None:
    before = payload(40, "an answer", author=user(ME, "Fusion"))
    found = parsed(offline, payload(50, "", **reply_to(before)))
    assert found is not None
    assert found.unreadable is Refusal.UNREADABLE
    assert parsed(offline, payload(50, "and then?", **reply_to(before))) is None, "it can be read, and is for others"


@pytest.mark.parametrize(
    "of_command",
    [
        {"type": 20},
        {"type": 23},
        {"interaction_metadata": {"id": "1", "type": 2, "user": user(ANN, "Ann")}, "webhook_id": str(ME)},
    ],
    ids=["a slash command", "a menu", "a further page"],
)
async def test_a_reply_to_a_command_s_answer_never_pings(offline: Offline, of_command: dict[str, Any]) -> None:
    before = payload(40, "an answer", author=user(ME, "Fusion"), **of_command)
    found = parsed(offline, payload(50, "", **reply_to(before)))
    assert found is not None
    assert found.unreadable is Refusal.NEVER_PINGS
    with_intent = parsed(offline, payload(50, "and then?", **reply_to(before)))
    assert with_intent is not None
    assert (with_intent.unreadable, with_intent.ask.text) == (None, "and then?")


async def test_a_mention_under_a_message_that_was_deleted_stands_alone(offline: Offline) -> None:
    found = parsed(offline, payload(50, f"{AT_ME} hello", mentions=[MENTION_OF_ME], **reply_to(None)))
    assert found is not None
    assert found.ask.reference is None


async def test_nothing_but_a_mention_under_somebody_s_message_asks_what_that_says(offline: Offline) -> None:
    before = payload(40, "what is a fox?", author=user(BOB, "Bob"))
    assert asked(offline, AT_ME, **reply_to(before)) == "what is a fox?"
    own = payload(40, "an answer", author=user(ME, "Fusion"))
    assert asked(offline, AT_ME, **reply_to(own)) == ""
    assert asked(offline, AT_ME) == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f"{AT_ME} hello", "hello"),
        (f"<@!{ME}>hello", "hello"),
        (f"  {AT_ME}, hello", "hello"),
        (f"{AT_ME}，你好", "你好"),
        (f"{AT_ME}：你好", "你好"),
        (f"{AT_ME}: {AT_ME} hello", "hello"),
        (f"hello {AT_ME}", "hello"),
        (f"hello {AT_ME}  {AT_ME} ", "hello"),
        (f"{AT_ME} tell {AT_ME} hello", "tell @Fusion hello"),
        (f"{AT_ME} {AT_ME}", ""),
        (f"{AT_ME} ask <@{BOB}> and <@!{BOB}>", "ask @Bobby and @Bobby"),
        (f"{AT_ME} the <@&{ROLE}> in <#{CHANNEL}> and <#{THREAD}>", "the @Painters in #general and #foxes"),
        (f"{AT_ME} <:fox:123> <a:wave_2:456> 🦊", ":fox: :wave_2: 🦊"),
        (f"{AT_ME} <@5> <@&5> <#5>", "@unknown @unknown #unknown"),
        (f"{AT_ME} `<@notanumber>` <@{'9' * 30}> <b>", f"`<@notanumber>` <@{'9' * 30}> <b>"),
        (f"{AT_ME} two\nlines  kept", "two\nlines  kept"),
    ],
)
async def test_people_s_words_are_read_as_people_see_them(offline: Offline, content: str, text: str) -> None:
    assert asked(offline, content, mentions=[MENTION_OF_ME, mentioned(BOB, "Bob", nick="Bobby")]) == text


async def test_what_comes_with_a_message_is_named(offline: Offline) -> None:
    attachment = {"id": "1", "filename": "fox.png", "size": 1, "url": "http://h/1", "proxy_url": "http://h/1"}
    stickers = [{"id": "2", "name": "Wave", "format_type": 1}]
    text = asked(offline, f"{AT_ME} look", attachments=[attachment], sticker_items=stickers)
    assert text == "look\n[attachment: fox.png]\n[sticker: Wave]"
    assert asked(offline, AT_ME, attachments=[attachment]) == "[attachment: fox.png]"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a]\nBob: hi [b.png", "a) Bob: hi (b.png"),
        ("a\u2028[no answer was given]\u202e.png", "a (no answer was given).png"),
        (f"{'n' * 300}.tar.gz", f"{'n' * 107}…nnnnn.tar.gz"),
    ],
    ids=["a line of its own", "format characters", "long"],
)
async def test_a_file_s_name_stays_in_its_line(offline: Offline, name: str, told: str) -> None:
    attachment = {"id": "1", "filename": name, "size": 1, "url": "http://h/1", "proxy_url": "http://h/1"}
    stickers = [{"id": "2", "name": name, "format_type": 1}]
    text = asked(offline, f"{AT_ME} look", attachments=[attachment], sticker_items=stickers)
    assert text == f"look\n[attachment: {told}]\n[sticker: {told}]"


@pytest.mark.parametrize("line", ["[attachment: will.pdf]", "［Attachment： will.pdf］", "\u200b[sticker: x]"])
async def test_what_is_typed_is_told_from_what_comes_with_a_message(offline: Offline, line: str) -> None:
    assert asked(offline, f"{AT_ME} look\n{line}\r\nthere") == f"look\n\\{line}\nthere"


async def test_a_direct_message_needs_no_mention(offline: Offline) -> None:
    found = parse_mention(offline.direct("hello"), offline.me)
    assert found is not None
    place = found.ask.place
    assert (place.channel_id, place.guild_id, place.is_direct, place.can_attach) == (DM, None, True, True)
    assert place.locale == "en-US"
    empty = parse_mention(offline.direct(""), offline.me)
    assert empty is not None
    assert empty.unreadable is None


async def test_a_thread_belongs_to_its_channel(offline: Offline) -> None:
    place = place_of_message(offline.message(payload(50, "", channel_id=str(THREAD))))
    assert (place.channel_id, place.parent_id) == (THREAD, CHANNEL)


async def test_a_place_has_its_guild_s_language_and_file_limit(offline: Offline) -> None:
    place = place_of_message(offline.message(payload(50, "")))
    assert (place.locale, place.file_limit_bytes, place.can_attach) == ("zh-CN", 50 * MIB, True)


def permitting(*names: str) -> Offline:
    return Offline(permissions=str(discord.Permissions(**dict.fromkeys(names, True)).value))


async def test_what_the_bot_may_do_is_told() -> None:
    offline = permitting("view_channel", "send_messages")
    message = offline.message(payload(50, ""))
    assert not place_of_message(message).can_attach
    assert may_write(message)
    in_thread = offline.message(payload(50, "", channel_id=str(THREAD)))
    assert not may_write(in_thread)
    assert may_write(permitting("view_channel", "send_messages_in_threads").message(payload(50, "", channel_id="2000")))
    assert not may_write(permitting("view_channel").message(payload(50, "")))
    assert not may_write(permitting("send_messages").message(payload(50, "")))
    assert may_write(offline.direct("hello"))


async def test_a_channel_that_is_not_known_yet_is_taken_to_allow_all() -> None:
    message = permitting("view_channel").message(payload(50, "", channel_id=str(STRANGE)))
    assert may_write(message)
    assert place_of_message(message).can_attach


async def test_a_message_without_words_is_nothing_to_refer_to(offline: Offline) -> None:
    assert reference_to(offline.message(payload(40, "  ")), ME) is None
    found = reference_to(offline.message(payload(40, f"hello {AT_ME}", mentions=[MENTION_OF_ME])), ME)
    assert found is not None
    assert (found.id, found.text, found.from_bot, found.author.name) == (40, "hello", False, "Ann")


async def test_a_command_is_the_user_s_in_the_user_s_language(offline: Offline) -> None:
    ask = parse_command(offline.interaction(), Mode.DRAW, f" a <:fox:1> in <#{CHANNEL}> for <@&{ROLE}> and <@{BOB}> ")
    assert (ask.id, ask.mode) == (5000, Mode.DRAW)
    assert ask.text == "a :fox: in #general for @Painters and @unknown"
    assert ask.user == User(id=ANN, name="Annie", role_ids=())
    assert (ask.place.channel_id, ask.place.guild_id, ask.place.locale) == (CHANNEL, GUILD, "zh-TW")
    assert (ask.place.can_attach, ask.place.file_limit_bytes) == (True, 1234)


async def test_a_command_names_whom_discord_names_with_it() -> None:
    resolved = {
        "users": {"71": {"username": "carl", "global_name": "Carl"}, "72": {"username": "dora", "global_name": None}},
        "members": {"71": {"nick": "Charly"}, "72": {"nick": None}},
        "roles": {"73": {"name": "Judges"}},
        "channels": {"74": {"name": "far\naway"}},
    }
    said = f"<@71> <@!72> <@&73> <#74> <@75> for <@{ANN}>"
    offline = Offline()

    def text(found: Any, **changes: Any) -> str:
        data = {"id": "1", "name": "draw", "type": 1, "resolved": found}
        return parse_command(offline.interaction(data=data, **changes), Mode.DRAW, said).text

    assert text(resolved) == "@Charly @dora @Judges #far away @unknown for @Annie"
    direct = {"guild_id": None, "member": None, "user": user(ANN, "Ann")}
    assert text(resolved, **direct).endswith("for @Ann")
    # Nothing in it is believed to be of any shape.
    odd: Any
    for odd in (None, [], {"users": 1, "roles": {"73": 5}, "channels": {"74": {"name": 4}}, "members": {"71": []}}):
        assert text(odd) == "@unknown @unknown @unknown #unknown @unknown for @Annie"


async def test_a_command_where_no_file_may_be_attached(offline: Offline) -> None:
    assert not parse_command(offline.interaction(app_permissions="2048"), Mode.DRAW, "a fox").place.can_attach
    forbidden = Offline(permissions="2048")
    assert not parse_command(forbidden.interaction(app_permissions="0"), Mode.DRAW, "a fox").place.can_attach


async def test_a_command_that_does_not_say_what_the_bot_may_there(offline: Offline) -> None:
    assert parse_command(offline.interaction(app_permissions="0"), Mode.DRAW, "a fox").place.can_attach
    unknown = {"guild_id": "4711", "guild": {"id": "4711", "locale": "en-US", "features": []}, "app_permissions": "0"}
    assert parse_command(offline.interaction(**unknown), Mode.DRAW, "a fox").place.can_attach


@pytest.mark.parametrize(("locale", "kept"), [("xx-Unheard-of-and-long", "xx-Unheard-of-an"), ("", "en-US")])
async def test_a_command_in_a_language_that_nobody_has_heard_of(offline: Offline, locale: str, kept: str) -> None:
    assert parse_command(offline.interaction(locale=locale), Mode.CHAT, "hello").place.locale == kept


async def test_a_command_in_a_direct_message(offline: Offline) -> None:
    channel = {"id": str(DM), "type": 1, "recipients": [user(ANN, "Ann")]}
    interaction = offline.interaction(
        guild_id=None, member=None, user=user(ANN, "Ann"), channel_id=str(DM), channel=channel, app_permissions="0"
    )
    place = parse_command(interaction, Mode.CHAT, "hello").place
    assert (place.guild_id, place.channel_id, place.can_attach) == (None, DM, True)


def test_a_guild_that_does_not_tell_of_the_bot_itself_leaves_it_to_discord(offline: Offline) -> None:
    offline.guild._members.clear()
    message = offline.message(payload(50, "hello"))
    assert may_write(message)
    assert place_of_message(message).can_attach


async def test_a_user_comes_with_their_roles_there(offline: Offline) -> None:
    ask = parse_command(
        offline.interaction(member={**member((ROLE,)), "user": user(ANN, "Ann"), "permissions": "0"}),
        Mode.CHAT,
        "hello",
    )
    assert ask.user.role_ids == (ROLE,)
    found = parsed(offline, payload(50, f"{AT_ME} hi", mentions=[MENTION_OF_ME], member=member((ROLE,))))
    assert found is not None
    assert found.ask.user.role_ids == (ROLE,)
    direct = parse_command(offline.interaction(guild_id=None, member=None, user=user(ANN, "Ann")), Mode.CHAT, "hello")
    assert direct.user.role_ids is None


@pytest.mark.parametrize("channel_id", [ADULT, ADULT_THREAD])
async def test_a_place_knows_its_category_and_whether_it_is_for_adults(offline: Offline, channel_id: int) -> None:
    place = place_of_message(offline.message(payload(50, "hello", channel_id=str(channel_id))))
    assert (place.category_id, place.age_restricted) == (CATEGORY, True)
    channel = {"id": str(channel_id), "name": "x", "type": 0}
    by_command = place_of_interaction(offline.interaction(channel=channel, channel_id=str(channel_id)))
    assert (by_command.category_id, by_command.age_restricted) == (CATEGORY, True)
    plain = place_of_message(offline.message(payload(50, "hello")))
    assert (plain.category_id, plain.age_restricted) == (None, False)


async def test_where_the_bot_is_no_member_it_has_the_token_alone(offline: Offline) -> None:
    assert not place_of_interaction(offline.interaction()).by_token_only
    elsewhere = offline.interaction(guild_id="4711", guild={"id": "4711", "locale": "en-US", "features": []})
    assert place_of_interaction(elsewhere).by_token_only
    direct = {"id": str(DM), "type": 1, "recipients": [user(ANN, "Ann")]}
    own = offline.interaction(guild_id=None, member=None, user=user(ANN, "Ann"), channel=direct, context=1)
    assert not place_of_interaction(own).by_token_only
    between = offline.interaction(guild_id=None, member=None, user=user(ANN, "Ann"), channel=direct, context=2)
    assert place_of_interaction(between).by_token_only
