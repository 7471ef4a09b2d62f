"""Which ways lead to a message: the whole table."""

from __future__ import annotations

import pytest

from bot.domain.reply.ways import Life, View, Way, ways

CHANNEL, TOKEN = (Way.CHANNEL,), (Way.TOKEN,)
CHANNEL_FIRST, TOKEN_FIRST, NOWHERE = (Way.CHANNEL, Way.TOKEN), (Way.TOKEN, Way.CHANNEL), ()


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize(("token", "expected"), [(Life.FRESH, TOKEN), (Life.ENDING, TOKEN), (Life.NONE, NOWHERE)])
def test_what_is_confined_goes_by_a_token_alone(view: View, token: Life, own: bool, expected: tuple[Way, ...]) -> None:
    assert ways(view, token, confined=True, own=own) == expected


@pytest.mark.parametrize(
    ("view", "token", "own", "expected"),
    [
        (View.OPEN, Life.NONE, False, CHANNEL),
        (View.OPEN, Life.FRESH, False, CHANNEL_FIRST),
        (View.OPEN, Life.ENDING, False, CHANNEL_FIRST),
        (View.OPEN, Life.FRESH, True, TOKEN_FIRST),
        (View.OPEN, Life.ENDING, True, CHANNEL_FIRST),
        (View.UNKNOWN, Life.NONE, False, CHANNEL),
        (View.UNKNOWN, Life.FRESH, False, TOKEN_FIRST),
        (View.UNKNOWN, Life.ENDING, False, CHANNEL_FIRST),
        (View.UNKNOWN, Life.FRESH, True, TOKEN_FIRST),
        (View.SHUT, Life.NONE, False, NOWHERE),
        (View.SHUT, Life.FRESH, False, TOKEN),
        (View.SHUT, Life.ENDING, False, TOKEN),
        (View.SHUT, Life.FRESH, True, TOKEN),
        (View.SHUT, Life.NONE, True, NOWHERE),
    ],
)
def test_a_message_goes_through_the_channel_where_the_bot_may_and_by_a_token_where_it_may_not(
    view: View, token: Life, own: bool, expected: tuple[Way, ...]
) -> None:
    assert ways(view, token, confined=False, own=own) == expected
