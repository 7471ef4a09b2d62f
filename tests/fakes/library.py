"""Importing discord.py where every warning is an error."""

from __future__ import annotations

import importlib
import warnings


def import_discord() -> None:
    """Import it once, before anything of the bot that needs it."""
    with warnings.catch_warnings():
        # Its voice support imports a module that Python 3.13 no longer has; before that, importing it warns.
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        importlib.import_module("discord")
