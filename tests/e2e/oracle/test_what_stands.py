"""Whatever Discord refuses: a reply ends in words, and the memory holds up to exactly what was shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from sandbox.discord.state.records import Message
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.agreement import buttons, by_bot
from tests.e2e.conftest import Stage
from tests.e2e.oracle.cases import REFUSED, Asked, Place, ask
from tests.e2e.oracle.judge import judge

QUICK = [
    ("harmful link", Asked.MENTION, Place.MIDDLE),
    ("harmful link", Asked.ASK, Place.FIRST),
    ("automod", Asked.MENTION, Place.LAST),
    ("harmful link", Asked.DRAW, Place.FIRST),
    ("new messages", Asked.MENTION, Place.LAST),
    ("followups", Asked.ASK, Place.LAST),
    ("components", Asked.ASK, Place.MIDDLE),
    ("all for a moment", Asked.MENTION, Place.MIDDLE),
]
MATRIX = [(name, asked, place) for name in REFUSED for asked in Asked for place in Place]


async def holds(stage: Stage, name: str, asked: Asked, place: Place) -> None:
    refused = REFUSED[name]
    turn, written = await ask(stage, refused, asked, place)
    await stage.ended(turn.id, timeout_s=90)
    if refused.lasting:
        await mend(stage)
    mute = refused.mute and asked is not Asked.MENTION
    told = await judge(stage, turn, written, mute=mute)
    if mute:
        return
    if asked is not Asked.DRAW:
        assert told.whole or told.words, "the person is told nothing"
        assert told.whole == (told.state == "complete"), told
    else:
        assert told.words or any(page.attachments for page in by_bot(stage)), "neither pictures nor words"


async def mend(stage: Stage) -> None:
    """Press the button that was left, once Discord takes something again, as a person does who still sees it."""
    stage.discord.allow()
    for page in by_bot(stage):
        if (stop := buttons(page).get("stop")) is None:
            continue
        await stage.discord.world.click(stage.alice, page, stop)
        await stage.until(lambda: _ended(by_bot(stage)))


def _ended(pages: list[Message]) -> bool:
    shown = [buttons(page) for page in pages]
    return any("delete" in each for each in shown) and not any("stop" in each for each in shown)


@pytest.mark.parametrize(("name", "asked", "place"), QUICK, ids=str)
async def test_after_a_refusal_all_agree(stage: Stage, name: str, asked: Asked, place: Place) -> None:
    await holds(stage, name, asked, place)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "asked", "place"), [case for case in MATRIX if case not in QUICK], ids=str)
async def test_after_every_other_refusal_all_agree(stage: Stage, name: str, asked: Asked, place: Place) -> None:
    await holds(stage, name, asked, place)


def kept(stage: Stage, table: str, key: str, message_id: int) -> None:
    """Have the database keep more of an answer than was shown."""
    with closing(sqlite3.connect(stage.database, timeout=10)) as connection, connection:
        connection.execute(f"UPDATE {table} SET text = text || ' and more' WHERE {key} = ?", (message_id,))  # no input


@pytest.mark.parametrize("wrong", ["kept", "remembered", "shown", "running"])
async def test_the_oracle_sees_what_does_not_agree(stage: Stage, wrong: str) -> None:
    stage.endpoint.script(SAMPLES["streamed"]())
    prompt = await stage.mention("hello")
    reply = await stage.answer(prompt)
    match wrong:
        case "kept":
            kept(stage, "turns", "id", prompt.id)
        case "remembered":
            kept(stage, "messages", "id", reply.id)
        case "shown":
            reply.content += " and more"
        case _:
            reply.components[0]["components"][0]["custom_id"] = f"reply:stop:{prompt.id}"
    with pytest.raises(AssertionError):
        await judge(stage, prompt, "Hello, world. and more")
