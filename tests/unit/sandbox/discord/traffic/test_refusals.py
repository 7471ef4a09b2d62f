"""What Discord refuses by name: text, components, new messages, edits; by which way, how often and how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.discord import LocalDiscord
from sandbox.discord.state.interaction import Interaction, State
from sandbox.discord.traffic.catalogue import REFUSALS, Where, parse_faults, refuse, refuse_text
from sandbox.discord.traffic.faults import Fault, Faults
from tests.unit.sandbox.discord.conftest import FakeClock

AUTOMOD = {"message": "Message was blocked by automatic moderation", "code": 200000}
HARMFUL = {"message": "Message blocked by harmful links filter", "code": 240000}
BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "go", "label": "Go"}]}


class Bot:
    """Calls a local Discord as its bot."""

    def __init__(self, discord: LocalDiscord, session: ClientSession) -> None:
        self.discord = discord
        self.session = session
        self.general = discord.world.channel("general")
        self.messages = f"/channels/{self.general.id}/messages"

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.discord.token}"}
        url = self.discord.api_base + path
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            return answer.status, None if answer.status == 204 else await answer.json()

    async def sent(self, content: str = "hello") -> str:
        status, body = await self("POST", self.messages, {"content": content})
        assert status == 200
        return f"{self.messages}/{body['id']}"

    async def used(self) -> Interaction:
        world = self.discord.world
        await self("POST", f"/applications/{world.bot.id}/commands", {"name": "ask", "description": "Ask"})
        return await world.slash(world.person("bob"), self.general, "ask")


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with LocalDiscord(port=0) as discord, ClientSession() as session:
        yield Bot(discord, session)


async def test_a_text_is_refused_wherever_a_bot_would_post_it(bot: Bot) -> None:
    message = await bot.sent()
    bot.discord.refuse_text("evil.example", code=240000)
    evil: dict[str, Any] = {"content": "see https://EVIL.example/x"}
    assert await bot("POST", bot.messages, evil) == (400, HARMFUL)
    assert await bot("PATCH", message, evil) == (400, HARMFUL)
    assert await bot("POST", bot.messages, {"embeds": [{"title": "t", "description": "evil.example"}]}) == (
        400,
        HARMFUL,
    )
    v2 = {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "evil.example"}]}]}
    assert await bot("POST", bot.messages, v2) == (400, HARMFUL)
    assert (await bot("POST", bot.messages, {"content": "fine"}))[0] == 200
    assert (await bot("PATCH", message, {"components": [BUTTON]}))[0] == 200, "an edit that brings no text"
    assert [one.fault for one in bot.discord.requests].count(True) == 4


async def test_answers_to_interactions_meet_the_filter_too_and_may_be_given_again(bot: Bot) -> None:
    used = await bot.used()
    bot.discord.refuse_text("evil")
    callback = f"/interactions/{used.id}/{used.token}/callback"
    hook = f"/webhooks/{bot.discord.world.bot.id}/{used.token}"
    assert await bot("POST", callback, {"type": 4, "data": {"content": "evil"}}) == (400, AUTOMOD)
    assert not used.answered, "nothing came of it"
    assert (await bot("POST", callback, {"type": 5}))[0] == 204
    assert await bot("PATCH", f"{hook}/messages/@original", {"content": "evil"}) == (400, AUTOMOD)
    assert used.state is State.THINKING, "it still waits"
    assert (await bot("PATCH", f"{hook}/messages/@original", {"content": "good"}))[0] == 200
    assert await bot("POST", hook, {"content": "evil"}) == (400, AUTOMOD)


async def test_people_may_say_what_bots_may_not(bot: Bot) -> None:
    bot.discord.refuse_text("evil")
    world = bot.discord.world
    assert (await world.say(world.person("bob"), bot.general, "evil")).content == "evil"


async def test_a_refusal_is_for_one_way_or_both(bot: Bot) -> None:
    message = await bot.sent()
    used = await bot.used()
    await bot("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 4, "data": {"content": "x"}})
    original = f"/webhooks/{bot.discord.world.bot.id}/{used.token}/messages/@original"
    for where, refused in (("channel", [403, 200]), ("webhook", [200, 403]), ("everywhere", [403, 403])):
        bot.discord.refuse("edits", where=where)
        assert [(await bot("PATCH", path, {"content": "y"}))[0] for path in (message, original)] == refused
        bot.discord.allow("edits")
    assert (await bot("PATCH", message, {"content": "z"}))[0] == 200


async def test_new_messages_are_refused_and_edits_go_on(bot: Bot) -> None:
    message = await bot.sent()
    bot.discord.refuse("new_messages", times=1)
    assert await bot("POST", bot.messages, {"content": "x"}) == (403, {"message": "Missing Permissions", "code": 50013})
    assert (await bot("PATCH", message, {"content": "y"}))[0] == 200
    assert (await bot("POST", bot.messages, {"content": "x"}))[0] == 200, "once was enough"


async def test_components_are_refused_with_the_nested_errors_of_a_form(bot: Bot) -> None:
    message = await bot.sent()
    bot.discord.refuse("components")
    status, body = await bot("PATCH", message, {"content": "x", "components": [BUTTON]})
    assert (status, body["code"], body["message"]) == (400, 50035, "Invalid Form Body")
    assert body["errors"]["components"]["0"]["components"]["0"]["custom_id"]["_errors"][0]["code"]
    assert (await bot("PATCH", message, {"content": "x", "components": []}))[0] == 200


async def test_a_filter_of_any_text_lets_buttons_alone_through(bot: Bot) -> None:
    message = await bot.sent()
    bot.discord.refuse_text("")
    assert (await bot("PATCH", message, {"components": [BUTTON]}))[0] == 200
    assert (await bot("PATCH", message, {"content": "x", "components": []}))[1] == AUTOMOD


async def test_what_discord_itself_refuses_comes_first(bot: Bot) -> None:
    bot.discord.refuse_text("")
    assert (await bot("POST", bot.messages, {"content": "x" * 2001}))[1]["code"] == 50035
    assert (await bot("POST", bot.messages, {}))[1]["code"] == 50006
    assert (await bot("POST", bot.messages, {"content": "x"}))[1] == AUTOMOD


def test_rules_for_a_time_end_by_the_clock() -> None:
    clock = FakeClock()
    faults = Faults(clock)
    faults.add(refuse("edits", for_s=2.0), refuse_text("x", for_s=1.0))
    clock.now += 1.5
    assert [one.name for one in faults.standing] == ["edits"]
    assert faults.take_content("POST", "/api/v10/channels/1/messages", ["x"], components=False) is None
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is not None
    clock.now += 0.5
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is None
    assert faults.as_json() == []


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_can_be_asked_for_over_http(name: str) -> None:
    asked = {"refusal": name, "where": "channel", "times": 2, "for_s": 1.5}
    assert parse_faults({"faults": [asked]}) == [refuse(name, where=Where.CHANNEL, times=2, for_s=1.5)]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"refusal": "nothing"}, "refusal must be one of automod"),
        ({"refusal": "edits", "where": "moon"}, "where must be one of channel, webhook, everywhere"),
        ({"refusal": "edits", "status": 400}, "unknown field status"),
        ({"refusal": 5}, "refusal has the wrong type"),
        ({"refusal": None}, "refusal must be one of"),
        ({"refusal": "edits", "for_s": 0}, "for_s must be more than 0"),
        ({"refusal": "automod", "text": "x" * 201}, "text must have at most"),
        ({"text": "x", "status": 429}, "a fault of content needs"),
        ({"text": "x", "status": 400}, "a fault of content needs"),
        ({"components": True, "status": 400, "json": {"code": 1}}, "a fault of content needs"),
        ({"text": "x", "status": 400, "json": {"code": 1, "message": ""}, "delay_s": 1}, "a fault of content needs"),
    ],
)
def test_a_refusal_that_makes_no_sense_is_refused_in_words(one: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_faults({"faults": [one]})


def test_another_code_than_those_of_filters_is_no_refusal_of_text() -> None:
    with pytest.raises(ValueError, match="code must be one of 200000, 240000"):
        refuse_text("x", code=50035)


async def test_listeners_hear_when_a_rule_ends_by_itself() -> None:
    faults = Faults()
    over = asyncio.Event()
    faults.listen(lambda: None if faults.standing else over.set())
    faults.add(Fault(status=500, for_s=0.01))
    assert not over.is_set()
    await asyncio.wait_for(over.wait(), 5)
