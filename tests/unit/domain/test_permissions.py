"""The permissions that the bot asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.permissions import ADMINISTRATOR, NEEDED_PERMISSIONS, invite_link, missing_permissions
from tests.fakes.library import import_discord

ROOT = Path(__file__).parents[3]
ALL = sum(permission.bit for permission in NEEDED_PERMISSIONS)


def test_what_is_missing_is_named() -> None:
    assert missing_permissions(ALL) == ()
    assert missing_permissions(ADMINISTRATOR) == ()
    assert missing_permissions(ALL & ~(1 << 15)) == ("Attach Files",)
    assert len(missing_permissions(0)) == len(NEEDED_PERMISSIONS)


def test_the_bits_are_the_librarys() -> None:
    import_discord()
    import discord

    wanted = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        attach_files=True,
        read_message_history=True,
    )
    assert wanted.value == ALL
    assert discord.Permissions(administrator=True).value == ADMINISTRATOR


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_has_the_same_link(name: str) -> None:
    link = invite_link(1).replace("client_id=1&", "client_id=YOUR_ID&")
    assert link in (ROOT / name).read_text(encoding="utf-8")
