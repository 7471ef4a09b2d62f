"""What people post beside words: forwards, polls, voice messages, stickers, long pastes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

from sandbox.discord.acts.messages import check_send, create_message
from sandbox.discord.acts.polls import end_poll, poll_of, vote
from sandbox.discord.acts.posts import hide_embeds
from sandbox.discord.bodies.message import Answered, Draft, FileNote, Upload, parse_draft
from sandbox.discord.people.talk import PeopleTalk
from sandbox.discord.protocol.errors import PersonError, refusal
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel, Message, MessageFlag, User

STICKERS: Final[dict[str, dict[str, Any]]] = {
    "Wave": {"id": "749054660769218631", "name": "Wave", "format_type": 3},
}
"""One of Discord's own."""
_SAMPLES_A_S: Final = 10
_BYTES_A_S: Final = 4_000


class PeoplePosts(PeopleTalk):
    """Messages of people that are more than text and files."""

    async def forward(self, person: User, message: Message, channel: Channel, *, comment: str = "") -> Message:
        """Forward a message; a comment follows as a message of its own, as Discord's client sends it.

        The copy has no poll (documentation, "Message Snapshot Object"). Returns the forward.
        """
        self._check_sight(person, message)
        if message.ephemeral:
            raise refusal(10008)
        source = Answered(
            message_id=message.id, channel_id=message.channel_id, fail_if_not_exists=True, forward=True
        )  # fmt: skip
        sent = self._post(person, channel, Draft(answered=source))
        if comment:
            await self.say(person, channel, comment)
        return sent

    async def start_poll(
        self,
        person: User,
        channel: Channel,
        question: str,
        answers: Sequence[str | tuple[str, str]],
        *,
        hours: int = 24,
        multiselect: bool = False,
        endless: bool = False,
    ) -> Message:
        """Start a poll; an answer is a text, or an emoji and a text.

        `endless` leaves out the end: documented as possible, though Discord has no such polls yet. Raises 50035.

        Many arguments: each is one thing that a person sets in the client's form.
        """
        asked = {
            "question": {"text": question},
            "answers": [{"poll_media": _answer(one)} for one in answers],
            "duration": hours,
            "allow_multiselect": multiselect,
        }
        draft = parse_draft({"poll": asked}, [], now=self.clock())
        if draft.poll is not None and endless:
            draft.poll.expires_at = None
        return self._post(person, channel, draft)

    async def vote(self, person: User, message: Message, answer: int, *, remove: bool = False) -> None:
        """Vote for an answer by its number, from 1, or take that back. Raises PersonError where there is no such."""
        self._check_sight(person, message)
        if answer not in [one.id for one in poll_of(message).answers]:
            raise PersonError("This poll has no such answer.")
        vote(self, person, message, answer, remove=remove)

    async def end_poll(self, message: Message) -> Message:
        """End a poll, as its author does or its time; returns the message that tells the result."""
        return end_poll(self, message)

    async def send_voice(self, person: User, channel: Channel, *, seconds: float = 1.5) -> Message:
        """Send a voice message: a file with its length and loudness, and no text beside it. There is no sound in it."""
        waveform = base64.b64encode(bytes(max(1, int(seconds * _SAMPLES_A_S)))).decode()
        note = FileNote(id=0, duration_s=seconds, waveform=waveform)
        data = b"OggS" + bytes(int(seconds * _BYTES_A_S))
        file = Upload(index=0, filename="voice-message.ogg", content_type="audio/ogg", data=data)
        return self._post(person, channel, Draft(uploads=[file], notes=[note], flags=MessageFlag.VOICE_MESSAGE))

    async def send_sticker(
        self, person: User, channel: Channel, name: str = "Wave", *, content: str = "", reply_to: Message | None = None
    ) -> Message:
        """Send a sticker by its name: one of Discord's, or any other as of a server."""
        sticker = STICKERS.get(name) or {"id": str(self.ids.next()), "name": name, "format_type": 1}
        checked = parse_draft({"content": content}, [])
        draft = Draft(content=checked.content, stickers=[sticker], answered=_reply(reply_to))
        return self._post(person, channel, draft)

    async def paste(
        self, person: User, channel: Channel, text: str, *, content: str = "", reply_to: Message | None = None
    ) -> Message:
        """Paste a long text, which Discord's client turns into the file message.txt."""
        return await self.say(person, channel, content, reply_to=reply_to, files=[("message.txt", text.encode())])

    async def hide_embeds(self, person: User, message: Message, *, hidden: bool = True) -> None:
        """Take the embeds off a message, one's own or with the permission another's, or put them back."""
        channel = self._check_sight(person, message)
        if message.author is not person and not self.permissions(person.id, channel) & Permission.MANAGE_MESSAGES:
            raise refusal(50013)
        hide_embeds(self, message, hidden=hidden)

    def _post(self, person: User, channel: Channel, draft: Draft) -> Message:
        check_send(self, person, channel, draft)
        return create_message(self, person, channel, draft)


def _answer(one: str | tuple[str, str]) -> dict[str, Any]:
    if isinstance(one, str):
        return {"text": one}
    emoji, text = one
    return {"text": text, "emoji": {"name": emoji}}


def _reply(message: Message | None) -> Answered | None:
    if message is None:
        return None
    return Answered(message_id=message.id, channel_id=message.channel_id, fail_if_not_exists=True)
