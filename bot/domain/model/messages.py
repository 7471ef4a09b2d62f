"""The messages of a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks, in the terms of the endpoints."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptMessage:
    """A message as the model gets it."""

    role: Role
    content: str
