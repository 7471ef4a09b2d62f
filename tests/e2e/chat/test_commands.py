"""``/ask`` and ``/draw``."""

from __future__ import annotations

from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Channel, Message, User
from sandbox.endpoint.script.samples import SAMPLES, fusion_events
from tests.e2e.conftest import Stage
from tests.fakes.words import worded, worded_in


async def use(
    stage: Stage, command: str, prompt: str, *, user: User | None = None, channel: Channel | None = None
) -> tuple[Interaction, Message]:
    """Use a command and wait for its turn's end."""
    world = stage.discord.world
    interaction = await world.slash(user or stage.alice, channel or stage.general, command, {"prompt": prompt})
    await stage.ended(interaction.id)
    assert interaction.response is not None, stage.bot.log
    return interaction, interaction.response


async def test_ask(stage: Stage) -> None:
    stage.endpoint.script(SAMPLES["streamed"]())
    interaction, message = await use(stage, "ask", "how *are* you?")
    assert message.content == "> -# how \\*are\\* you?\nHello, world."
    assert not message.loading
    assert stage.endpoint.requests[0].body["messages"] == [{"role": "user", "content": "how *are* you?"}]
    rows = await stage.rows("SELECT id, role, text FROM messages WHERE channel_id = ? ORDER BY id", stage.general.id)
    assert rows == [(interaction.id, "user", "how *are* you?"), (message.id, "assistant", "Hello, world.")]


async def test_ask_and_mention_share_the_channel_s_memory(stage: Stage) -> None:
    await use(stage, "ask", "my name is Ann")
    await stage.answer(await stage.mention("what is my name?"), holds="Ann")


async def test_a_long_answer_to_ask(stage: Stage) -> None:
    stage.endpoint.script(fusion_events([f"Sentence number {n}. " for n in range(200)]))
    _, message = await use(stage, "ask", "a lot")
    pages = [m for m in stage.general.messages.values() if m.author is stage.discord.world.bot]
    assert len(pages) == 2 or len(pages) == 3
    assert pages[0] is message
    assert pages[-1].content.endswith("Sentence number 199.")


async def test_draw(stage: Stage) -> None:
    _, message = await use(stage, "draw", "a fox in the snow")
    (attachment,) = message.attachments
    assert (attachment.width, attachment.height) == (960, 960)
    assert attachment.description == "a fox in the snow"
    seed = worded("drawing.card.seed", seed=stage.endpoint.requests[0].body["mh_select_seed"])
    assert message.content.startswith(f"> -# a fox in the snow\n-# Artist\\_V0.1.3 · 960×960 · {seed} · ")
    assert stage.endpoint.requests[0].body["output_img"] is True
    assert "a fox in the snow" in stage.endpoint.requests[0].body["messages"][-1]["content"]


async def test_draw_in_chinese(stage: Stage) -> None:
    world = stage.discord.world
    _, message = await use(
        stage, "draw", "雪地里的狐狸", user=world.person("xiaoming"), channel=world.channel("画室/画图")
    )
    assert message.attachments


async def test_draw_where_no_files_may_be_attached_spends_nothing(stage: Stage) -> None:
    _, message = await use(stage, "draw", "a fox", channel=stage.discord.world.channel("no-files"))
    assert worded("drawing_denied.cannot_attach") in message.content
    assert stage.endpoint.requests == []


async def test_draw_answers_in_the_user_s_language(stage: Stage) -> None:
    stage.endpoint.script(SAMPLES["sensitive_prompt"]())
    _, message = await use(stage, "draw", "something", user=stage.discord.world.person("xiaoming"))
    assert worded_in("zh-CN", "error.content_filtered") in message.content


async def test_ask_in_a_direct_message(stage: Stage) -> None:
    channel = await stage.discord.world.open_dm(stage.alice)
    _, message = await use(stage, "ask", "hello", channel=channel)
    assert message.content


async def test_the_commands_are_localised_and_told_once(own_stage: Stage) -> None:
    stage = own_stage

    def told() -> list[str]:
        return [r.method for r in stage.discord.requests if r.path.endswith("/commands") and r.method != "GET"]

    commands = {command.body["name"]: command.body for command in stage.discord.world.application.commands.values()}
    assert {"ask", "draw", "Draw this", "Recipe"} <= set(commands)
    for body in commands.values():
        for one in (body, *body.get("options", ())):
            # A context menu has a name alone.
            texts = ("name_localizations", "description_localizations")[: 1 if body["type"] != 1 else 2]
            for localizations in (one[text] for text in texts):
                assert localizations["zh-CN"]
                assert localizations["en-US"] == localizations["en-GB"]
    before = len(told())
    assert before >= 1
    await stage.bot.end()
    await stage.bot.start()
    await stage.connected()
    assert len(told()) == before
