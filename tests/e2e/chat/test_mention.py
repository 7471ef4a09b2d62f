"""What a person does in a channel, and what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.state.records import MessageType
from sandbox.endpoint.script.samples import SAMPLES, fusion_events
from tests.e2e.conftest import Stage, open_stage
from tests.fakes.words import worded, worded_in


async def test_a_mention_is_answered_with_every_field_of_the_contract(stage: Stage) -> None:
    prompt = await stage.mention("hello")
    reply = await stage.answer(prompt)
    assert reply.content
    assert reply.type is MessageType.REPLY
    body = stage.endpoint.requests[0].body
    user_id = body.pop("user_id")
    assert isinstance(user_id, str)
    assert str(stage.alice.id) not in user_id
    seed = body.pop("mh_select_seed")
    assert isinstance(seed, int)
    assert 0 <= seed <= 9_999_999  # never -1: should it become a picture, that can be made again
    assert body == {
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0.8,
        "top_p": 0.7,
        "max_new_tokens": 2048,
        "repetition_penalty": 1.0,
        "stream": True,
        "output_img": True,
        "mh_key": stage.endpoint.miaohua_token,
        "mh_add_prompt": False,
        "mh_ddim_steps": 50,
        "mh_model_name": "Artist_V0.1.3",
        "mh_output_size": "960x960",
        "mh_scale": 7,
        "mh_controlnet_model": "",
    }
    assert stage.endpoint.requests[0].headers["Authorization"] == stage.endpoint.fusion_key


@pytest.mark.parametrize(
    "sample", ["streamed", "streamed_json_lines", "streamed_without_done", "streamed_content", "whole"]
)
async def test_every_documented_answer_arrives_whole(stage: Stage, sample: str) -> None:
    stage.endpoint.script(SAMPLES[sample]())
    reply = await stage.answer(await stage.mention("hi"))
    assert reply.content == "Hello, world."


async def test_the_answer_grows_by_edits_and_ends_whole(stage: Stage) -> None:
    words = [f"word{n} " for n in range(40)]
    stage.endpoint.script(fusion_events(words, delay_s=0.05))
    prompt = await stage.mention("talk")
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    first = stage.discord.world.reply_to(prompt)
    assert first is not None
    early = first.content
    reply = await stage.answer(prompt)
    assert reply.content == "".join(words).strip()
    assert len(early) < len(reply.content)
    edits = [request for request in stage.discord.requests if request.method == "PATCH"]
    assert 2 <= len(edits) <= 6


async def test_a_reply_to_the_bot_goes_on_with_what_was_said(stage: Stage) -> None:
    first = await stage.answer(await stage.mention("my name is Ann"))
    prompt = await stage.discord.world.say(stage.alice, stage.general, "what is my name?", reply_to=first)
    assert "Ann" in (await stage.answer(prompt)).content
    sent = stage.endpoint.requests[1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[0]["content"] == "my name is Ann"
    assert sent[1]["content"] == first.content
    assert sent[2]["content"] == "what is my name?"


async def test_a_reply_without_the_ping_is_answered_with_what_to_do(stage: Stage) -> None:
    first = await stage.answer(await stage.mention("hello"))
    prompt = await stage.discord.world.say(stage.alice, stage.general, "and now?", reply_to=first, ping=False)
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    assert worded("refusal.unreadable") in reply.content
    assert len(stage.endpoint.requests) == 1


async def test_a_direct_message_needs_no_mention(stage: Stage) -> None:
    world = stage.discord.world
    dora = world.person("dora")
    prompt = await world.say(dora, await world.open_dm(dora), "hello there")
    await stage.answer(prompt)
    # Other tests share the conversation: what was said last is this.
    assert stage.endpoint.requests[0].body["messages"][-1] == {"role": "user", "content": "hello there"}


async def test_a_thread_is_a_channel_of_its_own_that_begins_with_its_starter(stage: Stage) -> None:
    world = stage.discord.world
    await stage.answer(await stage.mention("something else altogether"))
    starter = await stage.mention("let us speak of foxes")
    await stage.answer(starter)
    thread = await world.start_thread(stage.alice, starter, "foxes")
    await stage.answer(await stage.mention("go on", channel=thread))
    sent = stage.endpoint.requests[2].body["messages"]
    assert sent[0]["content"].startswith("let us speak of foxes")
    assert sent[-1]["content"].endswith("go on")
    assert "something else" not in str(sent)


async def test_a_thread_whose_starter_was_said_before_the_bot_came_asks_discord_for_it(stage: Stage) -> None:
    world = stage.discord.world
    bob = world.person("bob")
    starter = await world.say(bob, stage.general, f"{world.bot.mention}")
    await stage.until(lambda: world.reply_to(starter) is not None)
    thread = await world.start_thread(bob, starter, "from a bare mention")
    await stage.answer(await stage.mention("hello", channel=thread))
    assert stage.endpoint.requests[-1].body["messages"][-1]["content"].endswith("hello")


async def test_several_people_are_told_apart(stage: Stage) -> None:
    world = stage.discord.world
    await stage.answer(await stage.mention("I like tea", user=stage.alice))
    await stage.answer(await stage.mention("I like coffee", user=world.person("bob")))
    sent = stage.endpoint.requests[1].body["messages"]
    assert sent[0]["content"] == f"{stage.alice.global_name}: I like tea"
    assert sent[2]["content"] == f"{world.person('bob').global_name}: I like coffee"


async def test_one_channel_knows_nothing_of_another(stage: Stage) -> None:
    await stage.answer(await stage.mention("the secret is 42"))
    await stage.answer(await stage.mention("hello", channel=stage.discord.world.channel("code")))
    assert "42" not in str(stage.endpoint.requests[1].body["messages"])


async def test_a_bare_mention_is_greeted_without_asking_the_model(stage: Stage) -> None:
    prompt = await stage.mention("")
    await stage.until(lambda: stage.discord.world.reply_to(prompt) is not None)
    reply = stage.discord.world.reply_to(prompt)
    assert reply is not None
    assert "/ask" in reply.content
    assert stage.endpoint.requests == []


async def test_a_long_answer_goes_on_in_further_messages_with_its_code_closed_and_reopened(stage: Stage) -> None:
    lines = [f"    value_{n} = compute({n})  # line number {n}\n" for n in range(90)]
    text = ["Here it is:\n\n```python\n", *lines, "```\nThat was all.\n\n", "And a last word. " * 20]
    stage.endpoint.script(fusion_events(text, delay_s=0.01))
    prompt = await stage.mention("a long program, please")
    reply = await stage.answer(prompt, timeout_s=30)
    messages = [m for m in stage.general.messages.values() if m.author is stage.discord.world.bot]
    assert len(messages) >= 3
    assert messages[0] is reply
    for message in messages:
        assert len(message.content) <= 2000
        assert message.content.count("```") % 2 == 0
    assert messages[1].content.startswith("```python\n")
    shown = "\n".join(message.content for message in messages)
    assert all(line.strip() in shown for line in lines)
    assert messages[-1].content.endswith("And a last word.")


async def test_nobody_is_pinged_but_the_asker(stage: Stage) -> None:
    bob = stage.discord.world.person("bob")
    text = f"@everyone <@{bob.id}> <@&{stage.discord.world.guild().id}> listen"
    stage.endpoint.script(fusion_events([text, " well"], delay_s=0.2))
    reply = await stage.answer(await stage.mention("shout"))
    assert reply.content == f"{text} well"
    assert reply.mentions == [stage.alice]
    assert not reply.mention_everyone
    assert not reply.mention_roles


async def test_an_event_seen_twice_is_answered_once(stage: Stage) -> None:
    prompt = await stage.mention("hello")
    await stage.answer(prompt)
    assert stage.discord.gateway.disturb(Disturbance.REPLAY) > 0
    await stage.answer(await stage.mention("again"))
    assert len(stage.discord.world.replies_to(prompt)) == 1
    assert len(stage.endpoint.requests) == 2


async def test_the_model_s_words_are_never_taken_for_the_sentinel_s(stage: Stage) -> None:
    stage.endpoint.script(fusion_events(["This is a drawing", " request*&^ or so"]))
    reply = await stage.answer(await stage.mention("say something strange"))
    assert reply.content == "This is a drawing request*&^ or so"


async def test_a_chinese_server_gets_chinese_words(stage: Stage) -> None:
    stage.endpoint.set_faults("down")
    prompt = await stage.mention("你好", channel=stage.discord.world.channel("画室/闲聊"))
    await stage.answer(prompt, holds=worded_in("zh-CN", "error.network"))


async def test_the_other_endpoint(tmp_path: Path) -> None:
    async with open_stage(tmp_path, PROVIDER="chat_completions") as stage:
        reply = await stage.answer(await stage.mention("hello"))
        assert reply.content
        request = stage.endpoint.requests[0]
        assert request.path == "/v1/chat/completions"
        assert request.headers["Authorization"] == f"Bearer {stage.endpoint.openai_key}"
