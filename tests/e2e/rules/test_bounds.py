"""What an operator bounds holds in every server and in direct messages, end to end."""

from __future__ import annotations

from pathlib import Path

from bot.domain.page.foreign import literal
from tests.e2e.conftest import open_stage
from tests.e2e.rules.settings_acts import SettingsActs
from tests.fakes.words import worded, wording

BOUNDS = {
    "TOTAL_PERSON_CALLS_A_DAY": "2",
    "CEILING_MAX_NEW_TOKENS": "500",
    "ALLOWED_CHAT_MODELS": "small,smaller",
    "ALLOWED_DRAWING_MODELS": "Artist_V0.1.3,cheap",
}


async def test_a_user_has_one_quota_everywhere_and_a_server_keeps_to_the_ceilings(tmp_path: Path) -> None:
    async with open_stage(tmp_path, start=False) as stage:
        stage.bot.environment |= BOUNDS
        await stage.bot.start()
        await stage.connected()
        world = stage.discord.world
        # Whoever manages a server of their own sets what they like there, as far as the operator lets them.
        acts = SettingsActs(stage)
        title = worded("settings.title.max_new_tokens")
        fault = worded("settings.fault.beyond_ceiling", title=title, given="32768", limit="500")
        assert fault in await acts.use("settings set", {"key": "max_new_tokens", "value": "32768"})
        title = worded("settings.title.chat_model")
        offered = literal("local-chat, small, smaller", 100)
        fault = worded("settings.fault.not_available", title=title, given="dear", limit=offered)
        assert fault in await acts.use("settings set", {"key": "chat_model", "value": "dear"})
        said = await acts.use("settings show", {"key": "max_new_tokens"})
        assert worded("panel.at_most", most="500") in said
        # What an earlier version or a copied database holds counts no more.
        await stage.answer(await stage.mention("hello"))
        assert stage.endpoint.requests[-1].body["max_new_tokens"] == 500
        told = await world.slash(stage.alice, stage.general, "draw", {"prompt": "a fox", "model": "dear"})
        await stage.until(lambda: told.response is not None)
        assert told.response is not None
        assert "Artist" in told.response.content
        assert "cheap" in told.response.content
        # The last one is spent in a direct message; then there is none left anywhere.
        direct = await world.open_dm(stage.alice)
        last = await stage.answer(await world.say(stage.alice, direct, "hello there"))
        assert wording("quota.left.everywhere.calls", left=0, limit=2).search(last.content)
        refused = await stage.answer(await stage.mention("hello again"))
        assert wording("quota.used_up.everywhere.calls", limit=2).search(refused.content)
        bob = await stage.answer(await stage.mention("hello", user=world.person("bob")))
        assert wording("quota.left.everywhere.calls", left=1, limit=2).search(bob.content)
        assert len(stage.endpoint.requests) == 3
        assert await stage.rows("SELECT turn_id FROM reservations") == []
