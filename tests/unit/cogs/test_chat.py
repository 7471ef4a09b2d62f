"""Which messages and commands become turns."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

import discord
import pytest

from bot.domain.model.request import Mode
from bot.domain.turn.ask import Ask
from bot.domain.turn.proxies import Said
from bot.errors import Refusal
from bot.presentation.inbound.lookup import ChannelLookup
from bot.presentation.reply.desk import ReplyDesk
from bot.services.chat.service import ChatService
from bot.services.history.edited import EditedQuestions
from bot.services.history.proxies import ProxyService
from cogs import chat
from cogs.chat import QUESTIONS_AT_ONCE, ChatCog
from tests.unit.presentation.discord_objects import (
    CHANNEL,
    ME,
    MENTION_OF_ME,
    STRANGE,
    THREAD,
    Offline,
    payload,
    reply_to,
    user,
)

EDITED = "2026-01-01T00:00:05+00:00"
AT_ME = f"<@{ME}>"


class FakeService:
    """The chat service: keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.refused: list[Refusal] = []

    async def respond(self, ask: Ask, sink: object, *, open_thread: object = None) -> None:
        self.asked.append(ask)

    async def refuse(self, ask: Ask, sink: object, reason: Refusal) -> None:
        self.refused.append(reason)


class FakeEdited:
    """Knows which edited messages have no turn yet."""

    def __init__(self) -> None:
        self.looked_up: list[Ask] = []
        self.new = True

    async def is_new(self, ask: Ask) -> bool:
        self.looked_up.append(ask)
        return self.new


class FakeProxies:
    """Keeps what people ask and what webhooks say."""

    def __init__(self) -> None:
        self.typed: list[Said] = []
        self.heard: list[tuple[Said, str]] = []

    def asked(self, said: Said) -> None:
        self.typed.append(said)

    def repeated(self, said: Said, name: str) -> None:
        self.heard.append((said, name))


class FakeDesk:
    """Opens nothing; says whether a command could be acknowledged."""

    def __init__(self) -> None:
        self.acknowledges = True

    def to_prompt(self) -> object:
        return object()

    def thread_opener(self, message: discord.Message) -> nullcontext[None]:
        return nullcontext()

    def to_interaction(self, interaction: discord.Interaction[Any], ask: Ask) -> object:
        return object()

    async def acknowledge(self, interaction: discord.Interaction[Any]) -> bool:
        return self.acknowledges


class Stage:
    """The cog between fakes."""

    def __init__(self, offline: Offline) -> None:
        self.offline = offline
        self.service = FakeService()
        self.desk = FakeDesk()
        self.edited = FakeEdited()
        self.proxies = FakeProxies()
        self.chat = ChatCog(
            offline.client,
            cast("ChatService", self.service),
            cast("EditedQuestions", self.edited),
            cast("ProxyService", self.proxies),
            cast("ReplyDesk", self.desk),
            ChannelLookup(offline.client),
        )

    async def says(self, content: str, **changes: Any) -> None:
        await self.chat.on_message(self.offline.message(payload(50, content, **changes)))

    async def edits(self, content: str, **changes: Any) -> None:
        data = payload(50, content, **{"edited_timestamp": EDITED, **changes})
        await self.chat.on_raw_message_edit(
            discord.RawMessageUpdateEvent(cast("Any", data), self.offline.message(data))
        )

    async def use(self, command: Any, cog: object, prompt: str) -> None:
        await command.callback(cog, self.offline.interaction(), prompt)


@pytest.fixture
async def stage() -> Stage:
    return Stage(Offline())


async def test_a_mention_becomes_a_turn(stage: Stage) -> None:
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert [ask.text for ask in stage.service.asked] == ["hello"]


async def test_questions_that_come_faster_than_anybody_asks_are_left_out_in_silence(stage: Stage) -> None:
    for _ in range(QUESTIONS_AT_ONCE + 5):
        await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert len(stage.service.asked) == QUESTIONS_AT_ONCE
    assert stage.service.refused == []


async def test_what_is_not_meant_for_the_bot_is_left_alone(stage: Stage) -> None:
    await stage.says("hello")
    assert stage.service.asked == []
    assert stage.service.refused == []


async def test_where_an_unknown_thread_is_is_asked_before_its_question_is_taken_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []

    async def fetch_channel(channel_id: int) -> discord.Thread | None:
        looked_up.append(channel_id)
        return stage.offline.guild.get_thread(THREAD)

    monkeypatch.setattr(stage.offline.client, "fetch_channel", fetch_channel)
    await stage.says("said to nobody", channel_id=str(STRANGE))
    assert looked_up == []
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME], channel_id=str(STRANGE))
    assert looked_up == [STRANGE]
    (asked,) = stage.service.asked
    assert (asked.place.channel_id, asked.place.parent_id, asked.place.certain) == (STRANGE, CHANNEL, True)


async def test_nothing_is_answered_before_the_bot_knows_itself(stage: Stage) -> None:
    stage.offline.client._connection.user = None
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert stage.service.asked == []


async def test_where_the_bot_may_not_write_nothing_is_asked_of_the_model() -> None:
    stage = Stage(Offline(permissions=str(discord.Permissions(view_channel=True).value)))
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert stage.service.asked == []


