"""Who may press, send, use and see: every row of the matrix, tried on the real bot with ids that a client makes up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.drawing.form_id import FormId, FormStep, form_id
from bot.domain.reply.controls import EVERYONE_S_ACTIONS, Action, custom_id
from bot.domain.settings.scopes import Target
from bot.presentation.settings.ids import Act, Spot, panel_id
from sandbox.discord.interactions.create import create_interaction
from sandbox.discord.people.interact import walk
from sandbox.discord.protocol.errors import PersonError
from sandbox.discord.state.interaction import Callback, Interaction, Kind, State
from sandbox.discord.state.records import Channel, Message, User
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.conftest import Stage, open_stage
from tests.e2e.rules.matrix import (
    BUTTONS,
    COMMANDS,
    FOR_EVERYONE,
    FORMS,
    PANEL,
    CommandRow,
    Known,
    Let,
    Seen,
    Users,
    Who,
)
from tests.fakes.words import text_of, worded, worded_in

CHANGES_A_DRAWING = frozenset({Action.AGAIN, Action.VARY, Action.EDIT, Action.SIZE, Action.UPSCALE})
BUTTON = 2
LONG = [f"word{n} " for n in range(300)]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def rules_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A stage of these tests' own, with a moderator among its people."""
    async with open_stage(tmp_path_factory.mktemp("who-may")) as opened:
        lab = opened.discord.world.guild()
        moderator = next(role for role in lab.roles.values() if role.name == "Moderator")
        lab.members[opened.discord.world.person("xiaoming").id].roles.append(moderator.id)
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(rules_stage: Stage) -> Stage:
    """The stage with a channel of the test's own."""
    rules_stage.endpoint.clear()
    rules_stage.new_general()
    return rules_stage


# --- the matrix is whole -----------------------------------------------------------------------------------------


def test_every_button_form_and_panel_act_has_its_row() -> None:
    assert set(BUTTONS) == set(Action)
    assert set(FORMS) == set(FormStep)
    assert set(PANEL) == set(Act)
    assert all(set(row) == set(Who) for row in BUTTONS.values())
    assert FOR_EVERYONE == EVERYONE_S_ACTIONS


async def test_every_command_has_its_row(stage: Stage) -> None:
    found = {name for command in stage.discord.world.application.commands.values() for name in names(command.body)}
    assert found == set(COMMANDS)


def names(command: Mapping[str, Any]) -> Iterator[str]:
    """Name a command, or each of its subcommands, as people type it."""
    subcommands = [one for one in command.get("options", []) if one["type"] in (1, 2)]
    if not subcommands:
        yield str(command["name"])
    for one in subcommands:
        for name in names(one):
            yield f"{command['name']} {name}"


# --- buttons under replies -----------------------------------------------------------------------------------------


def person(stage: Stage, who: Who) -> User:
    names = {Who.MEMBER: "dora", Who.MODERATOR: "xiaoming"}
    return stage.discord.world.person(names.get(who, "bob"))


async def place(stage: Stage, who: Who) -> Channel:
    world = stage.discord.world
    if who is Who.ELSEWHERE:
        return world.channel("code")
    return await world.open_dm(person(stage, who)) if who is Who.DIRECT else stage.general


async def asked(stage: Stage, channel: Channel, action: Action | None = None) -> tuple[int, Message]:
    """Have bob ask, by the command that makes such buttons; returns the turn and its reply."""
    world, bob = stage.discord.world, stage.discord.world.person("bob")
    if action in CHANGES_A_DRAWING:
        interaction = await world.slash(bob, channel, "draw", {"prompt": "a fox", "size": "512x512"})
        await stage.ended(interaction.id)
        assert interaction.response is not None
        return interaction.id, interaction.response
    if action is Action.STOP:
        stage.endpoint.script(fusion_events(LONG, delay_s=0.1))
    prompt = await stage.mention("hello", user=bob, channel=channel)
    if action is Action.STOP:
        await stage.until(lambda: world.reply_to(prompt) is not None)
        reply = world.reply_to(prompt)
        assert reply is not None
        return prompt.id, reply
    return prompt.id, await stage.answer(prompt)


