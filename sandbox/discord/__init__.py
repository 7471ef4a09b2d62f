"""A local Discord: REST, gateway, files and the people's side on one port. See `sandbox/README.md`."""

from sandbox.discord.app import LocalDiscord
from sandbox.discord.control_permissions import change_permissions
from sandbox.discord.faults import Fault
from sandbox.discord.gateway import Disturbance
from sandbox.discord.log import LoggedRequest
from sandbox.discord.ratelimit import Limits, Rate
from sandbox.discord.world import World

__all__ = ["Disturbance", "Fault", "Limits", "LocalDiscord", "LoggedRequest", "Rate", "World", "change_permissions"]
