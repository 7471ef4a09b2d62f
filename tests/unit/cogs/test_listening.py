"""Messages that nobody said to the bot: answered where the place wants it and the operator has the intent."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

import discord
import pytest

from bot.domain.turn.ask import Ask
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.reply.desk import ReplyDesk
from bot.services.chat.service import ChatService
from bot.services.history.edited import EditedQuestions
from bot.services.history.proxies import ProxyService
from cogs.chat import ChatCog
from tests.unit.presentation.discord_objects import (
    ANN,
    BOB,
    ME,
    MENTION_OF_ME,
    ROLE,
    Offline,
    mentioned,
    payload,
    reply_to,
    user,
)

OF_ANN, OF_BOB = (payload(5, "before", author=user(*who)) for who in ((ANN, "Ann"), (BOB, "Bob")))


class FakeService:
    """A chat service that keeps what it was asked; whether the place listens is the service's to decide."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    async def respond(self, ask: Ask, sink: object, *, open_thread: object) -> None:
        self.asked.append(ask)


class FakeProxies:
    """Hears nothing."""

    def asked(self, said: object) -> None:
        pass

    def repeated(self, said: object, name: str) -> None:
        pass


class FakeDesk:
    """Opens nothing."""

    def to_prompt(self) -> object:
        return object()

    def thread_opener(self, message: discord.Message) -> nullcontext[None]:
        return nullcontext()


async def hear(content: str, *, intent: bool = True, **changes: Any) -> FakeService:
    """Let a cog hear one message."""
    offline = Offline()
    offline.client._connection._intents = discord.Intents(guilds=True, guild_messages=True, message_content=intent)
    service = FakeService()
    cog = ChatCog(
        offline.client,
        cast("ChatService", service),
        cast("EditedQuestions", None),
        cast("ProxyService", FakeProxies()),
        cast("ReplyDesk", FakeDesk()),
        ChannelLookup(offline.client),
    )
    await cog.on_message(offline.message(payload(50, content, **changes)))
    return service


async def test_what_nobody_said_to_the_bot_is_overheard() -> None:
    service = await hear("hello")
    assert [(ask.text, ask.overheard) for ask in service.asked] == [("hello", True)]


async def test_what_is_said_to_the_bot_is_no_question_of_the_setting() -> None:
    service = await hear(f"<@{ME}> hello", mentions=[MENTION_OF_ME])
    assert [ask.overheard for ask in service.asked] == [False]


async def test_a_reply_to_the_bot_without_the_ping_is_said_to_nobody() -> None:
    before = payload(40, "an answer", author=user(ME, "Fusion"))
    service = await hear("and then?", **reply_to(before))
    assert [(ask.text, ask.overheard) for ask in service.asked] == [("and then?", True)]
    assert (await hear("", **reply_to(before))).asked == [], "nothing is in it, and nothing is hidden"


async def test_without_the_intent_nothing_is_looked_up() -> None:
    service = await hear("hello", intent=False)
    assert service.asked == []


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
    assert service.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mentions": [mentioned(BOB, "Bob")]},
        {"mention_roles": [str(ROLE)]},
        {"mention_everyone": True},
        reply_to(OF_BOB),
        {**reply_to(OF_BOB), "mentions": [mentioned(BOB, "Bob")]},
        reply_to(None),
    ],
    ids=[
        "mentions_somebody",
        "mentions_a_role",
        "mentions_everyone",
        "a_reply",
        "a_reply_with_ping",
        "to_what_is_gone",
    ],
)
async def test_what_is_said_to_others_is_theirs(changes: dict[str, Any]) -> None:
    service = await hear("hello", **changes)
    assert service.asked == []


@pytest.mark.parametrize(
    "changes",
    [reply_to(OF_ANN), {"mentions": [mentioned(ANN, "Ann")]}],
    ids=["a_reply_to_oneself", "one_s_own_name"],
)
async def test_who_goes_on_with_their_own_words_is_answered(changes: dict[str, Any]) -> None:
    assert len((await hear("hello", **changes)).asked) == 1


async def test_what_is_said_to_others_and_to_the_bot_is_answered() -> None:
    service = await hear(f"<@{ME}> and <@{BOB}>", mentions=[MENTION_OF_ME, mentioned(BOB, "Bob")])
    assert [ask.overheard for ask in service.asked] == [False]
