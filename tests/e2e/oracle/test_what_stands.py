"""Whatever Discord refuses: a reply ends in words, and the memory holds up to exactly what was shown."""

from __future__ import annotations

import pytest

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
    told = await judge(stage, turn, written)
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
        await stage.until(lambda page=page: "stop" not in buttons(page))  # type: ignore[misc]  # bound at once


@pytest.mark.parametrize(("name", "asked", "place"), QUICK, ids=str)
async def test_after_a_refusal_all_agree(stage: Stage, name: str, asked: Asked, place: Place) -> None:
    await holds(stage, name, asked, place)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "asked", "place"), [case for case in MATRIX if case not in QUICK], ids=str)
async def test_after_every_other_refusal_all_agree(stage: Stage, name: str, asked: Asked, place: Place) -> None:
    await holds(stage, name, asked, place)
