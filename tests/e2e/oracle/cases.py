"""The catalogue: what Discord refuses, in which way was asked, and how far the answer is by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.discord import LocalDiscord
from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message
from sandbox.discord.traffic.catalogue import refuse
from sandbox.discord.traffic.faults import Fault
from sandbox.endpoint.script.replies import Chunk, Reply, reply
from sandbox.endpoint.script.samples import encode_event, envelope
from tests.e2e.agreement import by_bot
from tests.e2e.conftest import Stage
from tests.e2e.kill_scenes import Gate
from tests.e2e.kills.kill_points_elsewhere import PNG

EVIL = "evil.example"
WRITES = r"/(channels|webhooks)/.*/messages"
PAGE = "".join(f"Sentence number {n} of a page. " for n in range(60))
"""A little less than one message holds."""
FORBIDDEN = {"code": 50013, "message": "Missing Permissions"}
UNKNOWN_FORM = {"code": 50035, "message": "Invalid Form Body"}


def everything(**answer: object) -> Callable[[LocalDiscord], object]:
    """Have Discord answer so to all that writes."""
    return lambda discord: discord.faults.add(
        *(Fault(method=method, path=WRITES, **answer) for method in ("POST", "PATCH"))  # type: ignore[arg-type]  # fields
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """``begin`` has Discord refuse something. ``lasting``: nothing can be written any more as long as it does."""

    begin: Callable[[LocalDiscord], object]
    lasting: bool = False


REFUSED: dict[str, Refused] = {
    "harmful link": Refused(begin=lambda discord: discord.refuse_text(EVIL, code=240000)),
    "automod": Refused(begin=lambda discord: discord.refuse_text(EVIL, code=200000)),
    "too long": Refused(begin=lambda discord: discord.faults.add(refuse("too_long", text=EVIL))),
    "unknown form": Refused(
        begin=lambda discord: discord.faults.add(Fault(path=WRITES, status=400, json=UNKNOWN_FORM, text=EVIL))
    ),
    "components": Refused(begin=lambda discord: discord.refuse("components")),
    "new messages": Refused(begin=lambda discord: discord.refuse("new_messages")),
    "followups": Refused(begin=lambda discord: discord.refuse("followups", where="everywhere")),
    "edits": Refused(begin=lambda discord: discord.refuse("edits")),
    "archived": Refused(
        begin=lambda discord: discord.faults.add(
            refuse("archived", where="everywhere"),
            Fault(method="PATCH", path=r"/channels/\d+$", status=403, json=FORBIDDEN),
        ),
        lasting=True,
    ),
    "all for a moment": Refused(begin=everything(status=403, json=FORBIDDEN, for_s=1.2)),
    "all": Refused(begin=everything(status=403, json=FORBIDDEN), lasting=True),
    "token": Refused(begin=lambda discord: discord.refuse("token")),
    "503 for a moment": Refused(begin=everything(status=503, for_s=2.0)),
    "network for a moment": Refused(begin=everything(reset=True, for_s=2.0)),
    "500": Refused(begin=everything(status=500), lasting=True),
}


class Asked(StrEnum):
    """How it was asked."""

    MENTION = "mention"
    ASK = "ask"
    DRAW = "draw"


class Place(StrEnum):
    """How far the answer is when Discord begins to refuse."""

    FIRST = "first message"
    MIDDLE = "middle"
    LAST = "last page"


BEFORE = {Place.FIRST: "", Place.MIDDLE: "It begins here.\n-# with a line\nand more ", Place.LAST: f"{PAGE}{PAGE}"}
BEHIND = f"then {EVIL} comes. {PAGE}The end."


async def ask(stage: Stage, refused: Refused, asked: Asked, place: Place) -> tuple[Message | Interaction, str]:
    """Ask, and have Discord refuse it at that place; returns what was asked and all that the model wrote."""
    if asked is Asked.DRAW:
        return await _draw(stage, refused, place), ""
    go = asyncio.Event()
    before = BEFORE[place]
    stage.endpoint.script(_streamed(before, BEHIND, go))
    if place is Place.FIRST:
        refused.begin(stage.discord)
    turn = await _asked(stage, asked, "talk")
    if before:
        end = before.strip()[-20:]
        await stage.until(lambda: any(end in message.content for message in by_bot(stage)))
        refused.begin(stage.discord)
    go.set()
    return turn, before + BEHIND


async def _draw(stage: Stage, refused: Refused, place: Place) -> Interaction:
    """Draw; a drawing is one message: in its middle the picture comes, at its end its card would be put there."""
    gate = Gate()
    stage.endpoint.script(Reply(to="picture", before=gate, content_type="image/png", chunks=(Chunk(data=PNG),)))
    if place is Place.FIRST:
        refused.begin(stage.discord)
    turn = await _asked(stage, Asked.DRAW, f"a fox at {EVIL}" if place is Place.FIRST else "a fox")
    if place is not Place.FIRST:
        async with asyncio.timeout(45):
            await gate.reached.wait()
        refused.begin(stage.discord)
    gate.set()
    assert isinstance(turn, Interaction)
    return turn


async def _asked(stage: Stage, asked: Asked, prompt: str) -> Message | Interaction:
    if asked is Asked.MENTION:
        return await stage.mention(prompt)
    return await stage.discord.world.slash(stage.alice, stage.general, asked.value, {"prompt": prompt})


def _streamed(before: str, behind: str, go: asyncio.Event) -> Reply:
    words = [f"{word} " for word in behind.split(" ")]
    words[-1] = words[-1].rstrip()
    begun = [Chunk(data=encode_event(envelope(before), "sse"))] if before else []
    first, *more = words
    rest = [Chunk(data=encode_event(envelope(word), "sse"), delay_s=0.002) for word in more[:-1]]
    return reply(
        *begun,
        Chunk(data=encode_event(envelope(first), "sse"), after=go),
        *rest,
        encode_event(envelope(more[-1], finish="stop"), "sse"),
    )
