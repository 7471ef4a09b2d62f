"""The permissions that the bot asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.permissions import (
    ADMINISTRATOR,
    EVERYTHING,
    NEEDED_PERMISSIONS,
    Overwrite,
    held_in_channel,
    invite_link,
    missing_permissions,
)
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
        add_reactions=True,
    )
    assert wanted.value == ALL
    assert discord.Permissions(administrator=True).value == ADMINISTRATOR


GUILD, ROLE, OTHER, USER = 1, 5, 6, 11
SEE, SEND = 1 << 10, 1 << 11


@pytest.mark.parametrize(
    ("held", "overwrites", "expected"),
    [
        pytest.param([SEE, SEND], [], SEE | SEND, id="what roles give adds up"),
        pytest.param([SEE], [Overwrite(id=GUILD, allow=SEND, deny=SEE)], SEND, id="everyone's"),
        pytest.param(
            [SEE], [Overwrite(id=GUILD, allow=0, deny=SEE), Overwrite(id=ROLE, allow=SEE, deny=0)], SEE, id="a role's"
        ),
        pytest.param(
            [SEE],
            [Overwrite(id=ROLE, allow=0, deny=SEE), Overwrite(id=OTHER, allow=SEE, deny=0)],
            SEE,
            id="what one role gives another does not take",
        ),
        pytest.param(
            [SEE], [Overwrite(id=USER, allow=SEND, deny=SEE), Overwrite(id=ROLE, allow=SEE, deny=0)], SEND, id="own"
        ),
        pytest.param([SEE], [Overwrite(id=99, allow=0, deny=SEE)], SEE, id="of others"),
        pytest.param([ADMINISTRATOR], [Overwrite(id=USER, allow=0, deny=SEE)], EVERYTHING, id="an administrator"),
    ],
)
def test_what_somebody_may_do_in_a_channel(held: list[int], overwrites: list[Overwrite], expected: int) -> None:
    assert held_in_channel(held, overwrites, guild_id=GUILD, user_id=USER, role_ids=(ROLE, OTHER)) == expected


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_has_the_same_link(name: str) -> None:
    link = invite_link(1).replace("client_id=1&", "client_id=YOUR_ID&")
    assert link in (ROOT / name).read_text(encoding="utf-8")
