"""Buttons, edits and deletes: what a person does to a reply afterwards."""

from __future__ import annotations

import signal

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message, User
from sandbox.endpoint.script.replies import stalled_reply
from sandbox.endpoint.script.samples import encode_event, envelope, fusion_events
from tests.e2e.conftest import Stage
from tests.fakes.words import worded, worded_in

SLOW = [f"word{n} " for n in range(60)]


def buttons(message: Message) -> dict[str, dict[str, object]]:
    """The buttons under a message, by what they do."""
    found = [one for row in message.components for one in row["components"]]
    return {str(one["custom_id"]).split(":")[1]: one for one in found}


async def press(stage: Stage, message: Message, action: str, *, user: User | None = None) -> Interaction:
    """Press a button and wait until the person has an answer."""
    custom_id = str(buttons(message)[action]["custom_id"])
    interaction = await stage.discord.world.click(user or stage.alice, message, custom_id)
    await stage.discord.world.answered(interaction)
    return interaction


async def growing(stage: Stage, prompt: Message) -> Message:
    """Wait until a reply has begun."""
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    return reply


async def told(stage: Stage, interaction: Interaction) -> str:
    """What the person who pressed was told, to nobody else."""
    await stage.until(lambda: bool(interaction.followups))
    (message,) = interaction.followups.values()
    assert message.ephemeral
    return message.content


async def test_stop_keeps_what_came(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.1))
    prompt = await stage.mention("talk")
    reply = await growing(stage, prompt)
    assert set(buttons(reply)) == {"stop"}
    await press(stage, reply, "stop")
    assert await stage.ended(prompt.id) == "stopped"
    assert reply.content.startswith("word0")
    assert reply.content.endswith(f"-# {worded('trouble.stopped')}")
    assert set(buttons(reply)) == {"retry", "delete"}
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    (row,) = await stage.rows("SELECT text FROM turns WHERE id = ?", prompt.id)
    assert str(row[0]).strip() in reply.content


async def test_retry_gives_a_further_version_and_one_may_turn_back(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(["The first."]), fusion_events(["The second."]))
    prompt = await stage.mention("talk")
    reply = await stage.answer(prompt)
    await press(stage, reply, "retry")
    await stage.until(lambda: reply.content == "The second." and "previous" in buttons(reply))
    assert buttons(reply)["version"]["label"] == "2/2"
    assert len(stage.discord.world.replies_to(prompt)) == 1
    await press(stage, reply, "previous")
    await stage.until(lambda: reply.content == "The first.")
    assert buttons(reply)["previous"]["disabled"] is True
    await press(stage, reply, "next")
    await stage.until(lambda: reply.content == "The second.")
    await press(stage, reply, "previous")
    await stage.until(lambda: reply.content == "The first.")
    await stage.answer(await stage.mention("and now?"))
    assert stage.endpoint.requests[2].body["messages"][1]["content"] == "The first."
    assert stage.endpoint.requests[0].body["messages"] == stage.endpoint.requests[1].body["messages"]


async def test_buttons_work_after_a_restart(own_stage: Stage) -> None:
    stage = own_stage
    stage.endpoint.script(fusion_events(["The first."]))
    prompt = await stage.mention("talk")
    reply = await stage.answer(prompt)
    assert await stage.bot.end(signal.SIGTERM) == 0
    await stage.bot.start()
    await stage.connected()
    stage.endpoint.script(fusion_events(["The second."]))
    await press(stage, reply, "retry")
    await stage.until(lambda: reply.content == "The second.")


async def test_only_the_asker_and_those_who_manage_messages_may_press(stage: Stage) -> None:
    world = stage.discord.world
    bob, alice = world.person("bob"), stage.alice
    reply = await stage.answer(await stage.mention("hello", user=bob))
    refused = await press(stage, reply, "delete", user=world.person("dora"))
    assert worded("press_refused.not_yours") in await told(stage, refused)
    chinese = await press(stage, reply, "retry", user=world.person("xiaoming"))
    assert worded_in("zh-CN", "press_refused.not_yours") in await told(stage, chinese)
    assert reply.id in stage.general.messages
    await press(stage, reply, "delete", user=alice)
    await stage.until(lambda: reply.id not in stage.general.messages)


