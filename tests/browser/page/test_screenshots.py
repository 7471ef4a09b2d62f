"""Pictures of the page, dark and light, wide and phone, taken as those of docs/images; left in .build/screenshots."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.async_api import Browser

from sandbox.discord import LocalDiscord
from tests.browser.demo.process import ROOT
from tests.browser.screenshots import PHONE, WIDE, Shot, take

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOLDER = ROOT / ".build" / "screenshots"
STILL_MS = 400
SHOTS = (
    Shot(
        name="dark-wide", person="alice", guild="画室", channel="闲聊", locale="en-US", theme="dark", size=WIDE,
        lines=("@Fusion tell me a story", "@Fusion draw me a fox"), panel=True, scale=1,
    ),
    Shot(
        name="light-phone", person="xiaoming", guild="画室", channel="闲聊", locale="zh-CN", theme="light", size=PHONE,
        lines=("@Fusion draw me a fox",), scale=1,
    ),
)  # fmt: skip


@pytest.mark.parametrize("shot", SHOTS, ids=[shot.name for shot in SHOTS])
async def test_a_picture_is_taken(browser: Browser, discord: LocalDiscord, shot: Shot) -> None:
    path = await take(browser, discord.base_url, shot, FOLDER, still_ms=STILL_MS)
    with Image.open(path) as picture:
        assert picture.size == shot.size
        colours = picture.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    ground = max(colours)[1]
    assert isinstance(ground, tuple)
    assert (sum(ground) < 3 * 128) == (shot.theme == "dark")
    assert len(colours) > 50  # text, buttons, a picture: no empty page
