"""Messages that nobody said to the bot: answered where the place wants it and the operator has the intent."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from bot.domain.messages import Place
from bot.domain.turns import Ask
from bot.presentation.replies import ReplyDesk
from bot.services.chat import ChatService
from cogs.chat import ChatCog
from tests.unit.presentation.discord_objects import ME, MENTION_OF_ME, Offline, payload, user


class FakeService:
    """A chat service that keeps what it was asked; ``listening`` is the place's setting."""

    def __init__(self, *, listening: bool) -> None:
        self.listening = listening
        self.asked: list[Ask] = []
        self.places: list[Place] = []

    async def respond(self, ask: Ask, sink: object) -> None:
        self.asked.append(ask)

    async def wants_thread(self, ask: Ask) -> bool:
        return False

    async def listens(self, place: Place) -> bool:
        self.places.append(place)
        return self.listening


class FakeDesk:
    """Opens nothing."""

    def to_prompt(self, ask: Ask) -> object:
        return object()


async def hear(content: str, *, listening: bool = True, intent: bool = True, **changes: Any) -> FakeService:
    """Let a cog hear one message."""
    offline = Offline()
    offline.client._connection._intents = discord.Intents(guilds=True, guild_messages=True, message_content=intent)
    service = FakeService(listening=listening)
    cog = ChatCog(offline.client, cast("ChatService", service), cast("ReplyDesk", FakeDesk()))
    await cog.on_message(offline.message(payload(50, content, **changes)))
    return service


async def test_what_nobody_said_to_the_bot_is_answered_where_the_place_wants_it() -> None:
    service = await hear("hello")
    assert [(ask.text, ask.overheard) for ask in service.asked] == [("hello", True)]
    assert (await hear("hello", listening=False)).asked == []


async def test_what_is_said_to_the_bot_is_no_question_of_the_setting() -> None:
    service = await hear(f"<@{ME}> hello", listening=False, mentions=[MENTION_OF_ME])
    assert [ask.overheard for ask in service.asked] == [False]
    assert service.places == []


async def test_without_the_intent_nothing_is_looked_up() -> None:
    service = await hear("hello", intent=False)
    assert (service.asked, service.places) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"author": user(77, "Robot", bot=True)},
        {"webhook_id": "99"},
        {"type": discord.MessageType.new_member.value},
        {"content": ""},
    ],
    ids=["a_bot", "a_webhook", "discord_s_own", "nothing"],
)
async def test_what_is_never_answered(changes: dict[str, Any]) -> None:
    service = await hear(changes.pop("content", "hello"), **changes)
    assert (service.asked, service.places) == ([], [])