async def test_delete_takes_the_reply_out_of_channel_and_memory(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(["A secret answer."]))
    prompt = await stage.mention("talk")
    reply = await stage.answer(prompt)
    await press(stage, reply, "delete")
    await stage.until(lambda: reply.id not in stage.general.messages)
    await stage.answer(await stage.mention("and now?"))
    assert "secret" not in str(stage.endpoint.requests[-1].body["messages"])
    assert await stage.rows("SELECT 1 FROM turn_versions WHERE turn_id = ? AND text != ''", prompt.id) == []


async def test_continue_goes_on_behind_an_answer_that_was_cut(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(["One, ", "two"], finish="length"), fusion_events([", three."]))
    reply = await stage.answer(await stage.mention("count"))
    assert worded("reply.cut_by_length") in reply.content
    await press(stage, reply, "continue")
    await stage.until(lambda: reply.content == "One, two, three.")
    sent = stage.endpoint.requests[1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[1]["content"] == "One, two"
    assert "continue" not in buttons(reply)


async def test_a_deleted_question_takes_its_answer_with_it(stage: Stage) -> None:
    world = stage.discord.world
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.1))
    prompt = await stage.mention("talk about the secret")
    reply = await growing(stage, prompt)
    await world.delete(stage.alice, prompt)
    await stage.until(lambda: reply.id not in stage.general.messages)
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    assert await stage.ended(prompt.id) == "stopped"
    await stage.answer(await stage.mention("and now?"))
    assert "secret" not in str(stage.endpoint.requests[-1].body["messages"])
    assert (await stage.rows("SELECT prompt FROM turns WHERE id = ?", prompt.id)) == [("",)]


async def test_a_deleted_question_that_was_answered(stage: Stage) -> None:
    prompt = await stage.mention("my name is Ann")
    reply = await stage.answer(prompt)
    await stage.discord.world.delete(stage.alice, prompt)
    await stage.until(lambda: reply.id not in stage.general.messages)
    await stage.answer(await stage.mention("hello"))
    assert "Ann" not in str(stage.endpoint.requests[-1].body["messages"])


async def test_a_bulk_delete(stage: Stage) -> None:
    prompts = [await stage.mention(f"number {n}") for n in range(2)]
    replies = [await stage.answer(prompt) for prompt in prompts]
    await stage.discord.world.bulk_delete(stage.alice, stage.general, [*prompts, replies[0]])
    await stage.until(lambda: replies[1].id not in stage.general.messages)
    await stage.answer(await stage.mention("hello"))
    assert "number" not in str(stage.endpoint.requests[-1].body["messages"])


async def test_a_deleted_reply_ends_the_answer(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.1))
    prompt = await stage.mention("talk")
    reply = await growing(stage, prompt)
    await stage.discord.world.delete(stage.alice, reply)
    assert await stage.endpoint.wait_for_end(1) == "disconnected"
    assert await stage.ended(prompt.id) == "stopped"
    assert stage.discord.world.replies_to(prompt) == []
    assert await stage.rows("SELECT text FROM messages WHERE id = ? AND deleted_at IS NULL", reply.id) == []


async def test_an_edited_question_is_answered_anew_in_place(stage: Stage) -> None:
    world = stage.discord.world
    stage.endpoint.script(fusion_events(["About cats."]), fusion_events(["About dogs."]))
    prompt = await stage.mention("speak of cats")
    reply = await stage.answer(prompt)
    await world.edit(stage.alice, prompt, f"{world.bot.mention} speak of dogs")
    await stage.until(lambda: reply.content == "About dogs.")
    assert stage.endpoint.requests[1].body["messages"] == [{"role": "user", "content": "speak of dogs"}]
    assert len(world.replies_to(prompt)) == 1
    assert (await stage.rows("SELECT prompt FROM turns WHERE id = ?", prompt.id)) == [("speak of dogs",)]


