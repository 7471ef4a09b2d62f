"""What people do with /settings and its panel, and what they see of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.discord.bodies.message import Upload
from sandbox.discord.people.interact import walk
from sandbox.discord.state.interaction import Interaction, State
from sandbox.discord.state.records import Channel, Message, User
from tests.e2e.conftest import Stage


class SettingsActs:
    """One person with a panel in one channel."""

    def __init__(self, stage: Stage, user: User | None = None, channel: Channel | None = None) -> None:
        self.stage = stage
        self.user = user or stage.alice
        self.channel = channel or stage.general
        self.message: Message | None = None

    async def use(
        self, command: str, options: Mapping[str, Any] | None = None, *, file: bytes | None = None, name: str = "s.json"
    ) -> str:
        """Use a command; returns what its answer says."""
        uploads = [Upload(index=0, filename=name, content_type="application/json", data=file)] if file else []
        world = self.stage.discord.world
        given = {**(options or {}), **({"file": 0} if file else {})}
        interaction = await world.slash(self.user, self.channel, command, given, uploads=uploads)
        await self._done(interaction)
        self.message = interaction.response
        assert self.message is not None, self.stage.bot.log
        assert self.message.ephemeral
        return self.text

    @property
    def text(self) -> str:
        """Everything that the message says."""
        assert self.message is not None
        texts = [str(one["content"]) for one in walk(self.message.components) if one["type"] == 10]
        return "\n".join(filter(None, (self.message.content, *texts)))

    def find(self, act: str, *, holds: str = "") -> dict[str, Any]:
        """Find the component for an act."""
        assert self.message is not None
        wanted = [
            one
            for one in walk(self.message.components)
            if str(one.get("custom_id", "")).startswith(f"settings:{act}:") and holds in one["custom_id"]
        ]
        assert wanted, f"no {act} in {[one.get('custom_id') for one in walk(self.message.components)]}"
        return wanted[0]

    async def press(self, act: str, *, holds: str = "") -> str:
        """Press a button that changes the message."""
        await self._done(await self._click(act, holds))
        return self.text

    async def choose(self, act: str, *values: object) -> str:
        """Choose in a select."""
        assert self.message is not None
        custom_id = self.find(act)["custom_id"]
        await self._done(await self.stage.discord.world.select(self.user, self.message, custom_id, values))
        return self.text

    async def open(self) -> Interaction:
        """Open the form of the setting that is shown."""
        interaction = await self._click("form", "")
        await self.stage.discord.world.answered(interaction)
        assert interaction.state is State.MODAL, self.stage.bot.log
        return interaction

    async def send(self, form: Interaction, value: str) -> str:
        """Send a form."""
        sent = await self.stage.discord.world.submit_modal(self.user, form, {"value": value})
        await self._done(sent)
        return self.text

    async def fill(self, value: str) -> str:
        """Open the form of the setting that is shown, and send it."""
        return await self.send(await self.open(), value)

    async def suggested(self, command: str, options: Mapping[str, str], focused: str) -> list[dict[str, Any]]:
        """Ask for suggestions."""
        return await self.stage.discord.world.autocomplete(self.user, self.channel, command, options, focused)

    def attached(self) -> Mapping[str, Any]:
        """Read the JSON file of the message."""
        assert self.message is not None
        (attachment,) = self.message.attachments
        stored = self.stage.discord.world.cdn.get(attachment.id)
        assert stored is not None
        found: Mapping[str, Any] = json.loads(stored.data)
        return found

    async def _click(self, act: str, holds: str) -> Interaction:
        assert self.message is not None
        custom_id = self.find(act, holds=holds)["custom_id"]
        return await self.stage.discord.world.click(self.user, self.message, custom_id)

    async def _done(self, interaction: Interaction) -> None:
        """Wait until the page that follows stands: the answer itself is deferred."""

        def shown() -> bool:
            return any(
                request.method in ("PATCH", "POST") and interaction.token in request.path and "webhooks" in request.path
                for request in self.stage.discord.requests
            )

        await self.stage.discord.world.answered(interaction)
        assert interaction.state is not State.FAILED, f"{interaction.error}\n{self.stage.bot.log}"
        await self.stage.until(shown)
