"""Behind the bot: what goes on between the bot, Discord and the endpoint, told to whoever watches, from the outside."""

from sandbox.backstage.stage import Backstage
from sandbox.backstage.watch import watch_discord

__all__ = ["Backstage", "watch_discord"]
