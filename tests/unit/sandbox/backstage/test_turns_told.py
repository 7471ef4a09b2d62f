"""Turns as they are told from outside: what belongs to which, and how far it is."""

from __future__ import annotations

import asyncio

from tests.unit.sandbox.backstage.conftest import Stage


async def test_a_mention_from_question_to_last_edit(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} hello  there")
    (turn,) = stage.told("turn")
    assert (turn["source"], turn["who"], turn["channel"]) == ("mention", "Alice", "general")
    assert (turn["words"], turn["state"]) == ("@Fusion hello there", "waiting")
    await stage.api("POST", f"/channels/{stage.general.id}/typing")
    reply = await stage.reply(stage.general.id, prompt.id, "…")
    await stage.ask("[Alice] hello there")
    assert stage.states() == ["finishing"]
    await stage.edit(stage.general.id, reply, "Hello!")
    assert stage.states() == ["done"]
    calls = stage.told("discord")
    assert [(one["op"], one["turn"]) for one in calls] == [(op, turn["id"]) for op in ("typing", "send", "edit")]
    assert calls[0]["since_s"] is None
    assert calls[1]["since_s"] is None
    assert calls[2]["since_s"] >= 0
    assert calls[1]["budget"] == {"remaining": 4, "limit": 5, "resets_s": 5.0}
    (asked,) = stage.told("endpoint")
    assert asked["turn"] == turn["id"]
    assert (asked["endpoint"], asked["status"], asked["outcome"]) == ("fusion", 200, "complete")
    assert asked["parameters"]["mh_key"] == "(hidden)"
    assert asked["parameters"]["temperature"] == 0.8
    assert asked["messages"] == [{"role": "user", "content": "[Alice] hello there"}]
    assert asked["progress"]["finish"] == "stop"
    assert asked["first_s"] is not None


async def test_the_state_while_the_answer_comes(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} count to 99")
    stage.endpoint.set_faults("stalling")
    streaming = asyncio.Event()
    stage.endpoint.listen(lambda entry: streaming.set() if entry.events >= 6 else None)
    states: list[str] = []
    stage.endpoint.listen(lambda _entry: states.append(stage.states()[0]))
    call = asyncio.create_task(stage.ask("count to 99"))
    async with asyncio.timeout(45):
        await streaming.wait()
    assert states[0] == "asked"
    assert stage.states() == ["streaming"]
    call.cancel()
    await stage.endpoint.wait_for_end(1)
    assert stage.states() == ["retrying"]
    await stage.reply(stage.general.id, prompt.id, "The endpoint went silent.")
    assert stage.states() == ["failed"]


async def test_a_person_who_presses_stop_stops_it(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} count to 99")
    row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Stop", "custom_id": "s"}]}
    body = {"content": "…", "message_reference": {"message_id": str(prompt.id)}, "components": [row]}
    reply = await stage.api("POST", f"/channels/{stage.general.id}/messages", body)
    stage.endpoint.set_faults("stalling")
    call = asyncio.create_task(stage.ask("count to 99"))
    await stage.endpoint.wait_for_request(1)
    await stage.world.click(stage.alice, stage.general.messages[int(reply["id"])], "s")
    call.cancel()
    await stage.endpoint.wait_for_end(1)
    assert stage.states() == ["stopped"]
    (pressed,) = [one for one in stage.told("event") if one["what"] == "pressed"]
    assert pressed["detail"] == {"who": "Alice", "label": "Stop"}
    (turn,) = stage.told("turn")
    assert pressed["turn"] == turn["id"]
    assert stage.told("discord")[0]["buttons"] == ["Stop"]


async def test_a_refusal_fails_and_a_retry_goes_on(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} hello")
    stage.endpoint.set_faults("unavailable")
    await stage.ask("hello")
    assert stage.states() == ["retrying"]
    stage.endpoint.set_faults()
    await stage.ask("hello")
    assert stage.states() == ["finishing"]
    await stage.reply(stage.general.id, prompt.id, "Hello!")
    assert stage.states() == ["done"]
    first, second = stage.told("endpoint")
    assert first["turn"] == second["turn"]
    assert first["progress"]["error"] == "The service is overloaded."


