"""Memory at rest: `python -m benchmarks.rest [--runs N] [CHECKOUT ...]`.

Starts the bot of this checkout, and of each further one in turn, against the local Discord, waits until it is logged in
and a few seconds more, and prints medians of its resident memory, also as a ratio to this one's. A further checkout
needs its own environment (`make .venv/.dev` there). Linux: it reads /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Final

from sandbox.discord import LocalDiscord
from sandbox.endpoint import LocalEndpoint

ROOT: Final = Path(__file__).parents[1]
READY: Final = "ready as"
"""What the bot logs once it is logged in."""
READY_S: Final = 60.0
SETTLED_S: Final = 4.0


def resident_mb(pid: int) -> float:
    """Return what a process has in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


async def at_rest(checkout: Path) -> float:
    """Run a checkout's bot until it is at rest; return its memory in MB. Raises ``RuntimeError`` if it ends before."""
    async with LocalDiscord(port=0) as discord, LocalEndpoint(port=0) as endpoint:
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "DISCORD_TOKEN": discord.token,
                "DISCORD_API_BASE": discord.api_base,
                "FUSION_API_SECRET_KEY": endpoint.fusion_key,
                "FUSION_URL": endpoint.base_url,
                "MIAOHUA_TOKEN": endpoint.miaohua_token,
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
                "PICTURES_DIR": f"{folder}/pictures",
            }
            python = str(checkout / ".venv" / "bin" / "python")
            process = await asyncio.create_subprocess_exec(
                python, "-m", "bot", "run", cwd=checkout, env=environment, stdout=PIPE, stderr=STDOUT
            )
            assert process.stdout is not None
            said: list[str] = []
            try:
                async with asyncio.timeout(READY_S):
                    while READY not in (line := (await process.stdout.readline()).decode()):
                        said.append(line)
                        if not line:
                            raise RuntimeError("".join(said))
                await asyncio.sleep(SETTLED_S)
                return resident_mb(process.pid)
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.communicate()


async def measure(checkouts: list[Path], runs: int) -> None:
    """Measure the checkouts in turn and print them."""
    found: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
    for run in range(runs + 1):
        for checkout in checkouts:
            taken = await at_rest(checkout)
            if run:  # the first start compiles the code, which leaves more in memory
                found[checkout].append(taken)
    own = statistics.median(found[checkouts[0]])
    for checkout, each in found.items():
        median = statistics.median(each)
        print(
            f"{checkout.name}: {median:.1f} MB ({min(each):.1f} to {max(each):.1f}), {median / own:.3f} of {ROOT.name}"
        )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("checkouts", nargs="*", type=Path)
    asked = parser.parse_args()
    asyncio.run(measure([ROOT, *(each.resolve() for each in asked.checkouts)], asked.runs))


if __name__ == "__main__":
    main()
