"""Whose settings a command is about, from what was chosen with it."""

from __future__ import annotations

import pytest

from bot.domain.settings.scopes import Scope, Target
from bot.presentation.settings.typing.options import TargetError, Where, target_at
from bot.presentation.words.panel import IN_SERVERS_ONLY, NO_CATEGORY

ROOM, LONE, GROUP = (
    Where(channel_id=5, category_id=4),
    Where(channel_id=6, category_id=None),
    Where(channel_id=None, category_id=4),
)
GUILD, CATEGORY, ME = Target.guild(1), Target.category(1, 4), Target.user(11)


@pytest.mark.parametrize(
    ("where", "scope", "target"),
    [
        (ROOM, Scope.PERSON, ME),
        (ROOM, Scope.GUILD, GUILD),
        (GROUP, Scope.GUILD, GUILD),
        (ROOM, Scope.CATEGORY, CATEGORY),
        (GROUP, Scope.CATEGORY, CATEGORY),
        (ROOM, Scope.CHANNEL, Target.channel(1, 5)),
        (LONE, Scope.CHANNEL, Target.channel(1, 6)),
        (GROUP, Scope.CHANNEL, CATEGORY),
        (ROOM, None, Target.channel(1, 5)),
        (GROUP, None, CATEGORY),
        (ROOM, "what Discord sends before a scope is chosen", Target.channel(1, 5)),
    ],
)
def test_the_scope_picks_from_where_it_is(where: Where, scope: str | None, target: Target) -> None:
    assert target_at(where, scope, guild_id=1, user_id=11) == target


@pytest.mark.parametrize("scope", [None, Scope.GUILD, Scope.CATEGORY, Scope.CHANNEL])
def test_outside_of_a_server_a_user_s_settings_are_all_there_is(scope: str | None) -> None:
    assert target_at(LONE, Scope.PERSON, guild_id=None, user_id=11) == ME
    with pytest.raises(TargetError) as caught:
        target_at(LONE, scope, guild_id=None, user_id=11)
    assert caught.value.template == IN_SERVERS_ONLY


def test_a_channel_in_no_category_has_no_settings_of_one() -> None:
    with pytest.raises(TargetError) as caught:
        target_at(LONE, Scope.CATEGORY, guild_id=1, user_id=11)
    assert caught.value.template == NO_CATEGORY