async def forge(stage: Stage, user: User, channel: Channel, made_up: str, source: Message) -> Interaction:
    """Press what need not be there: a client can send any id."""
    world = stage.discord.world
    body = {"component_type": BUTTON, "custom_id": made_up, "id": 1}
    return create_interaction(world, Kind.COMPONENT, world.application, user, channel, body, source=source)


async def outcome(stage: Stage, interaction: Interaction, before: int, expected: Let) -> Let:
    """Wait for what comes of a press: words to the one who pressed, or anything else that happens.

    Where words are expected they are waited for: something else may happen meanwhile, such as an answer that grows.
    """
    await stage.discord.world.answered(interaction)
    if interaction.state is State.MODAL:
        return Let.DONE
    assert interaction.state is not State.FAILED, f"{interaction.error}\n{stage.bot.log}"

    def settled() -> bool:
        later = [request for request in stage.discord.requests if request.n > before]
        return any("/callback" not in request.path for request in later)

    if interaction.callback is Callback.MESSAGE:
        assert interaction.response is not None
        told = [interaction.response]
    else:
        await stage.until(settled if expected is Let.DONE else lambda: bool(interaction.followups))
        told = [message for message in interaction.followups.values() if message.ephemeral]
    for let, word in ((Let.NOT_YOURS, "press_refused.not_yours"), (Let.UNKNOWN, "press_refused.unknown")):
        if any(worded(word).casefold() in message.content.casefold() for message in told):
            return let
        if any(worded_in("zh-CN", word) in message.content for message in told):
            return let
    return Let.DONE


async def quiet(stage: Stage) -> None:
    """Wait until no turn is under way."""
    while await stage.rows("SELECT 1 FROM turns WHERE state IN ('queued', 'streaming')"):  # noqa: ASYNC110  # a process's
        await asyncio.sleep(0.02)


async def try_button(stage: Stage, action: Action, who: Who, turn: int, source: Message, expected: Let) -> Let:
    before = stage.discord.requests[-1].n
    interaction = await forge(stage, person(stage, who), await place(stage, who), custom_id(action, turn), source)
    return await outcome(stage, interaction, before, expected)


@pytest.mark.parametrize("action", list(BUTTONS), ids=str)
async def test_a_button_does_what_it_does_for_those_in_its_row_alone(stage: Stage, action: Action) -> None:
    row = BUTTONS[action]
    sources = {who: (await asked(stage, await place(stage, who)))[1] for who in (Who.ELSEWHERE, Who.DIRECT)}
    turn, reply = await asked(stage, stage.general, action)
    refused = [who for who, let in row.items() if let is not Let.DONE]
    for who in refused:
        assert await try_button(stage, action, who, turn, sources.get(who, reply), row[who]) is row[who], who
    for who in (who for who, let in row.items() if let is Let.DONE):
        assert await try_button(stage, action, who, turn, reply, Let.DONE) is Let.DONE, who
        stage.endpoint.clear()
        await quiet(stage)
        turn, reply = await asked(stage, stage.general, action)
    if action is Action.STOP:
        assert await try_button(stage, action, Who.ASKER, turn, reply, Let.DONE) is Let.DONE
    await quiet(stage)