async def test_a_question_edited_while_it_is_answered(stage: Stage) -> None:
    world = stage.discord.world
    stage.endpoint.script(fusion_events(SLOW, delay_s=0.1), fusion_events(["About dogs."]))
    prompt = await stage.mention("speak of cats")
    reply = await growing(stage, prompt)
    await world.edit(stage.alice, prompt, f"{world.bot.mention} speak of dogs")
    await stage.until(lambda: reply.content == "About dogs.")
    assert len(world.replies_to(prompt)) == 1


async def test_what_was_edited_and_deleted_while_the_bot_was_away(own_stage: Stage) -> None:
    stage = own_stage
    world = stage.discord.world
    kept = await stage.mention("my name is Ann")
    await stage.answer(kept)
    gone = await stage.mention("my cat is Tom")
    reply = await stage.answer(gone)
    assert await stage.bot.end(signal.SIGTERM) == 0
    await world.edit(stage.alice, kept, f"{world.bot.mention} my name is Eve")
    await world.delete(stage.alice, gone)
    await stage.bot.start()
    await stage.connected()
    await stage.until(lambda: reply.id not in stage.general.messages)
    await stage.answer(await stage.mention("hello"))
    asked = str([one for one in stage.endpoint.requests[-1].body["messages"] if one["role"] == "user"])
    assert "Eve" in asked
    assert "Ann" not in asked
    assert "Tom" not in asked


async def test_a_very_long_answer_comes_as_a_file_too(stage: Stage) -> None:
    text = "".join(f"Sentence number {n} of a long answer. " for n in range(400))
    stage.endpoint.script(fusion_events([text[i : i + 200] for i in range(0, len(text), 200)]))
    await stage.answer(await stage.mention("a very long answer"), timeout_s=40)
    pages = [m for m in stage.general.messages.values() if m.author is stage.discord.world.bot]
    assert len(pages) == 6  # five of text, and the one that says where the rest is
    (attachment,) = pages[-1].attachments
    assert attachment.filename == "answer.md"
    assert attachment.size == len(text.encode())
    assert worded("reply.rest_in_file") in pages[-1].content


async def test_a_channel_in_order_shows_the_place_in_line(own_stage: Stage) -> None:
    stage = own_stage
    await stage.bot.end(signal.SIGTERM)
    stage.bot.environment["DEFAULT_TURN_ORDER"] = "in_order"
    await stage.bot.start()
    await stage.connected()
    stage.endpoint.script(stalled_reply(encode_event(envelope("First"), "sse")), fusion_events(["Second."]))
    first = await stage.mention("one")
    running = await growing(stage, first)
    second = await stage.mention("two")
    waiting = await growing(stage, second)
    assert worded("reply.waiting", place=1) in waiting.content
    assert len(stage.endpoint.requests) == 1
    await press(stage, running, "stop")
    await stage.until(lambda: waiting.content == "Second.")


async def test_a_line_that_is_full_says_so(stage: Stage) -> None:
    stage.endpoint.default = stalled_reply(encode_event(envelope("…"), "sse"))
    prompts = [await stage.mention(f"number {n}", user=stage.alice) for n in range(17)]
    await stage.ended(prompts[-1].id)
    reply = stage.discord.world.reply_to(prompts[-1])
    assert reply is not None
    assert worded("refusal.busy") in reply.content


async def test_a_retry_makes_up_for_a_page_that_was_deleted(stage: Stage) -> None:
    long = [f"Sentence number {n} of a long answer. " for n in range(80)]
    stage.endpoint.script(fusion_events(long), fusion_events([text.upper() for text in long]))
    prompt = await stage.mention("a long answer")
    await stage.answer(prompt)
    pages = [m for m in stage.general.messages.values() if m.author is stage.discord.world.bot]
    assert len(pages) == 2
    await stage.discord.world.delete(stage.alice, pages[0])
    await press(stage, pages[1], "retry")

    def shown() -> str:
        return "".join(m.content for m in stage.general.messages.values() if m.author is stage.discord.world.bot)

    await stage.until(lambda: "NUMBER 0 " in shown() and "NUMBER 79 " in shown())
    assert "Sentence" not in shown()
