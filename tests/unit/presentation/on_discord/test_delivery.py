"""What is sent to Discord, exactly, and what becomes of its refusals."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.model.events import FinishReason
from bot.domain.reply.controls import Controls, custom_id, ended_controls, running_controls
from bot.domain.turn.record import TurnState
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.outbound.reach import ChannelReach
from bot.presentation.outbound.upload import ALT_LIMIT_CHARS, Upload
from bot.presentation.reply.delivery import ChannelDelivery, ReplyDelivery, nonce
from bot.presentation.reply.ways import TOKEN_LIFE_S, ReplyPlace, Route, Ways
from bot.presentation.words.replies import Words
from sandbox.discord import Fault
from sandbox.discord.acts.membership import set_archived
from sandbox.discord.state.records import Message
from tests.fakes.clock import FakeClock
from tests.fakes.model import picture
from tests.unit.presentation.on_discord.conftest import READY_S, Stage

NOBODY: dict[str, Any] = {"parse": []}
ASKER_ONLY = {"parse": [], "replied_user": True}
FOX = Upload(data=picture().data, filename="fox.png", alt="a fox " * 400)
WORDS = Words("en-US")


class SetClock(FakeClock):
    """A clock that a test sets ahead of the real one."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


def delivery_to(stage: Stage, prompt: Message, **changes: Any) -> ChannelDelivery:
    """Make the delivery of the answer to a question."""
    place = ReplyPlace(channel_id=prompt.channel_id, guild_id=prompt.guild_id, prompt_id=prompt.id, **changes)
    return ChannelDelivery(stage.client, stage.wire, place, WORDS)


async def prompted(stage: Stage) -> tuple[ChannelDelivery, Message]:
    """Have Alice ask in #general; returns the delivery of the answer, and the question."""
    prompt = await stage.world.say(stage.world.person("alice"), stage.world.channel("general"), "hello")
    return delivery_to(stage, prompt), prompt


async def commanded(stage: Stage) -> tuple[ReplyDelivery, SetClock, Any]:
    """Have Alice use a command and defer it; returns the delivery of the answer, its clock, and her interaction."""
    command = {"name": "ask", "description": "Ask", "options": []}
    await stage.client.http.bulk_upsert_global_commands(stage.world.application.id, [command])
    seen = await stage.world.slash(stage.world.person("alice"), stage.world.channel("general"), "ask", {})
    async with asyncio.timeout(READY_S):
        interaction = await stage.client.interactions.get()
    await interaction.response.defer()
    clock = SetClock()
    ways = Ways(clock, ChannelReach(stage.client))
    channel, guild = interaction.channel_id or 0, interaction.guild_id
    place = ReplyPlace(channel_id=channel, guild_id=guild, prompt_id=interaction.id, asked_here=False)
    route = Route(stage.client, ways, place, ways.token(interaction, None, anew=True))
    return ReplyDelivery(stage.client, stage.wire, route, WORDS), clock, seen


