"""Which guilds and turns are this process's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.config import Config
from bot.domain.lease.record import Shards
from bot.domain.turn.record import Turn
from bot.services.picture.keeper import Keeping


def our_shards(config: Config) -> Shards:
    """Say which shards are this process's: all of them if it is not said that they are shared out."""
    if config.shard_count is None or config.shard_ids is None:
        return Shards()
    return Shards(count=config.shard_count, ids=config.shard_ids)


def our_turns(config: Config) -> Callable[[Turn], bool]:
    """Say which turns are this process's."""
    of_guild = our_guilds(config)
    return lambda turn: of_guild(turn.guild_id)


def our_guilds(config: Config) -> Callable[[int | None], bool]:
    """Say in which guilds this process answers: those of its shards (Discord documentation, Sharding Formula)."""
    count, ids = config.shard_count, config.shard_ids
    if count is None or ids is None:
        return lambda _: True
    return lambda guild_id: ((guild_id or 0) >> 22) % count in ids


def keeping(config: Config) -> Keeping:
    return Keeping(
        keep=timedelta(days=config.pictures_keep_days),
        most_bytes=config.pictures_max_mb * 1024 * 1024,
        shared=config.shard_ids is not None,
        ours=our_guilds(config),
    )
