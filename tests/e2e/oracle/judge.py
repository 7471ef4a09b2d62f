"""The oracle: after a turn, what stands on Discord, what the database has and what the next prompt says agree."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.page.display import Display
from sandbox.discord.state.interaction import Interaction
from sandbox.discord.state.records import Message
from tests.e2e.agreement import buttons, by_bot, shown_text
from tests.e2e.conftest import Stage

WARNED = "⚠️"
"""What every word about trouble begins with, and the sign on a question whose answer can't be brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was found: how the turn ended, what is kept of its answer, and whether all of it stands."""

    state: str
    text: str
    whole: bool
    words: bool
    """Whether the person was told of trouble, anywhere."""


async def judge(stage: Stage, asked: Message | Interaction, written: str) -> Told:
    """Compare the three, once the turn has ended; ``written`` is all that the model wrote.

    Faults that still stand end first: what is asked next must be answered. Raises ``AssertionError``.
    """
    state = await stage.ended(asked.id)
    stage.discord.allow()
    pages = by_bot(stage)
    for page in pages:
        assert not page.loading, "a reply that says for ever that it comes"
        assert "stop" not in buttons(page), f"a running button under an answer that has ended: {page.content[-200:]}"
    ((text, reply_ids),) = await stage.rows("SELECT text, reply_ids FROM turns WHERE id = ?", asked.id)
    text = str(text)
    assert {page.id for page in pages} <= {int(each) for each in str(reply_ids).split()}, "a message of no turn"
    assert written.startswith(text), f"kept, and never written: {text[-200:]}"
    assert shown_text(pages) == _displayed(text), "what stands is not what is kept"
    told = await _told(stage, text)
    if text.strip():
        assert told == [text.strip()], "the model is told something else than what stands"
    else:
        assert not (written and any(written[:20] in each for each in told)), "the model is told what nobody has seen"
    return Told(state=state, text=text, whole=text.strip() == written.strip(), words=_words(pages, asked))


def _displayed(text: str) -> str:
    """What is shown of a text, without its blanks."""
    display = Display()
    return "".join(f"{display.push(text)}{display.finish()}".split())


async def _told(stage: Stage, text: str) -> list[str]:
    """Ask another question in the channel; returns what the model is told that it has said."""
    stage.endpoint.clear()
    before = len(stage.endpoint.requests)
    following = await stage.mention("and now?")
    await stage.ended(following.id)
    request = stage.endpoint.requests[before]
    said = [str(one["content"]) for one in request.body["messages"] if one["role"] == "assistant"]
    return said if text.strip() else [str(one["content"]) for one in request.body["messages"]]


def _words(pages: list[Message], asked: Message | Interaction) -> bool:
    if any(WARNED in page.content for page in pages):
        return True
    if isinstance(asked, Interaction):
        return any(one.ephemeral and WARNED in one.content for one in asked.followups.values())
    return WARNED in asked.reactions
