"""Interactions between fakes: what a cog answers, in which way, and what it starts."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.turn.ask import Ask
from bot.presentation.drawing.forms import KeptForm
from tests.unit.presentation.discord_objects import Offline


class Answers:
    """What somebody is told: ``told`` holds words and how they were said, ``modals`` the forms that were opened."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.modals: list[dict[str, Any]] = []
        self.failing: Exception | None = None
        self.done = False

    def is_done(self) -> bool:
        return self.done

    async def send_message(self, content: str, **how: Any) -> None:
        self._check()
        self.told.append((content, {**how, "by": "response"}))

    async def send(self, content: str, **how: Any) -> None:
        self._check()
        self.told.append((content, {**how, "by": "followup"}))

    async def send_modal(self, modal: discord.ui.Modal) -> None:
        self._check()
        self.modals.append(modal.to_dict())

    def _check(self) -> None:
        if self.failing is not None:
            raise self.failing


class FakeDesk:
    """Acknowledges, and opens nothing."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.acknowledged: list[dict[str, bool]] = []
        self.acknowledges = True
        self.kept: list[KeptForm | None] = []
        """The form that each answer would offer again."""

    async def acknowledge(self, _: discord.Interaction[Any], **how: bool) -> bool:
        self.acknowledged.append(how)
        self._answers.done = True
        return self.acknowledges

    def to_interaction(self, _: discord.Interaction[Any], ask: Ask, *, kept: KeptForm | None = None) -> int:
        self.kept.append(kept)
        return ask.id


class FakeDraw:
    """The drawing service: keeps what was asked for."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []

    async def draw(self, ask: Ask, sink: object) -> None:
        assert sink == ask.id
        self.asks.append(ask)


def heard(offline: Offline, answers: Answers, **changes: Any) -> discord.Interaction[Any]:
    """Make an interaction whose answers are kept."""
    interaction = offline.interaction(**changes)
    interaction._cs_response = interaction._cs_followup = answers  # type: ignore[attr-defined]  # where the library keeps them
    return interaction


def told_alone(answers: Answers) -> str:
    """What one person was told, to nobody else and without a ping; it has to be the one answer."""
    ((content, how),) = answers.told
    assert how["ephemeral"] is True
    assert how["allowed_mentions"].to_dict() == discord.AllowedMentions.none().to_dict()
    assert content.startswith("-# ⚠️ ")
    return content
