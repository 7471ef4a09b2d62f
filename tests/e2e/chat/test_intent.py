"""The intent check: how many calls are made, and what each says of drawing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Stage, open_stage
from tests.fakes.words import worded


def told(stage: Stage) -> list[bool]:
    """What each call said in ``output_img``."""
    return [request.body["output_img"] for request in stage.endpoint.requests]


@pytest.mark.parametrize(
    ("environment", "text", "calls", "drawn"),
    [
        ({}, "draw me a fox", [True], True),
        ({}, "hello", [True], False),
        ({"DEFAULT_INTENT_CHECK": "always"}, "draw me a fox", [False, True], True),
        ({"DEFAULT_INTENT_CHECK": "always"}, "hello", [False], False),
        ({"DEFAULT_INTENT_CHECK": "never"}, "draw me a fox", [True], True),
        ({"DEFAULT_DRAWING_ALLOWED": "off"}, "draw me a fox", [False], False),
        ({"DEFAULT_DRAWING_ALLOWED": "off"}, "hello", [False], False),
        ({"DEFAULT_DRAWING_ALLOWED": "off", "DEFAULT_INTENT_CHECK": "never"}, "draw me a fox", [False], False),
    ],
)
async def test_calls(tmp_path: Path, environment: dict[str, str], text: str, calls: list[bool], drawn: bool) -> None:
    async with open_stage(tmp_path, start=True, **environment) as stage:
        prompt = await stage.mention(text)
        reply = await stage.answer(prompt)
        assert told(stage) == calls
        assert bool(reply.attachments) is drawn
        assert len(stage.discord.world.replies_to(prompt)) == 1
        if text != "hello" and not drawn:
            assert worded("drawing_denied.switched_off") in reply.content


async def test_the_second_call_is_the_first_with_drawing(tmp_path: Path) -> None:
    async with open_stage(tmp_path, DEFAULT_INTENT_CHECK="always") as stage:
        await stage.answer(await stage.mention("draw me a fox"))
        first, second = (dict(request.body) for request in stage.endpoint.requests)
        assert (first.pop("output_img"), second.pop("output_img")) == (False, True)
        assert first == second
