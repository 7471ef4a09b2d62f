"""The check that nobody else on the machine can read what people said and drew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.operations.doctor.findings import Finding, fine, warning


def check_private(paths: Sequence[Path], *, open_to_others: Callable[[Path], bool]) -> list[Finding]:
    """Look at the files and folders of the bot's that are there; nothing is found of those that are not."""
    there = [path for path in paths if path.exists()]
    open_ones = [path for path in there if open_to_others(path)]
    if open_ones:
        listed = " and ".join(map(str, open_ones))
        return [
            warning(
                "private",
                f"{listed}: other users of this machine may read what people said and drew",
                " && ".join(f"chmod {700 if path.is_dir() else 600} '{path}'" for path in open_ones),
            )
        ]
    return [fine("private", "the database and pictures are for their owner alone")] if there else []
