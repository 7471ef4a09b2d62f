"""The tree of errors: one root, and nothing that a person meets without words."""

from __future__ import annotations

import importlib
import pkgutil
from enum import StrEnum
from typing import get_args

import pytest

import bot
from bot import errors
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.reply.ending import Problem
from bot.errors import RETRYABLE, BotError, ConfigError, ErrorKind, ProviderError, Refusal, StorageError, UserError
from bot.presentation.words.replies import Words

SHOWN_TO_AN_OPERATOR = {ConfigError: "its faults, at the start", StorageError: "Trouble.STORAGE to people"}
"""Errors that people are never shown as they are, and what they are shown."""
INSIDE_AN_ADAPTER = {"NotAPictureError": "bot.providers turns it into a ProviderError"}


def every_error() -> set[type[BotError]]:
    """Import the whole package and walk the tree."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[BotError]] = set()
    waiting: list[type[BotError]] = [BotError]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found.update(subclasses)
        waiting.extend(subclasses)
    return found


def test_every_exception_of_the_project_is_in_the_tree() -> None:
    found = every_error()
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__.startswith("bot"):
                assert value is BotError or value in found or value.__name__ in INSIDE_AN_ADAPTER, value


def test_the_branches_are_the_documented_ones() -> None:
    shared = {error for error in every_error() if error.__module__ == errors.__name__}
    assert {UserError, ProviderError, *SHOWN_TO_AN_OPERATOR} <= shared
    for error in every_error() - shared:
        assert error.__doc__, error
        assert error.__name__.endswith("Error"), error


@pytest.mark.parametrize("kinds", [kind for kind in get_args(Problem) if issubclass(kind, StrEnum)])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_kind_has_words(kinds: type[Refusal | errors.Trouble | DrawingDenial], locale: str) -> None:
    words = [Words(locale).problem(kind) for kind in kinds]
    assert all(words)
    assert len(set(words)) == len(words)


def test_what_may_be_tried_again() -> None:
    for kind in ErrorKind:
        assert ProviderError(kind).retryable == (kind in RETRYABLE)


def test_errors_tell_their_kind_first() -> None:
    assert str(ProviderError(ErrorKind.NETWORK)) == "network"
    assert str(ProviderError(ErrorKind.NETWORK, "reset")) == "network: reset"
    assert "shown" not in str(ProviderError(ErrorKind.NETWORK, "reset", sentence="shown"))
    assert str(UserError(Refusal.BUSY)) == "busy"
    assert str(ConfigError(("A must be b", "C is missing"))) == "A must be b; C is missing"
