"""What a user asks, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.drawing.wish import DrawWish
from bot.domain.history.readers import Reader
from bot.domain.model.request import Mode
from bot.domain.people import Place, User


class Source(StrEnum):
    """What a turn's id is the id of."""

    MESSAGE = "message"
    """A message, which can be replied to, edited and deleted."""
    INTERACTION = "interaction"
    """A slash command, which leaves no message of the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The message that a prompt replies to, as far as Discord shows it.

    ``drawn`` is the recipe of pictures that came with it, empty if it is not known; None: there are none.
    """

    id: int
    author: User
    text: str
    from_bot: bool
    created_at: datetime
    drawn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a user asked, parsed and clean: the input of a turn.

    ``id`` is the snowflake of the message or interaction that asked (``source`` says which), and the id of the turn:
    the same event seen twice gives the same turn. ``text`` has mentions written as names and is never empty.
    ``response_id`` is the message that the answer begins in: the one that Discord has made for a deferred command, or
    one of the bot's that said why the message was not taken up.
    ``wish`` is what was asked of a drawing, where one was asked for by a command or a button. ``overheard``: nobody
    spoke to the bot, which answers all the same where it is to; why it does not is nobody's concern. ``payer`` is who
    wants it asked again, on their own account, where that is not the one who asked. ``private``: what is asked and
    answered is kept as the asker's alone, which nobody else saw; ``alone``: it is certain that nobody else sees the
    answer. ``own``: it was asked where the asker carries the bot along. ``edited_at`` is when the
    message was edited last, by Discord's clock; None if it never was. ``pings``: the answer is to ping who asked.
    """

    id: int
    mode: Mode
    text: str
    user: User
    place: Place
    created_at: datetime
    reference: Reference | None = None
    source: Source = Source.MESSAGE
    response_id: int | None = None
    wish: DrawWish | None = None
    overheard: bool = False
    payer: User | None = None
    private: bool = False
    alone: bool = False
    own: bool = False
    edited_at: datetime | None = None
    pings: bool = True

    @property
    def response_ids(self) -> tuple[int, ...]:
        """The messages that the answer begins in; none where its first one has yet to be sent."""
        return () if self.response_id is None else (self.response_id,)

    @property
    def is_private(self) -> bool:
        """Whether only the asker sees what is asked and answered, or that can't be told."""
        return self.private or (self.wish is not None and self.wish.private)

    @property
    def only_for(self) -> int | None:
        """The user whose alone it is; None if it is the whole channel's."""
        own = self.own or self.place.by_token_only or self.is_private
        return self.user.id if own else None

    @property
    def reader(self) -> Reader:
        """Who the answer is made for, and who sees it. In the bot's own direct messages nobody else is there."""
        carried = self.place.by_token_only
        return Reader(user_id=self.user.id, alone=self.alone or (self.place.is_direct and not carried), carried=carried)
