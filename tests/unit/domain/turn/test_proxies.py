"""Which messages say another one again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.turn.proxies import MOST_TAG_CHARS, Said, repeats


def said(text: str, *files: str, channel_id: int = 1) -> Said:
    return Said(id=5, channel_id=channel_id, text=text, files=files)


@pytest.mark.parametrize(
    ("original", "repeat"),
    [
        ("<@99> what is a fox?", "<@99> what is a fox?"),
        ("L: <@99> what is a fox?", "<@99> what is a fox?"),
        ("[<@!99> what  is\na fox?] -l", "<@99> what is a fox?"),
        ("x" * MOST_TAG_CHARS + "hi", "hi"),
    ],
    ids=["the same", "a tag before it", "tags around it, spaces", "a long tag"],
)
def test_a_repeat_is_the_message_without_its_tag(original: str, repeat: str) -> None:
    assert repeats(said(repeat), said(original))


@pytest.mark.parametrize(
    ("original", "repeat"),
    [
        ("<@99> what is a fox?", "<@99> what is a dog?"),
        ("hi", "hi there"),
        ("hi", ""),
        ("x" * (MOST_TAG_CHARS + 1) + "hi", "hi"),
    ],
    ids=["another", "more", "nothing", "a small part"],
)
def test_what_else_is_said_is_no_repeat(original: str, repeat: str) -> None:
    assert not repeats(said(repeat), said(original))


def test_files_come_along_or_are_too_large_for_a_webhook() -> None:
    assert repeats(said("hi", "a.png"), said("L: hi", "a.png"))
    assert repeats(said("hi", "a.png"), said("L: hi", "a.png", "b.png"))
    assert repeats(said("", "a.png"), said("L:", "a.png"))
    assert not repeats(said("hi", "b.png"), said("hi", "a.png"))
    assert not repeats(said("hi", "a.png", "a.png"), said("hi", "a.png"))
    assert not repeats(said("", "a.png"), said("x" * (MOST_TAG_CHARS + 1), "a.png"))


def test_another_channel_is_another_talk() -> None:
    assert not repeats(said("hi", channel_id=2), said("hi"))


def test_what_is_hidden_is_a_repeat_if_it_is_a_known_proxy_s_and_would_be() -> None:
    original, hidden = replace(said("and then?"), hidden_again=True), replace(said(""), by=14)
    assert repeats(hidden, original, {14})
    assert not repeats(hidden, original, {15})
    assert not repeats(replace(hidden, by=None), original, {14})
    assert not repeats(hidden, said("<@99> and then?"), {14})
    assert not repeats(replace(hidden, channel_id=2), original, {14})
