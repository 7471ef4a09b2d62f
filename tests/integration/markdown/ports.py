"""Two ports of the parser of Discord's client, in a process of Node's that reads many texts.

Needs Node.js 18 or later and the npm packages of requirements/discord-markdown, in the folder that
DISCORD_MARKDOWN_HOME names or beside their lock file; else the tests that use it are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

_LOCK: Final = Path(__file__).parents[3] / "requirements" / "discord-markdown"
_HOME: Final = Path(os.environ.get("DISCORD_MARKDOWN_HOME", _LOCK)).resolve()
_PROGRAM: Final = Path(__file__).with_name("read_markdown.cjs")

PORTS: Final = ("cloudrac3r", "odiffey")

needs_ports: Final = pytest.mark.skipif(
    shutil.which("node") is None or not (_HOME / "node_modules" / "@odiffey" / "discord-markdown").is_dir(),
    reason="needs Node.js and two ports of Discord's parser: npm ci --prefix requirements/discord-markdown",
)

Tree = list[Any]
"""Formatted text; tests/cases/README.md has its form."""


def read_by_ports(texts: Sequence[str], *, timeout_s: float = 600) -> list[dict[str, Tree]]:
    """Read texts with each port: for every text, its tree by the port's name."""
    done = subprocess.run(
        ["node", str(_PROGRAM)],
        input="".join(json.dumps({"text": text}) + "\n" for text in texts),
        env={**os.environ, "DISCORD_MARKDOWN_HOME": str(_HOME)},
        capture_output=True,
        text=True,
        check=True,
        timeout=timeout_s,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
