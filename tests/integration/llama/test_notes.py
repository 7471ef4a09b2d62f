"""What a small model makes of the notes in a prompt; docs/architecture.md has the figures of other forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.chat.prompt import build_prompt
from bot.domain.history.messages import Asked, HistoryMessage, Kind
from bot.domain.model.events import TextDelta
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode, ModelRequest, Sampling
from tests.integration.llama.conftest import LIKELIEST, Make

pytestmark = pytest.mark.asyncio(loop_scope="module")
PERSONA = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""What the model was trained with."""
RECIPE = "a red fox in the snow{} (model Artist_V0.1.3, 960x960, seed 42, steps 20, scale 7)"


def line(number: int, text: str, *, bot: bool = False, kind: Kind = Kind.TEXT) -> HistoryMessage:
    return HistoryMessage(
        id=number,
        channel_id=1,
        guild_id=1,
        author_id=0 if bot else 1,
        author_name="Ann",
        role=Role.ASSISTANT if bot else Role.USER,
        text=text,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        kind=kind,
        reply_to=number - 1 if bot else None,
        asked=None if bot else Asked.ENDED,
    )


DRAWN = (
    line(1, "draw a red fox in the snow"),
    line(2, RECIPE.format(""), bot=True, kind=Kind.DRAWING),
    line(3, "make it darker"),
    line(4, RECIPE.format(", make it darker"), bot=True, kind=Kind.DRAWING),
)
FAILED = (line(1, "Who wrote the play Hamlet?"), line(2, "How many legs does a spider have?"))


async def answer(make: Make, history: tuple[HistoryMessage, ...], question: str) -> str:
    """Ask for a short answer, in the model's own words, nothing cleaned."""
    prompt = replace(line(9, question), asked=Asked.UNDER_WAY)
    request = ModelRequest(
        mode=Mode.CHAT,
        messages=build_prompt((*history, prompt), budget_messages=20, budget_tokens=2000),
        persona=PERSONA,
        user_key="somebody",
        sampling=Sampling(temperature=LIKELIEST, max_new_tokens=24),
    )
    async with make().stream(request) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])


@pytest.mark.parametrize("question", ["What is the capital of France?", "hi"])
async def test_a_channel_with_pictures_is_not_spoilt(make: Make, question: str) -> None:
    said = await answer(make, DRAWN, question)
    assert said.strip()
    assert not any(copied in said for copied in ("picture was", "Artist", "I drew", "Here you are", "2026"))


@pytest.mark.parametrize("question", ["What is the capital of France?", "hi"])
async def test_a_question_that_failed_is_not_answered_with_the_next(make: Make, question: str) -> None:
    said = await answer(make, FAILED, question)
    assert said.strip()
    assert not any(word in said.lower() for word in ("hamlet", "shakespeare", "spider", "legs", "no answer"))
