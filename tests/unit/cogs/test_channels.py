"""What was learned of channels is forgotten when Discord tells that it may have changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.people import Place
from bot.domain.reply.ways import View
from bot.presentation.inbound.lookup import ChannelLookup, _Around
from bot.presentation.outbound.reach import MOST_KEPT, ChannelReach
from cogs.channels import ChannelsCog
from tests.unit.presentation.discord_objects import GUILD, ME, Offline

UNKNOWN, ELSEWHERE, PARENT = 7001, 7002, 7003
OTHER_GUILD = 2


class Stage:
    """The cog, with something learned."""

    def __init__(self) -> None:
        client = Offline().client
        self.lookup = ChannelLookup(client)
        self.reach = ChannelReach(client)
        self.cog = ChannelsCog(client, self.lookup, self.reach)
        self.reach.note(UNKNOWN, GUILD, View.SHUT)
        self.reach.note(ELSEWHERE, OTHER_GUILD, View.SHUT)
        self.lookup._known[UNKNOWN] = _Around(parent_id=PARENT, category_id=5, age_restricted=False)

    @property
    def shut(self) -> tuple[bool, bool]:
        """Whether the channels are still known to be shut."""
        views = (self.reach.of_channel(UNKNOWN, GUILD), self.reach.of_channel(ELSEWHERE, OTHER_GUILD))
        return views[0] is View.SHUT, views[1] is View.SHUT

    async def placed(self) -> bool:
        """Whether it is still known where the channel is."""
        self.lookup._missed[UNKNOWN] = float("inf")  # not asked for again
        return (await self.lookup.placed(Place(channel_id=UNKNOWN, guild_id=GUILD, certain=False))).certain


def of_guild(**fields: object) -> Any:
    return cast("Any", SimpleNamespace(guild=SimpleNamespace(id=GUILD), guild_id=GUILD, **fields))


Event = Callable[[ChannelsCog], Awaitable[None]]


@pytest.mark.parametrize(
    ("event", "shut", "placed"),
    [
        (lambda cog: cog.on_guild_channel_update(of_guild(id=1), of_guild(id=1)), (False, True), True),
        (lambda cog: cog.on_guild_channel_update(of_guild(id=PARENT), of_guild(id=PARENT)), (False, True), False),
        (lambda cog: cog.on_guild_role_update(of_guild(id=1), of_guild(id=1)), (False, True), True),
        (lambda cog: cog.on_member_update(of_guild(id=ME), of_guild(id=ME)), (False, True), True),
        (lambda cog: cog.on_member_update(of_guild(id=11), of_guild(id=11)), (True, True), True),
        (lambda cog: cog.on_raw_thread_update(of_guild(thread_id=UNKNOWN)), (False, True), False),
        (lambda cog: cog.on_thread_join(of_guild()), (False, True), True),
        (lambda cog: cog.on_thread_remove(of_guild()), (False, True), True),
        (lambda cog: cog.on_ready(), (False, False), False),
    ],
)
async def test_what_may_have_changed_is_asked_again(event: Event, shut: tuple[bool, bool], placed: bool) -> None:
    stage = Stage()
    assert stage.shut == (True, True)
    await event(stage.cog)
    assert stage.shut == shut
    assert await stage.placed() is placed


async def test_what_is_learned_is_bounded() -> None:
    stage = Stage()
    for channel_id in range(1, MOST_KEPT + 10):
        stage.reach.note(channel_id, GUILD, View.SHUT)
    assert len(stage.reach._learned) == MOST_KEPT
