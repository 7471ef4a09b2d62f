"""The users, roles, channels, messages and files that an interaction names: checked, and rendered into `resolved`."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sandbox.discord.acts.messages import store_files
from sandbox.discord.bodies.message import Draft, Upload, check_sizes
from sandbox.discord.objects.messages import render_attachment, render_message
from sandbox.discord.objects.places import render_member, render_partial, render_role, render_user
from sandbox.discord.protocol.errors import PersonError
from sandbox.discord.protocol.forms import parse_snowflake
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel, Message, Role, User

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


class Resolver:
    """Collects what one interaction with `bot` names. Values may be objects of the world, ids, or usernames."""

    def __init__(
        self, world: WorldState, channel: Channel, reader: User, bot: User, *, uploads: Collection[Upload] = ()
    ) -> None:
        self._world = world
        self._bot = bot
        self._channel = channel
        self._reader = reader
        self._uploads = {one.index: one for one in uploads}
        self._guild = world.guilds.get(channel.guild_id) if channel.guild_id is not None else None
        self.resolved: dict[str, dict[str, Any]] = {}

    def _add(self, kind: str, found_id: int, rendered: dict[str, Any]) -> str:
        self.resolved.setdefault(kind, {})[str(found_id)] = rendered
        return str(found_id)

    def user(self, value: object) -> str:
        """Resolve a user, and its membership where the place is in a guild."""
        found = self._find_user(value)
        if found is None:
            raise PersonError("There is no such user.")
        self._add("users", found.id, render_user(found))
        member = self._guild.members.get(found.id) if self._guild else None
        if member is not None:
            rendered = render_member(member, user=False)
            # An interaction's resolved members lack these two (documentation, "Resolved Data Structure").
            del rendered["deaf"], rendered["mute"]
            rendered["permissions"] = str(int(self._world.stated_permissions(found.id, self._channel)))
            self._add("members", found.id, rendered)
        return str(found.id)

    def _find_user(self, value: object) -> User | None:
        if isinstance(value, User):
            return value
        found_id = parse_snowflake(value)
        if found_id is not None and found_id in self._world.users:
            return self._world.users[found_id]
        return next((one for one in self._world.users.values() if one.username == value), None)

    def role(self, value: object) -> str:
        """Resolve a role of the guild."""
        found = self._find_role(value)
        if found is None:
            raise PersonError("There is no such role here.")
        return self._add("roles", found.id, render_role(found))

    def _find_role(self, value: object) -> Role | None:
        if self._guild is None:
            return None
        found_id = parse_snowflake(getattr(value, "id", value))
        if found_id is not None:
            return self._guild.roles.get(found_id)
        return next((one for one in self._guild.roles.values() if one.name == value), None)

    def mentionable(self, value: object) -> str:
        """Resolve a user or a role."""
        return self.role(value) if isinstance(value, Role) or self._find_user(value) is None else self.user(value)

    def channel(self, value: object, kinds: Collection[int] | None = None) -> str:
        """Resolve a channel that the person may see, of one of the types `kinds`."""
        found_id = parse_snowflake(getattr(value, "id", value))
        found = self._world.channels.get(found_id) if found_id is not None else None
        if found is None and self._guild is not None:
            found = next((one for one in self._guild.channels.values() if one.name == value), None)
        if found is None or found.guild_id != self._channel.guild_id or not self._world.can_see(self._reader.id, found):
            raise PersonError("There is no such channel here.")
        if kinds and int(found.type) not in kinds:
            raise PersonError("A channel of this type cannot be chosen here.")
        rendered = render_partial(self._world, found, self._reader.id, self._bot.id)
        return self._add("channels", found.id, rendered)

    def attachment(self, value: object) -> str:
        """Resolve a file: a pair of name and bytes, or the index of an upload that came with the request."""
        upload = self._upload(value)
        check_sizes([upload], self._world.file_limit_bytes(self._channel.guild_id))
        if not self._world.permissions(self._reader.id, self._channel) & Permission.ATTACH_FILES:
            raise PersonError("You cannot attach files here.", status=403, code=50013)
        [stored] = store_files(self._world, self._channel, Draft(uploads=[upload]), ephemeral=True)
        return self._add("attachments", stored.id, render_attachment(self._world, stored))

    def _upload(self, value: object) -> Upload:
        if isinstance(value, Upload):
            return value
        index = parse_snowflake(value)
        if index is not None and index in self._uploads:
            return self._uploads[index]
        match value:
            case (str(name), bytes(data)):
                return Upload(index=0, filename=name, content_type=None, data=data)
        raise PersonError("This option needs a file.")

    def message(self, value: object) -> Message:
        """Resolve a message of the channel that the person may see."""
        found_id = parse_snowflake(getattr(value, "id", value))
        found = self._channel.messages.get(found_id) if found_id is not None else None
        if found is None:
            raise PersonError("There is no such message here.", status=404, code=10008)
        self._add("messages", found.id, render_message(self._world, found))
        return found
