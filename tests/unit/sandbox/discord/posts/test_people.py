"""What people post beside words: forwards, polls, voice messages, stickers, long pastes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.protocol.errors import DiscordError, PersonError
from sandbox.discord.state.events import Event
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api, FakeClock
from tests.unit.sandbox.discord.rest.test_messages import PNG


def dispatched(events: list[Event], name: str) -> list[dict[str, Any]]:
    return [one.d for one in events if one.t == name]


async def test_a_forward_is_empty_itself_and_carries_a_copy(world: World, events: list[Event]) -> None:
    alice, bob = world.person("alice"), world.person("bob")
    source = await world.say(alice, world.channel("general"), "the text", files=[("a.png", PNG)])
    await world.forward(bob, source, world.channel("art"), comment="look")
    sent, comment = dispatched(events, "MESSAGE_CREATE")[1:]
    assert (sent["content"], sent["type"], sent["flags"], sent["attachments"]) == ("", 0, 1 << 14, [])
    place = {"type": 1, "channel_id": str(source.channel_id), "message_id": str(source.id)}
    assert sent["message_reference"] == place | {"guild_id": str(source.guild_id)}
    assert "referenced_message" not in sent
    (snapshot,) = sent["message_snapshots"]
    copy = snapshot["message"]
    assert set(copy) == {
        "type", "content", "timestamp", "edited_timestamp", "flags", "mentions", "mention_roles", "attachments",
        "embeds", "components",
    }  # fmt: skip
    assert (copy["content"], copy["attachments"][0]["filename"]) == ("the text", "a.png")
    assert comment["content"] == "look"


async def test_a_forward_stays_when_its_original_changes_or_goes(api: Api, world: World) -> None:
    alice, art = world.person("alice"), world.channel("art")
    source = await world.say(alice, world.channel("general"), "before", files=[("a.png", PNG)])
    sent = await world.forward(alice, source, art)
    await world.edit(alice, source, "after")
    await world.delete(alice, source)
    shown = (await api("GET", f"/channels/{art.id}/messages/{sent.id}")).body["message_snapshots"][0]["message"]
    assert shown["content"] == "before"
    picture = await api("GET", shown["attachments"][0]["url"].removeprefix(world.base_url), token=None)
    assert (picture.status, picture.raw) == (200, PNG)


async def test_a_forward_of_a_forward_carries_the_first_message(world: World) -> None:
    alice = world.person("alice")
    source = await world.say(alice, world.channel("general"), "the text")
    sent = await world.forward(alice, source, world.channel("art"))
    again = await world.forward(alice, sent, world.channel("code"))
    assert [one.content for one in again.snapshots] == ["the text"]


async def test_only_what_one_sees_can_be_forwarded(world: World) -> None:
    secret = await world.say(world.person("alice"), world.channel("staff"), "secret")
    with pytest.raises(DiscordError, match="50001"):
        await world.forward(world.person("dora"), secret, world.channel("general"))


async def test_a_bot_without_the_intent_reads_no_forward(api: Api, world: World) -> None:
    alice, art = world.person("alice"), world.channel("art")
    world.application.message_content_intent = False
    sent = await world.forward(alice, await world.say(alice, world.channel("general"), "secret"), art)
    shown = (await api("GET", f"/channels/{art.id}/messages/{sent.id}")).body
    assert shown["message_snapshots"][0]["message"]["content"] == ""


async def test_a_bot_forwards_too(api: Api, world: World) -> None:
    source = await world.say(world.person("alice"), world.channel("general"), "the text")
    reference = {"type": 1, "channel_id": str(source.channel_id), "message_id": str(source.id)}
    path = f"/channels/{world.channel('art').id}/messages"
    sent = await api("POST", path, {"message_reference": reference})
    assert sent.body["message_snapshots"][0]["message"]["content"] == "the text"
    beside = await api("POST", path, {"message_reference": reference, "content": "x"})
    assert (beside.status, beside.body["code"]) == (400, 50035)


async def test_a_poll_counts_votes_and_tells_its_result(
    api: Api, world: World, events: list[Event], clock: FakeClock
) -> None:
    alice, bob, general = world.person("alice"), world.person("bob"), world.channel("general")
    poll = await world.start_poll(alice, general, "Tea?", [("🍵", "Yes"), "No"])
    await world.vote(bob, poll, 1)
    await world.vote(alice, poll, 2)
    await world.vote(alice, poll, 1)
    shown = (await api("GET", f"/channels/{general.id}/messages/{poll.id}")).body
    assert shown["content"] == ""
    assert shown["poll"]["question"] == {"text": "Tea?"}
    assert shown["poll"]["answers"][0] == {
        "answer_id": 1, "poll_media": {"text": "Yes", "emoji": {"id": None, "name": "🍵"}},
    }  # fmt: skip
    assert shown["poll"]["results"]["answer_counts"] == [{"id": 1, "count": 2, "me_voted": False}]
    voters = await api("GET", f"/channels/{general.id}/polls/{poll.id}/answers/1")
    assert [one["username"] for one in voters.body["users"]] == ["alice", "bob"]
    assert [one["answer_id"] for one in dispatched(events, "MESSAGE_POLL_VOTE_ADD")] == [1, 2, 1]
    assert [one["answer_id"] for one in dispatched(events, "MESSAGE_POLL_VOTE_REMOVE")] == [2]
    clock.now += 60
    result = await world.end_poll(poll)
    told = {one["name"]: one["value"] for one in result.embeds[0]["fields"]}
    assert (int(result.type), result.embeds[0]["type"]) == (46, "poll_result")
    assert told == {
        "poll_question_text": "Tea?", "victor_answer_votes": "2", "total_votes": "2", "victor_answer_id": "1",
        "victor_answer_text": "Yes", "victor_answer_emoji_name": "🍵",
    }  # fmt: skip
    with pytest.raises(DiscordError, match="520001"):
        await world.vote(bob, poll, 2)
    assert (await api("GET", f"/channels/{general.id}/messages/{poll.id}")).body["poll"]["results"]["is_finalized"]


async def test_a_poll_with_several_choices_keeps_them_and_a_tie_has_no_winner(world: World) -> None:
    alice = world.person("alice")
    poll = await world.start_poll(alice, world.channel("general"), "Which?", ["a", "b"], multiselect=True)
    await world.vote(alice, poll, 1)
    await world.vote(alice, poll, 2)
    names = {one["name"] for one in (await world.end_poll(poll)).embeds[0]["fields"]}
    assert names == {"poll_question_text", "victor_answer_votes", "total_votes"}


async def test_a_poll_may_have_no_end(api: Api, world: World) -> None:
    general = world.channel("general")
    poll = await world.start_poll(world.person("alice"), general, "Ever?", ["Yes"], endless=True)
    assert (await api("GET", f"/channels/{general.id}/messages/{poll.id}")).body["poll"]["expiry"] is None


async def test_a_bot_starts_and_ends_a_poll_but_edits_none(api: Api, world: World) -> None:
    channel = f"/channels/{world.channel('general').id}"
    body = {"poll": {"question": {"text": "q"}, "answers": [{"poll_media": {"text": "a"}}], "duration": 1}}
    made = await api("POST", f"{channel}/messages", body)
    assert made.body["poll"]["answers"][0]["answer_id"] == 1
    edited = await api("PATCH", f"{channel}/messages/{made.body['id']}", {"content": "x"})
    assert (edited.status, edited.body) == (400, {"message": "Cannot edit a poll message", "code": 520003})
    assert (await api("POST", f"{channel}/polls/{made.body['id']}/expire")).body["poll"]["results"]["is_finalized"]
    long = {"poll": {"question": {"text": "q"}, "answers": [{"poll_media": {"text": "a" * 56}}]}}
    errors = (await api("POST", f"{channel}/messages", long)).body["errors"]
    assert errors["poll"]["answers"]["0"]["poll_media"]["text"]["_errors"][0]["code"] == "BASE_TYPE_BAD_LENGTH"


async def test_a_voice_message_has_a_length_and_no_text(world: World, events: list[Event]) -> None:
    voice = await world.send_voice(world.person("alice"), world.channel("general"), seconds=2.0)
    (sent,) = dispatched(events, "MESSAGE_CREATE")
    assert (sent["flags"], sent["content"]) == (1 << 13, "")
    (file,) = sent["attachments"]
    assert (file["filename"], file["content_type"], file["duration_secs"]) == ("voice-message.ogg", "audio/ogg", 2.0)
    assert file["waveform"]
    with pytest.raises(DiscordError, match="50162"):
        await world.edit(world.person("alice"), voice, "x")


async def test_a_sticker_is_named_and_may_reply(world: World, events: list[Event]) -> None:
    alice, general = world.person("alice"), world.channel("general")
    first = await world.say(alice, general, "hi")
    await world.send_sticker(world.person("bob"), general, reply_to=first)
    sent = dispatched(events, "MESSAGE_CREATE")[1]
    assert sent["sticker_items"] == [{"id": "749054660769218631", "name": "Wave", "format_type": 3}]
    assert (sent["type"], sent["content"]) == (19, "")


async def test_a_long_paste_is_a_text_file(world: World, events: list[Event]) -> None:
    await world.paste(world.person("alice"), world.channel("general"), "x" * 3900, content="review this")
    (sent,) = dispatched(events, "MESSAGE_CREATE")
    (file,) = sent["attachments"]
    kind = "text/plain; charset=utf-8"
    assert (file["filename"], file["content_type"], file["size"]) == ("message.txt", kind, 3900)


async def test_the_page_posts_all_of_them(api: Api, world: World) -> None:
    general = str(world.channel("general").id)

    async def post(call: str, **body: object) -> Any:
        found = await api("POST", f"/people/{call}", {"as": "bob", "channel": general} | body, token=None)
        assert found.status == 200, found.body
        return found.body

    poll = await post("poll", question="Tea?", answers=["Yes", "No"])
    voted = await post("vote", message=poll["id"], answer=2)
    assert voted["poll"]["results"]["answer_counts"] == [{"id": 2, "count": 1, "me_voted": True}]
    await post("pin", message=poll["id"], **{"as": "alice"})
    await post("end-poll", message=poll["id"])
    await post("voice")
    sticker = await post("sticker", content="hi")
    forward = await post("forward", message=sticker["id"], to="art")
    assert forward["message_snapshots"][0]["message"]["sticker_items"]
    assert (await post("paste", text="long"))["attachments"][0]["filename"] == "message.txt"
    wrong = await api("POST", "/people/vote", {"as": "bob", "channel": general, "message": poll["id"], "answer": 3})
    assert wrong.status == 400


async def test_only_an_answer_that_is_there_can_be_voted_for(world: World) -> None:
    poll = await world.start_poll(world.person("alice"), world.channel("general"), "q", ["a"])
    with pytest.raises(PersonError):
        await world.vote(world.person("bob"), poll, 2)
