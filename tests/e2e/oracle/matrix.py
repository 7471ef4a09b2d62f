"""Each fault of the catalogue, in each way of asking, at each place of an answer; and what holds after it."""

from __future__ import annotations

from sandbox.discord.state.records import Message
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
"""Those that every run of the tests tries."""


def others(asked: Asked) -> list[tuple[str, Asked, Place]]:
    """List what takes minutes, of one way of asking: each has a file of its own, so that workers share them."""
    matrix = [(name, asked, place) for name in REFUSED for place in Place]
    return [case for case in matrix if case not in QUICK]


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
