"""The settings commands and their panel between fakes: Discord before them, a store in memory behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord

from bot.clock import SystemClock
from bot.domain.settings.scopes import Target
from bot.presentation.outbound.wire import Wire
from bot.presentation.settings.changes import PanelChanges
from bot.presentation.settings.files import PanelFiles
from bot.presentation.settings.panel import SettingsPanel
from bot.presentation.settings.reader import PanelReader
from bot.presentation.settings.typing.options import PanelTyping
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from cogs.preferences import PreferencesCog
from cogs.settings import SettingsCog
from tests.fakes.stores.settings import FakeSettingsStore
from tests.unit.presentation.discord_objects import ANN, BOB, GUILD, ROLE, Offline, member, user

HERE = Target.guild(GUILD)
OPERATOR = 500
ABROAD = 999
"""A guild where the bot is no member."""
MANAGE = str(discord.Permissions(manage_guild=True).value)
EVERYTHING = str(discord.Permissions.all().value)


@dataclass(slots=True)
class Seen:
    """What somebody got to see of one interaction."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    asides: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    modals: list[dict[str, Any]] = field(default_factory=list)
    deferred: list[dict[str, Any]] = field(default_factory=list)

    @property
    def components(self) -> list[dict[str, Any]]:
        """The last page's components, however deep."""
        return list(walk(self.pages[-1]["view"].to_components())) if self.pages else []

    @property
    def text(self) -> str:
        """Everything that was said."""
        said = [one["content"] for one in self.components if one["type"] == 10]
        return "\n".join((*said, *(words for words, _ in self.asides)))

    def find(self, act: str) -> dict[str, Any]:
        """Find the component for an act."""
        return next(one for one in self.components if str(one.get("custom_id")).startswith(f"settings:{act}:"))


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Go through components, however deep."""
    for one in components:
        yield one
        yield from walk(one.get("components", []))
        if one.get("accessory"):
            yield one["accessory"]


class Response:
    """Takes the first answer to an interaction; ``failing`` refuses it."""

    def __init__(self, seen: Seen, failing: Exception | None) -> None:
        self._seen = seen
        self._failing = failing
        self._done = False

    def is_done(self) -> bool:
        return self._done

    async def defer(self, **how: Any) -> None:
        if self._failing is not None:
            raise self._failing
        self._done = True
        self._seen.deferred.append(how)

    async def send_message(self, content: str, **how: Any) -> None:
        self._done = True
        self._seen.asides.append((content, how))

    async def send_modal(self, modal: discord.ui.Modal) -> None:
        if self._failing is not None:
            raise self._failing
        self._done = True
        self._seen.modals.append(dict(modal.to_dict()))


class Followup:
    """Takes what is said beside."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    async def send(self, content: str, **how: Any) -> None:
        self._seen.asides.append((content, how))


class Heard(discord.Interaction[Any]):
    """An interaction whose page is kept instead of sent."""

    __slots__ = ()

    async def edit_original_response(self, **how: Any) -> Any:
        faults = cast("list[Exception]", self.extras["faults"])
        if faults:
            raise faults.pop(0)
        cast("Seen", self.extras["seen"]).pages.append(how)


class SettingsStage:
    """The cogs, and people who use them."""

    def __init__(self, **defaults: Any) -> None:
        self.offline = Offline()
        owner = SimpleNamespace(id=OPERATOR)
        self.offline.client._application = cast("Any", SimpleNamespace(team=None, owner=owner))
        self.store = FakeSettingsStore()
        self.settings = SettingsService(
            defaults, self.store, SystemClock(), available={"provider": frozenset({"operator", "fusion"})}
        )
        reader = PanelReader(self.settings)
        files = PanelFiles(SettingsFiles(self.settings, self.store))
        panel = SettingsPanel(self.settings, reader, PanelChanges(self.settings, reader), files, Wire())
        self.typing = PanelTyping(self.settings, reader)
        self.commands = SettingsCog(panel, self.typing)
        self.own = PreferencesCog(panel, self.typing)
        self.failing: Exception | None = None
        """What acknowledging raises."""
        self.faults: list[Exception] = []
        """What showing a page raises, one after the other."""

    def heard(
        self,
        *,
        person: int = ANN,
        permissions: str = MANAGE,
        roles: tuple[int, ...] = (),
        place: str = "guild",
        locale: str = "en-US",
        **changes: Any,
    ) -> tuple[Heard, Seen]:
        """Let somebody do something in the guild, in a ``direct`` message, or ``abroad`` where the bot is not."""
        somebody = user(person, f"Person {user}")
        if place == "direct":
            where: dict[str, Any] = {"guild_id": None, "member": None, "user": somebody, "context": 1}
        else:
            guild = str(GUILD if place == "guild" else ABROAD)
            where = {"guild_id": guild, "member": {**member(roles), "user": somebody, "permissions": permissions}}
        made = self.offline.interaction(locale=locale, **where, **changes)
        seen = Seen()
        made.__class__ = Heard
        made.extras["seen"] = seen
        made.extras["faults"] = self.faults
        made._cs_response = Response(seen, self.failing)  # type: ignore[attr-defined]  # where the library keeps it
        made._cs_followup = Followup(seen)  # type: ignore[attr-defined]  # likewise
        return cast("Heard", made), seen

    async def use(self, command: Any, *options: Any, **who: Any) -> Seen:
        """Use a command of ``/settings``, or of ``/preferences``."""
        interaction, seen = self.heard(**who)
        cog = self.own if "Preferences" in command.callback.__qualname__ else self.commands
        await command.callback(cog, interaction, *options)
        return seen

    async def press(self, custom_id: str, values: list[str] | None = None, **who: Any) -> Seen:
        """Press a button, or choose in a select."""
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": 2 if values is None else 3}
        interaction, seen = self.heard(type=3, data={**data, "values": values or []}, **who)
        await self.commands.on_interaction(interaction)
        return seen

    async def send(self, custom_id: str, value: str, **who: Any) -> Seen:
        """Send a form."""
        field_: Mapping[str, Any] = {"type": 4, "id": 2, "custom_id": "value", "value": value}
        components = [{"type": 18, "id": 1, "component": field_}]
        interaction, seen = self.heard(type=5, data={"custom_id": custom_id, "components": components}, **who)
        await self.commands.on_interaction(interaction)
        return seen


PEOPLE: Mapping[str, dict[str, Any]] = {
    "member": {"permissions": "0"},
    "role": {"permissions": "0", "roles": (ROLE,)},
    "manager": {"permissions": MANAGE},
    "administrator": {"permissions": str(discord.Permissions(administrator=True).value)},
    "owner": {"person": BOB, "permissions": EVERYTHING},
    "operator": {"person": OPERATOR, "permissions": "0"},
}
"""Who there is: what Discord says of them with each interaction."""
