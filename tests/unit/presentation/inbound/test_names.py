"""Names in what Discord resolves with an interaction, whose form nobody vouches for."""

from __future__ import annotations

import pytest

from bot.presentation.inbound.names import NAME_CHARS, told_name

CARL = {"username": "carl", "global_name": "Carl"}


@pytest.mark.parametrize(
    ("resolved", "kind", "name"),
    [
        ({"members": {"7": {"nick": "Charly"}}, "users": {"7": CARL}}, "user", "Charly"),
        ({"members": {"7": {"nick": None}}, "users": {"7": CARL}}, "user", "Carl"),
        ({"members": {"7": {"nick": " "}}, "users": {"7": {**CARL, "global_name": None}}}, "user", "carl"),
        ({"users": {"7": CARL}}, "user", "Carl"),
        ({"roles": {"7": {"name": "Judges"}}, "users": {"7": CARL}}, "role", "Judges"),
        ({"channels": {"7": {"name": " far\n away "}}}, "channel", "far away"),
        ({"channels": {"7": {"name": "x" * 1000}}}, "channel", "x" * NAME_CHARS),
        ({"users": {"8": CARL}}, "user", None),
        ({"roles": {"7": {"name": "Judges"}}}, "channel", None),
        ({"users": [CARL], "members": {"7": "Charly"}}, "user", None),
        ({"roles": {"7": {"name": 4}}}, "role", None),
        ([], "role", None),
        (None, "user", None),
    ],
)
def test_the_nearest_name_is_found_in_any_form(resolved: object, kind: str, name: str | None) -> None:
    assert told_name(resolved, kind, 7) == name
