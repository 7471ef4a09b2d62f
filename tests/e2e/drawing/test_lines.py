"""Drawings: many people at once, the same recipe twice, and a picture that is to change."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import aiohttp
from PIL import Image

from bot.domain.drawing.chunk import read_recipe
from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Member, Message, User
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.agreement import kept_pictures, pictures_agree
from tests.e2e.conftest import Stage

PEOPLE = 40
SMALL = {"size": "64x64", "steps": 5}


def newcomers(stage: Stage, number: int) -> list[User]:
    """Let people join the guild."""
    world, guild = stage.discord.world, stage.discord.world.guild()
    pattern = stage.alice
    people = [
        replace(pattern, id=pattern.id + 5000 + n, username=f"painter{n}", global_name=f"Painter {n}")
        for n in range(number)
    ]
    for user in people:
        world.users[user.id] = user
        guild.members[user.id] = Member(user=user, joined_at=guild.members[pattern.id].joined_at)
    return people


async def download(stage: Stage, message: Message) -> bytes:
    """Download a message's one attachment as a person's client does."""
    state = {"as": "alice", "channel": str(message.channel_id)}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{stage.discord.base_url}/people/messages", params=state) as response:
            messages = (await response.json())["messages"]
        (url,) = [each["url"] for one in messages if one["id"] == str(message.id) for each in one["attachments"]]
        async with session.get(url) as response:
            return await response.read()


async def draw(stage: Stage, user: User, prompt: str, **options: object) -> tuple[int, Message | None]:
    """Use the command; returns the turn's id and the card once it has ended."""
    wanted = {"prompt": prompt, **SMALL, **options}
    interaction = await stage.discord.world.slash(user, stage.general, "draw", wanted)
    await stage.ended(interaction.id, timeout_s=60)
    return interaction.id, interaction.response


def seeds_asked(stage: Stage, prompt: str) -> list[int]:
    """Tell the seeds of the pictures with this in their prompts, as the endpoint was asked; the stage is shared."""
    bodies = [request.body for request in stage.endpoint.requests if prompt in str(request.body)]
    return [body["mh_select_seed"] for body in bodies]


async def test_forty_people_draw_at_once(stage: Stage) -> None:
    people = newcomers(stage, PEOPLE)
    stage.endpoint.behaviour = replace(stage.endpoint.behaviour, drawing_s=0.05)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(draw(stage, user, f"a fox number {n}", seed=n)) for n, user in enumerate(people)]
    finally:
        stage.endpoint.behaviour = replace(stage.endpoint.behaviour, drawing_s=0.0)
    drawn = [task.result() for task in tasks]
    assert {await stage.ended(turn) for turn, _ in drawn} == {"complete"}
    for n, (_, card) in enumerate(drawn):
        assert card is not None
        assert [attachment.description for attachment in card.attachments] == [f"a fox number {n}"]
    assert sorted(seeds_asked(stage, "a fox number")) == list(range(PEOPLE))
    assert not [request for request in stage.discord.requests if request.status == 429]
    await pictures_agree(stage)


async def test_forty_people_are_served_in_the_order_in_which_they_came(stage: Stage) -> None:
    people = newcomers(stage, PEOPLE)
    stage.endpoint.behaviour = replace(stage.endpoint.behaviour, drawing_s=1.0)
    asks: list[Interaction] = []
    try:
        for n, user in enumerate(people):
            wanted = {"prompt": f"an owl number {n}", "seed": n, **SMALL}
            asks.append(await stage.discord.world.slash(user, stage.general, "draw", wanted))
            # Its card says that it is drawn or waits: so it is known in which order they came.
            await stage.until(lambda: bool(asks[-1].response and asks[-1].response.content))
        stage.endpoint.behaviour = replace(stage.endpoint.behaviour, drawing_s=0.05)
        assert {await stage.ended(ask.id, timeout_s=60) for ask in asks} == {"complete"}
    finally:
        stage.endpoint.behaviour = replace(stage.endpoint.behaviour, drawing_s=0.0)
    asked = seeds_asked(stage, "an owl number")
    # Four are drawn at once, and those may overtake each other.
    assert sorted(asked) == list(range(PEOPLE))
    assert all(abs(place - n) < 4 for place, n in enumerate(asked)), asked


async def test_the_same_recipe_twice_is_the_same_picture_and_says_so_itself(stage: Stage) -> None:
    cards = [(await draw(stage, stage.alice, "a fox", seed=42, scale=9))[1] for _ in range(2)]
    one, two = [await download(stage, card) for card in cards if card is not None]
    assert one == two
    recipe = read_recipe(one)
    assert recipe is not None
    made = recipe.parameters
    assert (recipe.prompt, made.seed, made.steps, made.scale, str(made.size)) == ("a fox", 42, 5, 9, "64x64")
    with Image.open(io.BytesIO(one)) as image:
        assert image.size == (64, 64)


async def test_several_pictures_come_in_one_message_with_seeds_of_their_own(stage: Stage) -> None:
    _, card = await draw(stage, stage.alice, "a fox", seed=7, count=3)
    assert card is not None
    assert len(card.attachments) == 3
    assert sorted(request.body["mh_select_seed"] for request in stage.endpoint.requests) == [7, 8, 9]


async def test_a_reply_to_a_picture_changes_it_and_the_new_recipe_stands_by_itself(stage: Stage) -> None:
    first = await stage.answer(await stage.mention("draw me a fox"))
    seed = stage.endpoint.requests[0].body["mh_select_seed"]
    assert seed >= 0
    stage.endpoint.script(SAMPLES["sentinel"]())
    second = await stage.answer(await stage.mention("make it darker", reply_to=first))
    check, made = (request.body for request in stage.endpoint.requests[1:])
    assert (check["output_img"], made["output_img"]) == (False, True)
    assert (check["mh_select_seed"], made["mh_select_seed"]) == (seed, seed)
    assert made["messages"] == [{"role": "user", "content": "draw me a fox, make it darker"}]
    recipe = read_recipe(await download(stage, second))
    assert recipe is not None
    assert (recipe.prompt, recipe.parameters.seed) == ("draw me a fox, make it darker", seed)
    # The model is told of both, with what they were made of.
    await stage.answer(await stage.mention("what did you draw for me?"))
    told = str(stage.endpoint.requests[-1].body["messages"])
    assert f"seed {seed}" in told
    assert "make it darker" in told


async def test_a_card_that_a_moderator_deletes_takes_its_picture_from_the_disk(stage: Stage) -> None:
    turn, card = await draw(stage, stage.alice, "a fox")
    assert card is not None
    name = f"{turn}-0.png"
    assert name in kept_pictures(stage)
    await stage.discord.world.delete(stage.alice, card)
    async with asyncio.timeout(45):
        while True:
            if name not in kept_pictures(stage):
                break
            await asyncio.sleep(0.02)
    assert await stage.rows("SELECT 1 FROM drawings WHERE turn_id = ?", turn) == []