async def test_the_first_message_replies_pings_the_asker_alone_and_can_not_be_doubled(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    message_id = await delivery.send(0, "Hello @everyone")
    assert await delivery.send(0, "Hello @everyone") == message_id
    body = stage.sent("POST", "/messages")[0]
    assert body["content"] == "Hello @everyone"
    assert body["allowed_mentions"] == ASKER_ONLY
    assert body["nonce"] == nonce(prompt.id, 1, 0)
    assert body["enforce_nonce"] is True
    assert body["message_reference"]["message_id"] == prompt.id
    assert body["message_reference"]["fail_if_not_exists"] is False
    (reply,) = stage.world.replies_to(prompt)
    assert [user.id for user in reply.mentions] == [prompt.author.id]


async def test_who_wants_no_ping_gets_none(stage: Stage) -> None:
    _, prompt = await prompted(stage)
    delivery = delivery_to(stage, prompt, pings=False)
    await delivery.edit(await delivery.send(0, "Hello"), "Hello again")
    (reply,) = stage.world.replies_to(prompt)
    assert (reply.content, reply.mentions) == ("Hello again", [])


async def test_a_reply_that_begins_late_is_one_to_what_stands_for_the_question(stage: Stage) -> None:
    _, prompt = await prompted(stage)
    copy = await stage.world.proxy(prompt)
    await delivery_to(stage, prompt, stand_in={prompt.id: copy.id}.__getitem__).send(0, "Hello")
    (reply,) = stage.world.replies_to(copy)
    assert reply.content == "Hello"
    assert stage.sent("POST", "/messages")[-1]["nonce"] == nonce(prompt.id, 1, 0), "it is the same answer"


async def test_further_messages_reply_to_nobody_and_ping_nobody(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    await delivery.send(0, "one")
    await delivery.send(1, "two @everyone")
    body = stage.sent("POST", "/messages")[1]
    assert "message_reference" not in body
    assert body["allowed_mentions"] == NOBODY
    assert body["nonce"] == nonce(prompt.id, 1, 1)


async def test_edits_ping_no_more_than_the_message_did_and_leave_attachments(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    first = await delivery.send(0, "one", [FOX])
    second = await delivery.send(1, "two")
    await delivery.edit(first, "ONE @everyone")
    await delivery.edit(second, "TWO @everyone")
    for message_id, content, mentions in ((first, "ONE", ASKER_ONLY), (second, "TWO", NOBODY)):
        (body,) = stage.sent("PATCH", str(message_id))
        assert (body["content"], body["allowed_mentions"]) == (f"{content} @everyone", mentions)
        assert not {"attachments", "flags", "embeds"} & body.keys()
    message = stage.world.message(prompt.channel_id, first)
    assert [file.filename for file in message.attachments] == ["fox.png"]
    assert not message.mention_everyone


async def test_a_picture_has_its_prompt_as_alternative_text_as_long_as_discord_takes(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    message_id = await delivery.send(0, "Drawing")
    await delivery.edit(message_id, "", [FOX])
    (attachment,) = stage.world.message(prompt.channel_id, message_id).attachments
    assert attachment.description is not None
    assert attachment.description.startswith("a fox a fox")
    assert ALT_LIMIT_CHARS - 20 < len(attachment.description) <= ALT_LIMIT_CHARS


async def test_a_message_that_did_arrive_is_found_and_brought_up_to_date(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    stage.local.faults.add(Fault(method="POST", path="/messages$", reset=True, after=True, times=5))
    with pytest.raises(DeliveryError) as caught:
        await delivery.send(0, "one")
    assert caught.value.fault is DeliveryFault.PASSING
    stage.local.faults.clear()
    message_id = await delivery.send(0, "one two ", [FOX])
    (reply,) = stage.world.replies_to(prompt)
    assert (reply.id, reply.content) == (message_id, "one two")
    assert [file.filename for file in reply.attachments] == ["fox.png"]


async def test_a_question_that_is_gone_is_answered_all_the_same(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    await stage.world.delete(prompt.author, prompt)
    message_id = await delivery.send(0, "Hello")
    assert stage.world.message(prompt.channel_id, message_id).content == "Hello"


async def test_a_question_that_the_bot_may_not_read_is_answered_without_replying(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    refusal = {"code": 160002, "message": "Cannot reply without permission to read message history"}
    stage.local.faults.add(Fault(path="/messages$", status=403, json=refusal, times=1))
    message_id = await delivery.send(0, "Hello")
    assert stage.world.message(prompt.channel_id, message_id).content == "Hello"
    assert ["message_reference" in body for body in stage.sent("POST", "/messages")] == [True, False]


async def test_an_answer_in_a_thread_that_was_closed_opens_it_again(stage: Stage) -> None:
    alice = stage.world.person("alice")
    prompt = await stage.world.say(alice, stage.world.channel("general"), "hello")
    thread = await stage.world.start_thread(alice, prompt, "closed soon")
    delivery = delivery_to(stage, await stage.world.say(alice, thread, "and now?"))
    message_id = await delivery.send(0, "Half of")
    set_archived(stage.world, thread, archived=True)
    await delivery.edit(message_id, "Half of it, and the rest")
    assert stage.world.message(thread.id, message_id).content == "Half of it, and the rest"
    assert stage.sent("PATCH", f"/channels/{thread.id}") == [{"archived": False}]


async def test_typing_is_shown_and_its_failure_is_no_matter(stage: Stage) -> None:
    delivery, _ = await prompted(stage)
    await delivery.show_typing()
    assert len(stage.sent("POST", "/typing")) == 1
    for fault in (Fault(path="/typing$", status=403), Fault(path="/typing$", reset=True)):
        stage.local.faults.clear()
        stage.local.faults.add(fault)
        await delivery.show_typing()


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (404, 10003, DeliveryFault.GONE),
        (404, 10008, DeliveryFault.GONE),
        (404, 10062, DeliveryFault.INTERACTION_OVER),
        (404, 10015, DeliveryFault.INTERACTION_OVER),
        (404, 0, DeliveryFault.GONE),
        (403, 50013, DeliveryFault.FORBIDDEN),
        (403, 50001, DeliveryFault.FORBIDDEN),
        (401, 50027, DeliveryFault.INTERACTION_OVER),
        (401, 0, DeliveryFault.PASSING),
        (400, 40005, DeliveryFault.TOO_LARGE),
        (413, 0, DeliveryFault.TOO_LARGE),
        (400, 50035, DeliveryFault.REJECTED),
        (400, 50006, DeliveryFault.TEXT),
        (400, 200000, DeliveryFault.TEXT),
        (403, 200000, DeliveryFault.TEXT),
        (400, 240000, DeliveryFault.TEXT),
        (400, 40094, DeliveryFault.FULL),
        (400, 50083, DeliveryFault.ARCHIVED),
        (400, 30046, DeliveryFault.PASSING),
        (403, 40062, DeliveryFault.PASSING),
        (400, 20028, DeliveryFault.PASSING),
    ],
)
async def test_a_refusal_is_told_by_its_reason(stage: Stage, status: int, code: int, fault: DeliveryFault) -> None:
    delivery, _ = await prompted(stage)
    stage.local.faults.add(Fault(path="/messages$", status=status, json={"code": code, "message": "no"}))
    with pytest.raises(DeliveryError) as caught:
        await delivery.send(0, "Hello")
    assert caught.value.fault is fault
    assert str(code) in str(caught.value)
    assert isinstance(caught.value.__cause__, discord.HTTPException)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/messages$", status=503),
        Fault(path="/messages$", reset=True),
        Fault(path="/messages$", status=404, json="<html>the page of something before Discord</html>"),
        Fault(path="/messages$", status=403, json="<!DOCTYPE html><title>Blocked</title>"),
    ],
)
async def test_an_outage_passes(stage: Stage, fault: Fault) -> None:
    delivery, _ = await prompted(stage)
    stage.local.faults.add(fault)
    with pytest.raises(DeliveryError) as caught:
        await delivery.send(0, "Hello")
    assert caught.value.fault is DeliveryFault.PASSING


async def test_how_long_to_leave_discord_alone_is_told(stage: Stage) -> None:
    delivery, _ = await prompted(stage)
    # No answer of Discord's own: the library does not try again.
    stage.local.faults.add(Fault(path="/messages$", status=429, json="error code: 1015"))
    with pytest.raises(DeliveryError) as caught:
        await delivery.send(0, "Hello")
    assert caught.value.fault is DeliveryFault.PASSING
    assert caught.value.retry_after_s == 1


async def test_a_file_is_uploaded_from_the_disk(stage: Stage, tmp_path: Path) -> None:
    delivery, prompt = await prompted(stage)
    path = tmp_path / "5-0.png"
    path.write_bytes(b"\x89PNG" + b"x" * 100_000)  # a test may wait for its disk
    upload = Upload(data=path, filename="SPOILER_fox.png", alt="a fox")
    message_id = await delivery.send(0, "Here", [upload])
    (attachment,) = stage.world.message(prompt.channel_id, message_id).attachments
    assert (attachment.filename, attachment.size, attachment.description) == ("SPOILER_fox.png", 100_004, "a fox")
    path.unlink()  # as above
    with pytest.raises(DeliveryError) as caught:
        await delivery.edit(message_id, "Here", [upload])
    assert caught.value.fault is DeliveryFault.LOST


async def test_a_command_is_answered_in_its_response_and_followups_that_ping_nobody(stage: Stage) -> None:
    delivery, _, seen = await commanded(stage)
    await delivery.show_typing()
    first = await delivery.send(0, "one @everyone")
    second = await delivery.send(1, "two")
    await delivery.edit(first, "ONE", [FOX])
    assert (seen.response.id, seen.response.content) == (first, "ONE")
    assert [file.filename for file in seen.response.attachments] == ["fox.png"]
    assert [message.id for message in seen.followups.values()] == [second]
    bodies = [request.body for request in stage.local.requests if "/webhooks/" in request.path]
    assert [body["allowed_mentions"] for body in bodies] == [NOBODY] * 3


async def test_a_followup_that_did_arrive_is_not_sent_twice(stage: Stage) -> None:
    delivery, _, seen = await commanded(stage)
    await delivery.send(0, "one")
    second = await delivery.send(1, "two")
    assert await delivery.send(1, "two and more") == second
    assert [message.content for message in seen.followups.values()] == ["two and more"]


async def test_when_its_token_ends_a_command_s_answer_goes_on_in_the_channel(stage: Stage) -> None:
    delivery, clock, seen = await commanded(stage)
    first = await delivery.send(0, "one")
    clock.ahead_s = TOKEN_LIFE_S + 1
    await delivery.edit(first, "ONE @everyone")
    second = await delivery.send(1, "two")
    assert seen.response.content == "ONE @everyone"
    assert stage.world.message(seen.channel.id, second).content == "two"
    (body,) = stage.sent("PATCH", f"/channels/{seen.channel.id}/messages/{first}")
    assert body["allowed_mentions"] == NOBODY
    assert stage.sent("POST", f"/channels/{seen.channel.id}/messages")[0]["allowed_mentions"] == NOBODY


@pytest.mark.parametrize(("status", "code"), [(401, 50027), (404, 10015), (404, 10062), (401, 0)])
async def test_a_token_that_discord_refuses_is_used_no_more(stage: Stage, status: int, code: int) -> None:
    delivery, _, seen = await commanded(stage)
    first, second = await delivery.send(0, "one"), await delivery.send(1, "two")
    refused = {"message": "no more", "code": code}
    stage.local.faults.add(Fault(path="/webhooks/", status=status, json=refused, times=1))
    await delivery.edit(first, "ONE")
    third = await delivery.send(2, "three")
    await delivery.delete(second)
    assert seen.response.content == "ONE"
    assert stage.world.message(seen.channel.id, third).content == "three"
    assert second not in seen.channel.messages
    assert len([request for request in stage.local.requests if "/webhooks/" in request.path]) == 3


async def test_a_token_that_is_refused_at_a_send_or_delete(stage: Stage) -> None:
    for action in ("send", "delete"):
        delivery, _, seen = await commanded(stage)
        first = await delivery.send(0, "one")
        refused = {"message": "Invalid Webhook Token", "code": 50027}
        stage.local.faults.add(Fault(path="/webhooks/", status=401, json=refused, times=1))
        if action == "send":
            assert stage.world.message(seen.channel.id, await delivery.send(1, "two")).content == "two"
        else:
            await delivery.delete(first)
            assert first not in seen.channel.messages


def buttons(message: Message) -> list[str]:
    """The ids of the buttons under a message."""
    return [button["custom_id"] for row in message.components for button in row["components"]]


def ended(turn_id: int) -> Controls:
    return ended_controls(
        turn_id, state=TurnState.COMPLETE, reason=FinishReason.STOP, drawn=False, version=1, versions=1
    )


async def test_buttons_come_change_and_go_with_an_edit(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    message_id = await delivery.send(0, "Hello", controls=running_controls(prompt.id))

    def stand() -> list[str]:
        return buttons(stage.world.message(prompt.channel_id, message_id))

    assert stand() == [custom_id(action, prompt.id) for action in running_controls(prompt.id).actions]
    await delivery.edit(message_id, "Hello", controls=ended(prompt.id))
    assert stand() == [custom_id(action, prompt.id) for action in ended(prompt.id).actions]
    await delivery.edit(message_id, "Hello")
    assert stand() == []


async def test_the_library_keeps_no_buttons_in_mind(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    message_id = await delivery.send(0, "Hello", controls=ended(prompt.id))
    await delivery.edit(message_id, "Hello again", controls=ended(prompt.id))
    on_command, _, _ = await commanded(stage)
    first = await on_command.send(0, "one", controls=ended(7))
    await on_command.send(1, "two", controls=ended(7))
    await on_command.edit(first, "ONE", controls=ended(7))
    assert list(stage.client.persistent_views) == []
    assert not stage.client._connection._view_store._synced_message_views


async def test_messages_are_taken_away_and_one_that_is_gone_is_no_fault(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    message_id = await delivery.send(0, "Hello")
    await delivery.delete(message_id)
    assert stage.world.replies_to(prompt) == []
    await delivery.delete(message_id)
    stage.local.faults.add(Fault(method="DELETE", path="/messages/", status=403))
    with pytest.raises(DeliveryError) as caught:
        await delivery.delete(message_id)
    assert caught.value.fault is DeliveryFault.FORBIDDEN


async def test_a_command_s_messages_are_taken_away_with_and_without_its_token(stage: Stage) -> None:
    delivery, clock, seen = await commanded(stage)
    first, second = await delivery.send(0, "one"), await delivery.send(1, "two")
    await delivery.delete(second)
    (request,) = [request for request in stage.local.requests if request.method == "DELETE"]
    assert (request.path.rpartition("/")[2], request.status) == (str(second), 204)
    await delivery.delete(second)
    clock.ahead_s = TOKEN_LIFE_S + 1
    await delivery.delete(first)
    assert len(stage.sent("DELETE", f"/channels/{seen.channel.id}/messages/{first}")) == 1


async def test_a_further_version_has_its_own_messages_and_pings_the_asker_in_the_first_alone(stage: Stage) -> None:
    delivery, prompt = await prompted(stage)
    first, second = await delivery.send(0, "one"), await delivery.send(1, "two")
    again = delivery_to(stage, prompt, version=2, reply_ids=(first,))
    await again.edit(first, "ONE")
    await again.edit(second, "TWO")
    third = await again.send(2, "three")
    assert third not in (first, second)
    assert stage.sent("PATCH", str(first))[0]["allowed_mentions"] == ASKER_ONLY
    assert stage.sent("PATCH", str(second))[0]["allowed_mentions"] == NOBODY
    assert stage.sent("POST", "/messages")[-1]["nonce"] == nonce(prompt.id, 2, 2)


def test_what_a_send_is_known_by_fits_and_differs() -> None:
    largest = (2**63 - 1, 9999, 99)
    assert len(nonce(*largest)) <= 25
    every = {nonce(turn, version, index) for turn in (1, 36, 2**62) for version in (1, 11) for index in (0, 1, 11)}
    assert len(every) == 18
