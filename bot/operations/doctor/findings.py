"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """The bot works, but not as it might, or not for long."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not checked: not asked for, or something that it needs failed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report.

    ``check`` is its name within its section; ``found`` and ``cure`` are English, may hold what others sent (the report
    makes that printable) and hold no secret. Every warning and failure has a cure.
    """

    check: str
    verdict: Verdict
    found: str
    cure: str = ""


def fine(check: str, found: str) -> Finding:
    """Say that all is well."""
    return Finding(check=check, verdict=Verdict.OK, found=found)


def warning(check: str, found: str, cure: str) -> Finding:
    """Say what could be better."""
    return Finding(check=check, verdict=Verdict.WARNING, found=found, cure=cure)


def failed(check: str, found: str, cure: str) -> Finding:
    """Say what keeps the bot from working."""
    return Finding(check=check, verdict=Verdict.FAILED, found=found, cure=cure)


def skipped(check: str, found: str) -> Finding:
    """Say what was not checked, and why."""
    return Finding(check=check, verdict=Verdict.SKIPPED, found=found)