async def test_what_everyone_may_press_they_may_press_there_alone(stage: Stage) -> None:
    world = stage.discord.world
    given = {"key": "buttons_for", "value": "everyone"}
    await world.answered(await world.slash(stage.alice, stage.general, "settings set", given))
    elsewhere = (await asked(stage, world.channel("code")))[1]
    for action in BUTTONS:
        turn, reply = await asked(stage, stage.general, action)
        expected = Let.DONE if action in FOR_EVERYONE else Let.NOT_YOURS
        assert await try_button(stage, action, Who.MEMBER, turn, reply, expected) is expected, action
        if action in FOR_EVERYONE:
            await quiet(stage)
            found = await try_button(stage, action, Who.ELSEWHERE, turn, elsewhere, Let.UNKNOWN)
            assert found is Let.UNKNOWN, action
        if action is Action.STOP:
            await try_button(stage, action, Who.ASKER, turn, reply, Let.DONE)
        await quiet(stage)
    reset = await world.slash(stage.alice, stage.general, "settings reset", {"key": "buttons_for"})
    await world.answered(reset)


@pytest.mark.parametrize("action", list(BUTTONS), ids=str)
async def test_under_a_private_answer_there_is_nothing_for_anybody_else(stage: Stage, action: Action) -> None:
    world = stage.discord.world
    bob = world.person("bob")
    options = {"prompt": "a secret fox", "private": True}
    drawn = await world.slash(bob, stage.general, "draw", options)
    await stage.ended(drawn.id)
    _, public = await asked(stage, stage.general)
    for who in (Who.MEMBER, Who.MODERATOR):
        assert await try_button(stage, action, who, drawn.id, public, Let.UNKNOWN) is Let.UNKNOWN, who


# --- forms of drawings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", list(FORMS), ids=str)
async def test_a_form_about_another_s_private_drawing_draws_nothing_of_it(stage: Stage, step: FormStep) -> None:
    world = stage.discord.world
    drawn = await world.slash(world.person("bob"), stage.general, "draw", {"prompt": "a secret fox", "private": True})
    await stage.ended(drawn.id)
    calls = len(stage.endpoint.requests)
    _, public = await asked(stage, stage.general)
    calls = len(stage.endpoint.requests)
    about = form_id(FormId(step=step, turn_id=drawn.id, message_id=public.id))
    interaction = await forge(stage, world.person("dora"), stage.general, about, public)
    await world.answered(interaction)
    assert interaction.response is None or "secret" not in interaction.response.content
    assert interaction.modal is None or "secret" not in str(interaction.modal)
    sent = create_interaction(
        world, Kind.MODAL, world.application, world.person("dora"), stage.general,
        {"custom_id": about, "components": []}, source=public,
    )  # fmt: skip
    await world.answered(sent)
    assert sent.response is None or "secret" not in sent.response.content
    if FORMS[step] is Known.CARD:
        assert len(stage.endpoint.requests) == calls
    assert "secret" not in str([request.body for request in stage.endpoint.requests[calls:]])
    await quiet(stage)


@pytest.mark.parametrize("step", list(FORMS), ids=str)
async def test_a_form_about_another_channel_s_drawing_draws_nothing_of_it(stage: Stage, step: FormStep) -> None:
    world = stage.discord.world
    drawn = await world.slash(world.person("bob"), stage.general, "draw", {"prompt": "a fox of this channel"})
    await stage.ended(drawn.id)
    elsewhere = world.channel("code")
    _, source = await asked(stage, elsewhere)
    calls = len(stage.endpoint.requests)
    about = form_id(FormId(step=step, turn_id=drawn.id, message_id=source.id))
    data = {"custom_id": about, "components": []}
    sent = create_interaction(
        world, Kind.MODAL, world.application, world.person("dora"), elsewhere, data, source=source
    )
    await world.answered(sent)
    assert sent.response is None or "of this channel" not in sent.response.content
    await quiet(stage)
    assert "of this channel" not in str([request.body for request in stage.endpoint.requests[calls:]])


