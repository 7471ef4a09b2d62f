"""One user who asks without end takes nothing from the others."""

from __future__ import annotations

from pathlib import Path

from bot.services.queue.coordinator import TURNS_OF_A_USER
from sandbox.endpoint.script.samples import SAMPLES
from tests.e2e.conftest import open_stage
from tests.fakes.words import worded

CHANNELS, QUESTIONS, WAITING = 6, 4, 10
AT_ONCE = 16
"""Fewer than the user asks for: without a share, they would take all."""


async def test_a_user_s_many_silent_answers_leave_another_theirs_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path, TURNS_AT_ONCE=str(AT_ONCE)) as stage:
        normal, stage.endpoint.default = stage.endpoint.default, SAMPLES["stalled_midway"]()
        world = stage.discord.world
        prompts = []
        for _ in range(CHANNELS):
            stage.new_general()
            prompts += [await stage.mention(f"question {number}") for number in range(QUESTIONS)]

        def shown() -> list[str]:
            return [reply.content if (reply := world.reply_to(prompt)) else "" for prompt in prompts]

        await stage.until(lambda: all(shown()))
        said = shown()
        assert sum(text.startswith("Hel") for text in said) == len(stage.endpoint.requests) == TURNS_OF_A_USER
        assert sum(worded("refusal.busy") in text for text in said) == len(prompts) - TURNS_OF_A_USER - WAITING
        places = [f"-# {worded('reply.waiting', place=str(place))}" for place in range(1, QUESTIONS + 1)]
        assert sum(text in places for text in said) == WAITING
        stage.endpoint.default = normal
        bob = world.person("bob")
        for channel in (stage.general, world.channel("code")):
            prompt = await stage.mention("hello", user=bob, channel=channel)
            assert "⚠️" not in (await stage.answer(prompt, timeout_s=10)).content
