"""What has become of what was changed."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.people import User
from bot.domain.settings.scopes import Change, Target
from bot.presentation.settings.pages.audit_log import LoggedAct, Standing, acts_of

GUILD, ROOM = Target.guild(1), Target.channel(1, 5)
ANN = User(id=11, name="Ann")


def record(*lines: tuple[str, str, str | None, str | None]) -> list[Change]:
    """Changes from old to new lines of (batch, key, old, new), newest first as they are read."""
    return [
        Change(
            id=number,
            target=GUILD,
            key=key,
            old=old,
            new=new,
            by=ANN,
            changed_at=datetime(2026, 3, 1, tzinfo=UTC),
            batch=batch,
        )
        for number, (batch, key, old, new) in enumerate(lines, 1)
    ][::-1]


def standing(acts: tuple[LoggedAct, ...]) -> dict[str, Standing]:
    return {act.batch: act.standing for act in acts}


def test_what_nothing_came_after_stands() -> None:
    acts = acts_of(record(("a", "top_p", None, "0.5"), ("b", "persona", None, "x")))
    assert [act.batch for act in acts] == ["b", "a"], "newest first"
    assert set(standing(acts).values()) == {Standing.STANDS}


def test_what_the_next_change_restored_was_taken_back() -> None:
    acts = acts_of(record(("a", "top_p", None, "0.5"), ("b", "top_p", "0.5", "0.6"), ("c", "top_p", "0.6", "0.5")))
    assert standing(acts) == {"a": Standing.REPLACED, "b": Standing.TAKEN_BACK, "c": Standing.STANDS}


def test_an_act_of_many_is_taken_back_only_whole() -> None:
    both = (("a", "top_p", None, "0.5"), ("a", "persona", None, "x"))
    assert standing(acts_of(record(*both)))["a"] is Standing.STANDS
    half = record(*both, ("b", "persona", "x", None))
    assert standing(acts_of(half))["a"] is Standing.REPLACED
    whole = record(*both, ("b", "persona", "x", None), ("b", "top_p", "0.5", None))
    assert standing(acts_of(whole)) == {"a": Standing.TAKEN_BACK, "b": Standing.STANDS}


def test_the_same_key_elsewhere_is_another_setting() -> None:
    changes = record(("a", "top_p", None, "0.5"))
    other = Change(
        id=9,
        target=ROOM,
        key="top_p",
        old="0.5",
        new=None,
        by=ANN,
        changed_at=datetime(2026, 3, 1, tzinfo=UTC),
        batch="b",
    )
    assert set(standing(acts_of([other, *changes])).values()) == {Standing.STANDS}


def test_the_record_of_one_setting_counts_what_else_was_changed_at_once() -> None:
    changes = record(("a", "top_p", None, "0.5"), ("b", "top_p", "0.5", "0.6"), ("b", "persona", None, "x"))
    acts = acts_of(changes, "persona")
    assert [(act.batch, act.count, [change.key for change in act.changes]) for act in acts] == [("b", 2, ["persona"])]
    assert acts_of(changes, "spoilers") == ()