async def test_a_drawing_intent_is_asked_for_again(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} draw a fox")
    reply = await stage.reply(stage.general.id, prompt.id, "…")
    await stage.ask("draw a fox")
    await stage.edit(stage.general.id, reply, "Drawing…")
    assert stage.states() == ["asked"]
    states: list[str] = []
    stage.endpoint.listen(lambda entry: states.append(stage.states()[0]) if entry.n == 2 else None)
    await stage.ask("draw a fox", output_img=True, stream=False)
    assert states[:2] == ["asked", "drawing"]
    await stage.edit(stage.general.id, reply, "Done")
    assert stage.states() == ["done"]
    chat, drawing = stage.told("endpoint")
    assert chat["intent"]
    assert drawing["drawing"]
    assert "Signature=…" in drawing["progress"]["text"]


async def test_turns_of_two_people_are_kept_apart(stage: Stage) -> None:
    bob = stage.world.person("bob")
    for person, words in ((stage.alice, "tell me a joke"), (bob, "hello")):
        await stage.world.say(person, stage.general, f"{stage.world.bot.mention} {words}")
    await stage.ask("hello")
    await stage.ask("tell me a joke")
    of_alice, of_bob = stage.told("turn")
    assert [one["turn"] for one in stage.told("endpoint")] == [of_bob["id"], of_alice["id"]]


async def test_an_edited_and_a_deleted_question(stage: Stage) -> None:
    prompt = await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} hello")
    reply = await stage.reply(stage.general.id, prompt.id, "…")
    await stage.ask("hello")
    await stage.edit(stage.general.id, reply, "Hello!")
    await stage.world.edit(stage.alice, prompt, f"{stage.world.bot.mention} tell me a joke")
    (turn,) = stage.told("turn")
    assert turn["words"] == "@Fusion tell me a joke"
    await stage.ask("tell me a joke")
    assert len({one["turn"] for one in stage.told("endpoint")}) == 1
    await stage.world.delete(stage.alice, prompt)
    assert [one["what"] for one in stage.told("event")] == ["edited", "deleted"]


async def test_what_no_turn_explains_has_none(stage: Stage) -> None:
    await stage.world.say(stage.alice, stage.general, "nothing for the bot")
    await stage.api("GET", "/users/@me")
    await stage.api("POST", f"/channels/{'9' * 5000}/messages", {"content": "x"})
    await stage.api(
        "POST", f"/channels/{stage.general.id}/messages",
        {"content": 5, "message_reference": {"message_id": "9" * 5000}, "components": [[[]]], "embeds": 7},
    )  # fmt: skip
    await stage.ask("who?")
    assert stage.told("turn") == []
    assert [one["turn"] for one in stage.told("discord") + stage.told("endpoint")] == [None] * 4
    assert [one["op"] for one in stage.told("discord")] == ["read", "other", "send"]


async def test_a_new_world_is_a_new_page(stage: Stage) -> None:
    await stage.world.say(stage.alice, stage.general, f"{stage.world.bot.mention} hello")
    await stage.control("reset", {})
    assert stage.told("turn") == []
    assert [one["what"] for one in stage.told("event")] == ["world_reset"]


async def test_a_subcommand_and_a_form_are_called_as_people_see_them(stage: Stage) -> None:
    option = {"type": 3, "name": "value", "description": "To what", "required": True}
    change = {"type": 1, "name": "set", "description": "Change one", "options": [option]}
    command = {"name": "settings", "description": "Settings", "options": [change]}
    bot = stage.world.bot.id
    await stage.api("POST", f"/applications/{bot}/commands", command)
    used = await stage.world.slash(stage.alice, stage.general, "settings set", {"value": "warm"})
    assert stage.told("turn")[0]["words"] == "/settings set value: warm"
    field = {"type": 18, "label": "Tone", "component": {"type": 4, "custom_id": "tone", "style": 1}}
    modal = {"type": 9, "data": {"custom_id": "f3a9", "title": "Change the tone", "components": [field]}}
    await stage.api("POST", f"/interactions/{used.id}/{used.token}/callback", modal)
    await stage.world.submit_modal(stage.alice, used, {"tone": "dry"})
    (submitted,) = stage.told("event")
    assert (submitted["what"], submitted["detail"]["label"]) == ("submitted", "Change the tone")
