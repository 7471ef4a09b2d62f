"""Whose prompt a line may go into, in every store and over the lines that the database has not kept yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.history.messages import HistoryMessage
from bot.domain.history.ports import HistoryStore
from bot.domain.history.readers import Reader
from bot.services.turn.backlog import Backlog
from bot.services.turn.remembering import RememberingHistory
from bot.services.turn.stores import Stores
from tests.contract.samples import message
from tests.fakes.stores.drawings import FakeDrawingStore, FakePictureFiles
from tests.fakes.stores.history import FakeHistoryStore
from tests.fakes.stores.turns import FakeTurnStore
from tests.fakes.stores.usage import FakeUsageStore

ANN, BOB = 8, 9
LINES: dict[str, dict[str, Any]] = {
    "everyone's": {},
    "ann's where she carries the bot": {"only_for": ANN},
    "ann's private one": {"only_for": ANN, "private": True},
    "bob's where he carries the bot": {"only_for": BOB},
    "bob's private one": {"only_for": BOB, "private": True},
}
READ = {
    "a member, answered before everyone": (
        Reader(user_id=ANN),
        ["everyone's", "ann's where she carries the bot"],
    ),
    "a member, answered alone": (
        Reader(user_id=ANN, alone=True),
        ["everyone's", "ann's where she carries the bot", "ann's private one"],
    ),
    "carrying the bot, answered before everyone": (
        Reader(user_id=ANN, carried=True),
        ["ann's where she carries the bot"],
    ),
    "carrying the bot, answered alone": (
        Reader(user_id=ANN, carried=True, alone=True),
        ["ann's where she carries the bot", "ann's private one"],
    ),
    "somebody who has said nothing": (Reader(user_id=10, alone=True), ["everyone's"]),
    "nobody's prompt": (None, list(LINES)),
}


def lines() -> list[HistoryMessage]:
    return [replace(message(number, text=text), **whose) for number, (text, whose) in enumerate(LINES.items(), 1)]


@pytest.mark.parametrize("case", READ)
async def test_reads_what_the_reader_may_read(history: HistoryStore, case: str) -> None:
    for line in lines():
        await history.append(line)
    reader, expected = READ[case]
    assert [line.text for line in await history.recent(1, limit=9, reader=reader)] == expected
    assert [line.text for line in await history.recent(1, limit=1, reader=reader)] == expected[-1:]


@pytest.mark.parametrize("case", READ)
def test_a_line_tells_the_same(case: str) -> None:
    reader, expected = READ[case]
    assert [line.text for line in lines() if reader is None or reader.may_read(line)] == expected


@pytest.mark.parametrize("case", READ)
async def test_what_the_database_has_not_kept_yet_is_read_alike(
    history: HistoryStore, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, expected = READ[case]
    turns = FakeTurnStore(FakeHistoryStore(), FakeDrawingStore(), FakePictureFiles(), FakeUsageStore())
    backlog = Backlog(Stores(history=history, turns=turns, drawings=FakeDrawingStore()))
    monkeypatch.setattr(backlog, "lines", lambda channel: tuple(lines()) if channel == 1 else ())
    remembering = RememberingHistory(history, backlog)
    assert [line.text for line in await remembering.recent(1, limit=9, reader=reader)] == expected


async def test_a_reader_s_limit_counts_what_they_may_read(history: HistoryStore) -> None:
    await history.append(message(1, text="everyone's"))
    for number in range(2, 60):
        await history.append(replace(message(number), only_for=BOB, private=True))
    assert [line.text for line in await history.recent(1, limit=1, reader=Reader(user_id=ANN))] == ["everyone's"]
