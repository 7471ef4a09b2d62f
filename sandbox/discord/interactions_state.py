"""An interaction under way."""

from __future__ import annotations


class Interaction:
    """Placeholder until the module of interactions is in."""
