"""Chooses what a wheel contains: the package `bot`, with `cogs` and `migrations` inside it.

In the repository the two lie beside `bot`. As top-level packages of a wheel they would collide with other people's
packages of these names. Everything else about the build is in pyproject.toml, which can't both search for packages and
give them another place; bot/packaging.py finds the two at run time.
"""

from setuptools import find_namespace_packages, setup

MOVED = ("cogs", "migrations")


def _packages(top: str) -> list[str]:
    # Namespace packages as well: the folders of the translations have no __init__.py.
    return find_namespace_packages(include=[top, f"{top}.*"], exclude=["*.__pycache__"])


setup(
    packages=[*_packages("bot"), *(f"bot.{name}" for top in MOVED for name in _packages(top))],
    package_dir={f"bot.{top}": top for top in MOVED},
)
