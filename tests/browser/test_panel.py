"""The panel behind the bot, on a local Discord and endpoint: requests as they go on, faults at a click, its manners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from sandbox.backstage import Backstage
from sandbox.discord import LocalDiscord
from sandbox.endpoint import Behaviour, LocalEndpoint
from sandbox.endpoint.answers.answerer import Sampling
from sandbox.endpoint.answers.messages import Message
from sandbox.endpoint.answers.pace import tokens
from sandbox.endpoint.answers.scripted import compose
from tests.browser.acts import open_channel, say
from tests.browser.page.test_axe import look
from tests.unit.sandbox.endpoint.calling import fusion_body

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Held:
    """Answers by script, and waits in the middle of it where a test wants to look."""

    name = "scripted"
    busy = False

    def __init__(self) -> None:
        self._left: asyncio.Semaphore | None = None

    def hold(self) -> None:
        """Let no token of the next answers come until it is let."""
        self._left = asyncio.Semaphore(0)

    def let(self, count: int) -> None:
        """Let so many more tokens come."""
        assert self._left is not None
        for _ in range(count):
            self._left.release()

    def let_all(self) -> None:
        self._left = None

    async def answer(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[str]:
        del sampling
        left = self._left
        for token in tokens(compose(messages)):
            if left is not None:
                await left.acquire()
            yield token


class Hands:
    """Asks the endpoint as the bot would."""

    def __init__(self, endpoint: LocalEndpoint, answerer: Held, http: aiohttp.ClientSession) -> None:
        self.endpoint = endpoint
        self.answerer = answerer
        self._http = http

    async def ask(self, text: str, **changes: Any) -> int:
        headers = {"Authorization": self.endpoint.fusion_key}
        body = fusion_body(text=text, stream=True, output_img=False, **changes)
        async with self._http.post(self.endpoint.fusion_url, json=body, headers=headers) as response:
            await response.read()
            return response.status


@pytest.fixture(scope="module")
def answerer() -> Held:
    return Held()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def endpoint(backstage: Backstage, answerer: Held) -> AsyncIterator[LocalEndpoint]:
    async with LocalEndpoint(port=0, behaviour=Behaviour(tokens_per_s=0), answerer=answerer) as started:
        backstage.attach_endpoint(started)
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def hands(endpoint: LocalEndpoint, answerer: Held) -> AsyncIterator[Hands]:
    async with aiohttp.ClientSession() as http:
        yield Hands(endpoint, answerer, http)
    answerer.let_all()
    endpoint.clear()
    endpoint.behaviour = Behaviour(tokens_per_s=0)


def turn(page: Page, words: str) -> Locator:
    return page.get_by_test_id("panel-turn").filter(has_text=words)


async def test_a_request_is_seen_with_its_parameters_and_grows(page: Page, hands: Hands) -> None:
    await open_channel(page, "general")
    await say(page, "@Fusion count to 40")
    card = turn(page, "@Fusion count to 40")
    await expect(card).to_contain_text("Alice · #general")
    await expect(card.locator("[data-testid=panel-call][data-op=send]")).to_contain_text("200")
    hands.endpoint.behaviour = Behaviour(tokens_per_s=25, chunk_tokens=(1, 1))
    hands.answerer.hold()
    asking = asyncio.create_task(hands.ask("[Alice] count to 40", max_new_tokens=39))
    request = card.get_by_test_id("panel-request")
    for more, deltas in ((1, 1), (4, 5), (7, 12)):
        hands.answerer.let(more)
        await expect(request).to_have_attribute("data-deltas", str(deltas))
        await expect(request).to_have_attribute("data-outcome", "open")
    await expect(card.get_by_test_id("panel-state")).to_have_text("streaming")
    hands.answerer.let(100)
    assert await asking == 200
    await expect(request).to_have_attribute("data-outcome", "complete")
    await expect(request.locator("[data-figure=finish]")).to_contain_text("length")
    await expect(request.locator(".request-text")).to_contain_text("39")
    await expect(request.locator("svg.beats")).to_be_visible()
    await request.get_by_test_id("panel-parameters").locator("summary").click()
    shown = request.get_by_test_id("panel-parameters")
    await expect(shown).to_contain_text("temperature")
    await expect(shown).to_contain_text("(hidden)")
    await expect(shown).not_to_contain_text(hands.endpoint.miaohua_token)
    await request.get_by_test_id("panel-messages").locator("summary").click()
    await expect(request.locator(".said")).to_contain_text("[Alice] count to 40")


async def test_the_endpoints_faults_at_a_click(page: Page, hands: Hands) -> None:
    down = page.get_by_test_id("fault-unavailable")
    await down.click()
    await page.get_by_test_id("fault-no_images").click()  # at once: what the first click did is not told yet
    await expect(page.get_by_test_id("fault-no_images")).to_have_attribute("aria-pressed", "true")
    await expect(down).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("status-endpoint")).to_have_attribute("data-kind", "warn")
    await expect(page.get_by_test_id("fault-count")).to_have_text("2 on")
    assert await hands.ask("hello") == 503
    await expect(page.get_by_test_id("panel-request").filter(has_text="refused: 503")).to_be_visible()
    await page.get_by_test_id("fault-unauthorized").click()
    await expect(down).to_have_attribute("aria-pressed", "false")
    assert await hands.ask("hello") == 401
    await page.get_by_test_id("all-well").click()
    await expect(page.get_by_test_id("fault-count")).to_have_text("none")
    assert await hands.ask("hello") == 200
    await expect(page.get_by_test_id("panel-event").first).to_contain_text("Endpoint well again")


async def test_discords_refusals_at_a_click(page: Page, hands: Hands, discord: LocalDiscord) -> None:
    del hands
    await page.get_by_test_id("times-1").check()
    for name in ("automod", "harmful_link", "new_messages", "edits", "components"):
        await page.get_by_test_id(f"rule-{name}").click()
        await expect(page.get_by_test_id(f"rule-{name}")).to_contain_text("(×1)")
    await page.get_by_test_id("times-seconds").check()
    await page.get_by_test_id("rule-edits").click()
    await expect(page.get_by_test_id("rule-edits")).to_have_attribute("aria-pressed", "false")
    await page.get_by_test_id("rule-edits").click()
    await expect(page.get_by_test_id("rule-edits")).to_have_attribute("aria-pressed", "true")
    assert {one.name: one.for_s for one in discord.faults.standing}["edits"] == 10
    await page.get_by_test_id("all-well").click()
    await expect(page.get_by_test_id("fault-count")).to_have_text("none")


async def test_discords_faults_at_a_click(page: Page, hands: Hands, discord: LocalDiscord) -> None:
    del hands
    failing = page.get_by_test_id("rule-failing")
    await failing.click()
    await expect(failing).to_contain_text("(×5)")
    await failing.click()
    await expect(failing).to_have_attribute("aria-pressed", "false")
    await page.get_by_test_id("times-1").check()
    await page.get_by_test_id("rule-sends_limited").click()
    await expect(page.get_by_test_id("rule-sends_limited")).to_have_attribute("aria-pressed", "true")
    await open_channel(page, "general")
    await say(page, "@Fusion are you there?")
    card = turn(page, "are you there?")
    hit = card.locator("[data-testid=panel-call][data-status='429']")
    await expect(hit).to_contain_text("fault")
    await expect(page.get_by_test_id("rule-sends_limited")).to_have_attribute("aria-pressed", "false")
    await expect(card.locator("[data-testid=panel-call][data-op=send][data-status='200']").first).to_be_visible()
    # The bot of these tests was started elsewhere.
    await expect(page.get_by_role("group", name="Bot")).to_contain_text("started elsewhere")
    await page.get_by_test_id("gateway-drop").click()
    await expect(page.locator("[data-what=gateway_resumed]").first).to_be_visible()
    assert discord.gateway.connected == 1


async def test_it_is_put_away_and_remembered(page: Page, hands: Hands) -> None:
    del hands
    button = page.get_by_test_id("panel-toggle")
    panel = page.get_by_role("complementary", name="Behind the bot")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await page.get_by_test_id("panel-close").click()
    await expect(panel).to_be_hidden()
    await expect(button).to_be_focused()
    await page.reload()
    await expect(button).to_have_attribute("aria-expanded", "false")
    await expect(panel).to_be_hidden()
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(panel).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(panel).to_be_hidden()
    await button.click()
    await expect(panel).to_have_css("width", "390px")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(button).to_be_focused()


async def test_no_serious_fault_of_access_in_both_languages(page: Page, hands: Hands) -> None:
    await page.get_by_test_id("fault-slow").click()
    await expect(page.get_by_test_id("fault-slow")).to_have_attribute("aria-pressed", "true")
    hands.endpoint.set_faults("refusing")
    await hands.ask("hello")
    await page.get_by_test_id("panel-turn").first.wait_for()
    await look(page, "panel", only_colours=False)
    await page.get_by_test_id("theme-toggle").click()
    await page.get_by_test_id("language-toggle").click()
    await expect(page.get_by_role("heading", level=2, name="机器人幕后")).to_be_visible()
    await expect(page.get_by_test_id("fault-slow")).to_have_text("缓慢")
    await look(page, "panel in Chinese", only_colours=True)
