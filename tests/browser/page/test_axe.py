"""The page's main views, looked through by axe-core: no serious and no critical fault, dark and light."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from sandbox.discord import LocalDiscord
from tests.browser.acts import last, open_channel, run_command, start_command

pytestmark = pytest.mark.asyncio(loop_scope="session")

GRAVE: Final = ("serious", "critical")
COLOURS: Final = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What differs between the themes: the other rules look at what is the same in both."""
MARKDOWN: Final = """# A heading
**bold** ||hidden|| `code` [a link](https://example.com) <t:0:R> <@{me}> and words around it
> a quote
- a list
-# small print
```python
def fox() -> str:
    return "ring"  # what it says
```
```diff
-old
+new
```"""


async def look(page: Page, view: str, *, only_colours: bool) -> None:
    """Fail for what axe finds in the page as it stands."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = await Axe().run(page, options=options | (COLOURS if only_colours else {}))
    grave = [
        f"{view}: {one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(node["html"][:200] for node in one["nodes"])
        for one in found.response["violations"]
        if one["impact"] in GRAVE
    ]
    assert not grave, "\n".join(grave)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(page: Page, discord: LocalDiscord) -> AsyncIterator[Page]:
    """A channel with something of everything in it."""
    world = discord.world
    channel = world.channel("画室/画图")
    await page.get_by_test_id("guild").filter(has_text="").nth(2).click()
    await open_channel(page, "画图")
    if not channel.messages:
        alice = world.person("alice")
        await world.say(world.person("bob"), channel, MARKDOWN.format(me=alice.id))
        for name, options in {
            "panel": {},
            "embed": {},
            "gallery": {"count": "3"},
            "buttons": {},
            "selects": {},
        }.items():
            await run_command(page, name, **options)
            await expect(last(page).get_by_test_id("used")).to_contain_text(name)
    await expect(page.get_by_test_id("select")).to_have_count(4)
    yield page


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_no_serious_fault(scene: Page, theme: str) -> None:
    page = scene
    only_colours = theme == "light"
    if only_colours:
        await page.get_by_test_id("theme-toggle").click()
    await look(page, "chat", only_colours=only_colours)

    await page.get_by_test_id("composer-input").press_sequentially("/")
    await expect(page.get_by_test_id("completion")).to_be_visible()
    await look(page, "completion", only_colours=only_colours)

    await start_command(page, "options", text="ab")
    await page.get_by_test_id("add-number").click()
    await page.get_by_test_id("add-user").click()
    await page.get_by_test_id("command-run").click()
    await expect(page.get_by_test_id("fault-text")).not_to_be_empty()
    await look(page, "command", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await run_command(page, "questions")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("fault-story")).not_to_be_empty()
    await look(page, "modal", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await page.get_by_test_id("select").first.press("ArrowDown")
    await last(page).hover()
    await look(page, "select and tools", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await last(page).get_by_test_id("more").click()
    await expect(page.get_by_test_id("menu")).to_be_visible()
    await look(page, "menu", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await page.get_by_test_id("open-picture").last.click()
    await look(page, "lightbox", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await page.get_by_test_id("settings").click()
    await look(page, "settings", only_colours=only_colours)
    await page.keyboard.press("Escape")

    await page.set_viewport_size({"width": 390, "height": 760})
    await page.get_by_test_id("drawer").click()
    await expect(page.get_by_test_id("channel").first).to_be_visible()
    await look(page, "drawer", only_colours=only_colours)
