"""How long a bot's requests are on their way, where a test or a measurement wants more than this machine takes."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What a request takes there and back: evenly at random from `least_s` to `most_s` seconds, the same for a `seed`.

    Half of it passes before Discord's clock sees the request, half before the bot sees the answer.
    """

    least_s: float = 0.08
    most_s: float = 0.3
    seed: int = 0

    def dice(self) -> random.Random:
        """Begin the delays from the start."""
        return random.Random(self.seed)  # no secret

    def one_way_s(self, dice: random.Random) -> float:
        """Draw how long a request is on its way to Discord; its answer takes as long."""
        return dice.uniform(self.least_s, self.most_s) / 2
