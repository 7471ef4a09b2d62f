"""A local Discord: REST, gateway, files and the people's side on one port. See `sandbox/README.md`."""

from sandbox.discord.acts.permissions import change_permissions
from sandbox.discord.app import LocalDiscord
from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.state.places import ChannelType
from sandbox.discord.traffic.buckets import Limits, Rate
from sandbox.discord.traffic.faults import Fault
from sandbox.discord.traffic.log import LoggedRequest
from sandbox.discord.traffic.network import Network
from sandbox.discord.world import World

__all__ = [
    "ChannelType",
    "Disturbance",
    "Fault",
    "Limits",
    "LocalDiscord",
    "LoggedRequest",
    "Network",
    "Rate",
    "World",
    "change_permissions",
]