async def test_a_reply_that_discord_does_not_show_is_answered_with_what_to_do(stage: Stage) -> None:
    await stage.says("", **reply_to(payload(40, "an answer", author=user(ME, "Fusion"))))
    assert stage.service.refused == [Refusal.UNREADABLE]
    assert stage.service.asked == []


async def test_a_reply_to_a_command_s_answer_is_told_that_it_never_pings(stage: Stage) -> None:
    await stage.says("", **reply_to(payload(40, "an answer", author=user(ME, "Fusion"), type=20)))
    assert stage.service.refused == [Refusal.NEVER_PINGS]


async def test_a_message_that_is_edited_into_a_question_becomes_a_turn(stage: Stage) -> None:
    await stage.says("what is a fox?")
    await stage.edits(f"{AT_ME} what is a fox?", mentions=[MENTION_OF_ME])
    assert [(ask.id, ask.text) for ask in stage.service.asked] == [(50, "what is a fox?")]
    assert stage.service.asked[0].edited_at is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"edited_timestamp": None},
        {"mentions": []},
        {"webhook_id": "13", "author": user(13, "Hook")},
        {"author": user(12, "Robot", bot=True)},
        {"content": "", "mentions": [], **reply_to(payload(40, "an answer", author=user(ME, "Fusion")))},
    ],
    ids=["no edit", "to nobody", "a webhook", "a bot", "a reply without the ping"],
)
async def test_no_other_update_is_a_question(stage: Stage, changes: dict[str, Any]) -> None:
    await stage.edits(**{"content": f"{AT_ME} hello", "mentions": [MENTION_OF_ME], **changes})
    assert (stage.service.asked, stage.service.refused, stage.edited.looked_up) == ([], [], [])


async def test_an_edit_of_a_question_that_has_a_turn_is_none(stage: Stage) -> None:
    stage.edited.new = False
    await stage.edits(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert [ask.id for ask in stage.edited.looked_up] == [50]
    assert stage.service.asked == []


async def test_a_message_that_comes_behind_its_own_edit_is_read_as_it_is_now(stage: Stage) -> None:
    stage.edited.new = False
    young = str(discord.utils.time_snowflake(discord.utils.utcnow()))
    await stage.edits("never mind", id=young)
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME], id=young)
    assert stage.service.asked == []
    await stage.edits(f"{AT_ME} good day", mentions=[MENTION_OF_ME], id=young)
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME], id=young)
    assert [ask.text for ask in stage.service.asked] == ["good day"]
    await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME])
    assert [ask.text for ask in stage.service.asked] == ["good day", "hello"]


async def test_of_few_young_messages_is_known_how_they_are_now(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MOST_YOUNG", 2)
    now = discord.utils.time_snowflake(discord.utils.utcnow())
    for number in range(3):
        await stage.edits("never mind", id=str(now + number))
    for number in range(3):
        await stage.says(f"{AT_ME} hello", mentions=[MENTION_OF_ME], id=str(now + number))
    assert [ask.id for ask in stage.service.asked] == [now]


async def test_a_webhook_is_never_answered_and_may_say_again_what_somebody_asked(stage: Stage) -> None:
    await stage.says(f"L: {AT_ME} hello", mentions=[MENTION_OF_ME])
    hook = {
        "webhook_id": "13",
        "application_id": "14",
        "author": user(13, "Luna", bot=True),
        "mentions": [MENTION_OF_ME],
    }
    await stage.says(f"{AT_ME} hello", **hook, id="51")
    assert [ask.id for ask in stage.service.asked] == [50]
    assert stage.proxies.typed == [Said(id=50, channel_id=CHANNEL, text=f"L: {AT_ME} hello")]
    assert stage.proxies.heard == [(Said(id=51, channel_id=CHANNEL, text=f"{AT_ME} hello", by=14), "Luna")]
    await stage.says("its own answer", webhook_id=str(ME), author=user(ME, "Fusion"))
    assert len(stage.proxies.heard) == 1


async def test_another_bot_s_answer_to_a_command_is_none_of_a_proxy_s(stage: Stage) -> None:
    command = {"id": "77", "type": 2, "user": user(12, "Bob"), "authorizing_integration_owners": {}}
    hook = {"webhook_id": "13", "application_id": "14", "author": user(13, "Dice", bot=True)}
    await stage.says("you threw a six", **hook, interaction_metadata=command)
    ((heard, _),) = stage.proxies.heard
    assert heard.by is None


async def test_a_reply_with_the_ping_would_come_hidden_by_a_webhook(stage: Stage) -> None:
    before = payload(40, "an answer", author=user(ME, "Fusion"))
    await stage.says("and then?", mentions=[MENTION_OF_ME], **reply_to(before))
    assert [said.hidden_again for said in stage.proxies.typed] == [True]


async def test_a_command_becomes_a_turn(stage: Stage) -> None:
    await stage.use(ChatCog.ask, stage.chat, "hello")
    assert [(ask.mode, ask.text) for ask in stage.service.asked] == [(Mode.CHAT, "hello")]


async def test_a_command_that_can_not_be_acknowledged_any_more_is_left(stage: Stage) -> None:
    stage.desk.acknowledges = False
    await stage.use(ChatCog.ask, stage.chat, "hello")
    assert stage.service.asked == []
