"""What Discord shows of a message's marks is what the model reads."""

from __future__ import annotations

import pytest

from bot.presentation.inbound.text import plain_text


def nobody(kind: str, wanted: int) -> str | None:
    return None


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("at <t:1893456000:F>", "at 2030-01-01 00:00 UTC"),
        ("<t:1893456000>, <t:1893456000:R>", "2030-01-01 00:00 UTC, 2030-01-01 00:00 UTC"),
        ("<t:1893456059:t> <t:1893456059:T>", "00:00 UTC 00:00:59 UTC"),
        ("<t:1893456000:d> <t:1893456000:D>", "2030-01-01 2030-01-01"),
        ("<t:-86400:d>", "1969-12-31"),
        ("<t:99999999999999>", "<t:99999999999999>"),
        ("try </draw:123> or </settings set:123>", "try /draw or /settings set"),
        ("see <id:customize>, <id:browse>, <id:guide>", "see Channels & Roles, Browse Channels, Server Guide"),
        ("<id:linked-roles:17> <id:else>", "Linked Roles <id:else>"),
        ("<:fox:1> <a:run:2> <@3> <#4> <@&5>", ":fox: :run: @unknown #unknown @unknown"),
    ],
)
def test_marks_are_read_as_they_are_shown(content: str, read: str) -> None:
    assert plain_text(content, nobody, 1) == read
