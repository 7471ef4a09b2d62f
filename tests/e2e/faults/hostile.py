"""Forty people who each try to have the bot for themselves, and the endpoint and picture host that they do it with."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.reply.controls import Action, custom_id
from bot.domain.settings.scopes import Target
from bot.presentation.settings.ids import Act, Spot, panel_id
from sandbox.discord.interactions.create import create_interaction
from sandbox.discord.protocol.errors import PersonError
from sandbox.discord.state.interaction import Kind
from sandbox.discord.state.records import Channel, Message, User
from tests.e2e.conftest import Stage
from tests.integration.answers.server import Gap, Script, picture_of
from tests.integration.answers.writing import DONE, ROLE, ch, deltas, events
from tests.unit.providers.servers import RawServer, Stall

MESSAGE_S = 1.0
"""Between two messages, edits or commands of one person: Discord lets nobody write much more than that."""
PRESS_S = 0.3
"""Between two presses of one person, as fast as a client lets a hand be."""
HONEST_WORDS = 30
HONEST_GAP_S = 0.05
"""How an honest question is answered: a second and a half of ordinary speed."""
_ASKED = re.compile(r"(honest|silent|pictures|bars|large|long|word) (\d+)")


class Trickle(RawServer):
    """A host of pictures that sends a byte now and then, and never ends."""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        data = picture_of(64, 64)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(data)}\r\n\r\n".encode())
        for byte in data:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(1.0)


def endpoint(trickle: Trickle) -> Callable[[Any], Script]:
    """Return what answers each question as it is asked to."""
    picture = base64.b64encode(random.Random(1).randbytes(6 * 2**20)).decode()

    def react(request: Any) -> Script:
        found = _ASKED.findall(json.dumps(request["messages"][-1]["content"]))
        kind, number = found[-1] if found else ("honest", "0")
        match kind:
            case "honest":
                words = [step for at in range(HONEST_WORDS) for step in (Gap(HONEST_GAP_S), ch(f"w{at} "))]
                return events(ch(ROLE), *words, ch(f"done {number}", "stop"), DONE)
            case "silent":
                return events(ch(ROLE), ch("one"), Stall(), end=False)
            case "pictures":
                urls = [f"{trickle.base}/{number}-{at}.png" for at in range(10)]
                parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
                return events(ch(ROLE), ch({"images": parts}), ch("", "stop"), DONE)
            case "bars":
                return events(*deltas("||" * 40_000))
            case "large":
                # As long as a picture is and none: what comes of it is not to hold up anybody.
                part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
                return events(ch(ROLE), ch({"images": [part]}), ch("", "stop"), DONE)
            case _:
                return events(*deltas(*(f"{'x' * 400} {at}\n" for at in range(60))))

    return react


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """One of them, with the channels that they go to; ``reply`` is an honest person's, which they may press at."""

    stage: Stage
    user: User
    channels: Sequence[Channel]
    reply: Message
    turn_id: int

    async def does(self, kind: int) -> None:
        """Do one of the things that the review tried, again and again until cancelled."""
        kinds: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (
            self.floods, self.floods, self.takes_pictures, self.presses, self.edits, self.lists_words,
            self.shouts, self.talks_long,
        )  # fmt: skip
        await kinds[kind % len(kinds)]()

    async def floods(self) -> None:
        """Ask in every channel what is never answered to its end, and keep asking."""
        number = 0
        while True:
            for channel in self.channels:
                await self._says(f"silent {number}", channel)
                number += 1
                await asyncio.sleep(MESSAGE_S)

    async def takes_pictures(self) -> None:
        for number in range(10_000):
            await self._says(f"pictures {number}", self.channels[number % len(self.channels)])
            await asyncio.sleep(MESSAGE_S)

    async def presses(self) -> None:
        """Press another's buttons, and a panel that is none of theirs."""
        world = self.stage.discord.world
        panel = panel_id(Act.RESET, Spot(target=Target.guild(world.guild().id)).at("temperature"))
        ids = [*(custom_id(action, self.turn_id) for action in Action), panel, "reply:stop:1", "draw:redraw:0:0"]
        channel = world.channel_by_id(self.reply.channel_id)
        while True:
            for made_up in ids:
                body = {"component_type": 2, "custom_id": made_up, "id": 1}
                create_interaction(
                    world, Kind.COMPONENT, world.application, self.user, channel, body, source=self.reply
                )
                await asyncio.sleep(PRESS_S)

    async def edits(self) -> None:
        """Ask, and change the question again and again while it is answered."""
        world = self.stage.discord.world
        for number in range(10_000):
            asked = await self._says(f"silent {number}", self.channels[number % len(self.channels)])
            for again in range(5):
                if asked is None:
                    break
                await world.edit(self.user, asked, f"{world.bot.mention} silent {number}{again}")
                await asyncio.sleep(MESSAGE_S)

    async def lists_words(self) -> None:
        """Forbid two hundred words in a channel, other ones each time, and ask there."""
        world = self.stage.discord.world
        for number in range(10_000):
            words = ", ".join(f"word{number}n{at}x" for at in range(200))[:3900]
            channel = self.channels[number % len(self.channels)]
            options = {"key": "forbidden_words", "value": words, "scope": "channel"}
            await world.slash(self.user, channel, "settings set", options)
            await self._says(f"long {number}", channel)
            await asyncio.sleep(MESSAGE_S)

    async def shouts(self) -> None:
        for number in range(10_000):
            kind = ("bars", "large")[number % 2]
            await self._says(f"{kind} {number}", self.channels[number % len(self.channels)])
            await asyncio.sleep(MESSAGE_S)

    async def talks_long(self) -> None:
        for number in range(10_000):
            text = f"long {number} " + "*_~|`[](" * 200
            await self._says(text, self.channels[number % len(self.channels)])
            await asyncio.sleep(MESSAGE_S)

    async def _says(self, text: str, channel: Channel) -> Message | None:
        try:
            return await self.stage.mention(text, user=self.user, channel=channel)
        except PersonError:
            return None  # Discord's own limits hold for them too
