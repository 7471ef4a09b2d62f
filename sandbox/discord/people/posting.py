"""The people's side over HTTP, continued: what people post beside words. See sandbox/README.md for the calls."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord.people.http import Call, Side, acting
from sandbox.discord.people.interact import People
from sandbox.discord.protocol.errors import PersonError
from sandbox.discord.state.records import Message

_LONG = 1_000_000


class _Posting(Side):
    """The handlers; each returns what is sent as JSON."""

    def _reply_to(self, call: Call) -> Message | None:
        return self.message(call, self.channel(call), "reply_to") if call.text("reply_to") else None

    async def forward(self, call: Call) -> Any:
        """Forward a message to another channel."""
        message = self.message(call, self.channel(call))
        sent = await self.world.forward(
            call.person, message, self.channel(call, "to"), comment=call.text("comment") or ""
        )
        return self.shown(sent, call.person)

    async def poll(self, call: Call) -> Any:
        """Start a poll."""
        answers = call.fields.items("answers", high=10, required=True) or []
        hours = call.fields.integer("hours", low=1, high=768)
        call.fields.form.check()
        if not all(isinstance(one, str) for one in answers):
            raise PersonError("The answers of a poll are texts.")
        sent = await self.world.start_poll(
            call.person, self.channel(call), call.needed("question"), answers,
            hours=hours or 24, multiselect=call.flag("multiselect"),
        )  # fmt: skip
        return self.shown(sent, call.person)

    async def vote(self, call: Call) -> Any:
        """Vote in a poll, or take that back."""
        message = self.message(call, self.channel(call))
        number = call.fields.integer("answer", required=True)
        call.fields.form.check()
        await self.world.vote(call.person, message, number or 0, remove=call.flag("remove"))
        return self.shown(message, call.person)

    async def end_poll(self, call: Call) -> Any:
        """End a poll of one's own."""
        message = self.message(call, self.channel(call))
        if message.author is not call.person:
            raise PersonError("Only who started a poll ends it.", status=403, code=50005)
        return self.shown(await self.world.end_poll(message), call.person)

    async def voice(self, call: Call) -> Any:
        """Send a voice message."""
        return self.shown(await self.world.send_voice(call.person, self.channel(call)), call.person)

    async def sticker(self, call: Call) -> Any:
        """Send a sticker."""
        sent = await self.world.send_sticker(
            call.person, self.channel(call), call.text("name", 30) or "Wave",
            content=call.text("content") or "", reply_to=self._reply_to(call),
        )  # fmt: skip
        return self.shown(sent, call.person)

    async def paste(self, call: Call) -> Any:
        """Paste a long text, which becomes message.txt."""
        sent = await self.world.paste(
            call.person, self.channel(call), call.needed("text", _LONG),
            content=call.text("content") or "", reply_to=self._reply_to(call),
        )  # fmt: skip
        return self.shown(sent, call.person)

    async def pin(self, call: Call) -> Any:
        """Pin a message, or take the pin away."""
        message = self.message(call, self.channel(call))
        await self.world.pin(call.person, message, pinned=call.flag("pinned", default=True))
        return self.shown(message, call.person)

    async def hide_embeds(self, call: Call) -> Any:
        """Take the embeds off a message, or put them back."""
        message = self.message(call, self.channel(call))
        await self.world.hide_embeds(call.person, message, hidden=call.flag("hidden", default=True))
        return self.shown(message, call.person)


def posting_routes(world: People) -> list[web.RouteDef]:
    """Return the routes below /people of what is posted beside words."""
    side = _Posting(world)
    return [
        acting(world, "forward", side.forward),
        acting(world, "poll", side.poll),
        acting(world, "vote", side.vote),
        acting(world, "end-poll", side.end_poll),
        acting(world, "voice", side.voice),
        acting(world, "sticker", side.sticker),
        acting(world, "paste", side.paste),
        acting(world, "pin", side.pin),
        acting(world, "hide-embeds", side.hide_embeds),
    ]
