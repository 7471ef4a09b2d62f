"""Values for the contract suites."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.history.messages import HistoryMessage
from bot.domain.model.messages import Role
from bot.domain.model.request import Mode
from bot.domain.picture.files import Drawing
from bot.domain.picture.parameters import ControlNet, DrawingParameters, Size
from bot.domain.turn.record import Turn, TurnState

START = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)
LATER = START + timedelta(seconds=90)
LARGEST = 2**63 - 1
HARD_TEXTS = {
    "emoji": "fox 🦊 family 👩‍👩‍👧‍👦 flag 🇨🇳",
    "chinese": "画一只在雪地里奔跑的狐狸，谢谢！",
    "quotes": """it's "quoted" ; DROP TABLE messages; -- %s :name ? {}""",
    "lines": "a\r\nb\u2028c\td",
    "long": "长" * 200_000,
    "empty": "",
}


def message(message_id: int, channel_id: int = 1, *, text: str = "hello") -> HistoryMessage:
    """Make a person's message."""
    return HistoryMessage(
        id=message_id,
        channel_id=channel_id,
        guild_id=7,
        author_id=8,
        author_name="Alice",
        role=Role.USER,
        text=text,
        created_at=START,
    )


def turn(turn_id: int, *, state: TurnState = TurnState.QUEUED, reply_ids: tuple[int, ...] = ()) -> Turn:
    """Make a turn that asks for words."""
    return Turn(
        id=turn_id,
        channel_id=1,
        guild_id=7,
        asker_id=8,
        mode=Mode.CHAT,
        state=state,
        prompt="hello",
        locale="en-US",
        created_at=START,
        updated_at=START,
        reply_ids=reply_ids,
    )


def prompt_of(turn: Turn) -> HistoryMessage:
    """Make the message that asked."""
    return replace(message(turn.id, turn.channel_id, text=turn.prompt), guild_id=turn.guild_id)


def drawing(turn_id: int, index: int = 0, *, message_id: int = 50, prompt: str = "a fox") -> Drawing:
    """Make a drawing of which no parameter is the default."""
    return Drawing(
        turn_id=turn_id,
        index=index,
        channel_id=1,
        message_id=message_id,
        prompt=prompt,
        parameters=DrawingParameters(
            model="Artist V0.3.0 Beta",
            size=Size(width=640, height=960),
            steps=30,
            scale=9,
            seed=9_999_999,
            enhance=True,
            control=ControlNet.CANNY,
        ),
        filename="fox.png",
        created_at=START,
    )
