"""Finds the cogs and the migrations: beside ``bot`` in a checkout, inside it in an installed wheel (setup.py)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "bot"


def cogs_package() -> str:
    """Return the name of the package with the cogs: ``cogs``, or ``bot.cogs`` when installed."""
    return "cogs" if _inside("cogs") is None else f"{_PACKAGE}.cogs"


def migrations_folder() -> Path:
    """Return Alembic's folder, whatever the working directory is."""
    return _inside("migrations") or Path(__file__).resolve().parent.parent / "migrations"


def _inside(name: str) -> Path | None:
    """Return the folder of a subpackage of ``bot``; None when there is no such subpackage."""
    spec = find_spec(f"{_PACKAGE}.{name}")
    # A folder without __init__.py counts as a package too, but without an origin: what is left of one after a checkout.
    return None if spec is None or spec.origin is None else Path(spec.origin).parent
