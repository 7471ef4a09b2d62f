"""Long answers where only the user has the bot: Discord takes six messages of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.discord.interactions import create
from sandbox.discord.protocol.permissions import Permission
from sandbox.endpoint.script.samples import fusion_events
from tests.e2e.agreement import by_bot
from tests.e2e.conftest import open_stage
from tests.e2e.oracle.judge import WARNED
from tests.fakes.words import worded_in

TEXT = "".join(f"Sentence number {n} of a long answer. " for n in range(450))


@pytest.mark.parametrize("files", [True, False], ids=["files", "no files"])
async def test_the_sixth_message_is_the_last_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: bool
) -> None:
    async with open_stage(tmp_path, start=False, DEFAULT_PAGES_BEFORE_FILE="8") as stage:
        world = stage.discord.world
        studio, channel = world.guild("画室"), world.channel("画室/闲聊")
        del studio.members[world.bot.id]
        world.install_for(stage.alice)
        if not files:
            monkeypatch.setattr(create, "_ABROAD", create._ABROAD & ~Permission.ATTACH_FILES)  # Discord's own
        await stage.bot.start()
        await stage.connected()
        await stage.until(lambda: bool(world.application.commands))
        stage.endpoint.script(fusion_events([f"{sentence}. " for sentence in TEXT.split(". ")]))
        interaction = await world.slash(stage.alice, channel, "ask", {"prompt": "a lot"})
        state = await stage.ended(interaction.id)
        pages = by_bot(stage, channel)
        assert len(pages) == 6
        assert not [one for one in stage.discord.requests if one.status == 400], "Discord had to refuse a message"
        ((text,),) = await stage.rows("SELECT text FROM turns WHERE id = ?", interaction.id)
        if files:
            assert [one.filename for one in pages[-1].attachments] == ["answer.md"]
            assert (state, len(str(text)) > 15_000) == ("complete", True)
        else:
            assert WARNED in pages[-1].content
            assert (state, str(text)) == ("failed", TEXT[: len(str(text))])
            assert 9_000 < len(str(text)) < 12_000
            assert any(worded_in(one, "trouble.no_more_messages") in pages[-1].content for one in ("en-US", "zh-CN"))