# --- the panel -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", list(PANEL), ids=str)
async def test_the_panel_is_for_those_who_manage_the_server(stage: Stage, act: Act) -> None:
    world, lab = stage.discord.world, stage.discord.world.guild()
    studio = next(guild for guild in world.guilds.values() if guild is not lab)
    _, reply = await asked(stage, stage.general)
    target, away = Target.guild(lab.id), Target.guild(studio.id)
    key = PANEL[act]
    spots = {
        "dora": (Spot(target=target).at(key), stage.general, worded_start("panel.may_not_look")),
        # Alice runs the bot; what another guild has set is not there for anybody from here.
        "alice": (Spot(target=away).at(key), stage.general, None),
    }
    before = await stage.rows("SELECT * FROM settings")
    for name, (spot, channel, words) in spots.items():
        made_up = panel_id(act, spot)
        interaction = await forge(stage, world.person(name), channel, made_up, reply)
        await world.answered(interaction)
        assert interaction.state is not State.MODAL, name
        if interaction.callback is not Callback.MESSAGE:
            await stage.until(partial(has_followups, interaction), timeout_s=5)
        told = [*interaction.followups.values(), *filter(None, [interaction.response])]
        if words is not None:
            assert any(words in message.content for message in told if message.ephemeral), (name, told)
    own = Target.user(world.person("bob").id)
    interaction = await forge(stage, world.person("dora"), stage.general, panel_id(act, Spot(target=own)), reply)
    await world.answered(interaction)
    assert interaction.state is not State.MODAL
    if interaction.callback is not Callback.MESSAGE:
        await stage.until(lambda: bool(interaction.followups), timeout_s=5)
    assert await stage.rows("SELECT * FROM settings") == before


def has_followups(interaction: Interaction) -> bool:
    return bool(interaction.followups)


def worded_start(word: str) -> str:
    """Return the beginning of a text, up to its first place."""
    return text_of(word).partition("{")[0].strip()


# --- commands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(COMMANDS))
async def test_a_command_is_for_those_in_its_row_and_seen_by_no_more(stage: Stage, name: str) -> None:
    world, row = stage.discord.world, COMMANDS[name]
    member = world.person("bob")
    if row.users is Users.MANAGERS:
        with pytest.raises(PersonError):
            await use(stage, member, name, row)
        await forged_command(stage, member, name, row)
        return
    interaction = await use(stage, member, name, row)
    await world.answered(interaction)
    assert interaction.response is not None, stage.bot.log
    assert interaction.response.ephemeral is (row.seen is Seen.ALONE)
    await quiet(stage)


async def use(stage: Stage, user: User, name: str, row: CommandRow) -> Interaction:
    world = stage.discord.world
    if name in ("Draw this", "Recipe"):
        message = await world.say(stage.alice, stage.general, "a lighthouse")
        return await world.context_menu(user, stage.general, name, message)
    return await world.slash(user, stage.general, name, dict(row.options))


async def forged_command(stage: Stage, user: User, name: str, row: CommandRow) -> None:
    """Use a command that Discord would not offer: a server may have given it to everyone."""
    world = stage.discord.world
    top, _, sub = name.partition(" ")
    command = next(one for one in world.application.commands.values() if one.name == top)
    options = [{"name": key, "type": 3, "value": value} for key, value in row.options]
    data: dict[str, Any] = {"id": str(command.id), "name": top, "type": 1}
    data["options"] = [{"name": sub, "type": 1, "options": options}]
    if sub == "import":
        given = {"id": "1", "filename": "s.json", "size": 2, "url": "http://127.0.0.1:1/x", "proxy_url": "http://x"}
        data["resolved"] = {"attachments": {"1": given}}
        data["options"][0]["options"] = [{"name": "file", "type": 11, "value": "1"}]
    before = await stage.rows("SELECT * FROM settings")
    interaction = create_interaction(world, Kind.COMMAND, world.application, user, stage.general, data, command=command)
    await world.answered(interaction)
    message = interaction.response
    assert message is not None
    await stage.until(lambda: bool(message.content or message.components))
    assert message.ephemeral
    text = "\n".join([message.content, *(str(one.get("content", "")) for one in walk(message.components))])
    assert worded_start("panel.may_not_look") in text
    assert await stage.rows("SELECT * FROM settings") == before
