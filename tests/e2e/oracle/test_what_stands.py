"""Whatever Discord refuses: a reply ends in words, and the memory holds up to exactly what was shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.conftest import Stage
from tests.e2e.oracle.cases import Asked, Place
from tests.e2e.oracle.judge import judge
from tests.e2e.oracle.matrix import QUICK, holds


@pytest.mark.parametrize(("name", "asked", "place"), QUICK, ids=str)
async def test_after_a_refusal_all_agree(stage: Stage, name: str, asked: Asked, place: Place) -> None:
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
