"""The wheel: what is in it, and that the bot runs from it without the repository."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot import __version__
from bot.presentation.words.languages import LANGUAGES
from bot.storage.schema.tables import SCHEMA_REVISION

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
LOAD_COGS = """
import asyncio, pathlib
import bot
from bot import config
from bot.bootstrap.app import open_bot
from bot.domain.settings.catalogue import parse_setting

async def main():
    keys = {"DISCORD_TOKEN": "a.b.c", "FUSION_API_SECRET_KEY": "key"}
    async with open_bot(config.load(keys, parse_setting=parse_setting), serving=False) as client:
        await client.add_commands()
        print(pathlib.Path(bot.__file__).parent, *client.extensions, sep="\\n")

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built wheel, the folder that it is installed in, and an empty folder to work in."""

    file: Path
    installed: Path
    elsewhere: Path

    def run(self, *arguments: str, **environment: str) -> str:
        """Run Python with the installed wheel, away from the repository; return what it prints."""
        kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.installed), "PYTHONDONTWRITEBYTECODE": "1"}
        return _run(sys.executable, *arguments, folder=self.elsewhere, environment={**kept, **environment})


def _run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Build from a copy, since setuptools writes beside the sources, and install without dependencies."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    installed, elsewhere = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("elsewhere")
    for name in ("bot", "cogs", "migrations", "sandbox", "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "README.md", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, source)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
    environment = {"PATH": os.environ["PATH"]}
    offline = ("--no-index", "--no-deps", "--quiet")
    _run(*pip, "wheel", *offline, "--no-build-isolation", "-w", str(built), ".", folder=source, environment=environment)
    (file,) = built.iterdir()
    install = (*pip, "install", *offline, "--no-compile", "--target", str(installed), str(file))
    _run(*install, folder=built, environment=environment)
    return Wheel(file=file, installed=installed, elsewhere=elsewhere)


def _files(top: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / top).rglob(pattern)}


def test_a_wheel_has_one_package_with_everything_inside(wheel: Wheel) -> None:
    with ZipFile(wheel.file) as archive:
        everything = archive.namelist()
    about = f"fusion_bot-{__version__}.dist-info"
    assert {name.split("/")[0] for name in everything} == {"bot", about}
    names = {name for name in everything if not name.startswith(about)}
    code = _files("bot", "*.py") | {f"bot/{name}" for top in ("cogs", "migrations") for name in _files(top, "*.py")}
    data = _files("bot", "*.mo") | {"bot/py.typed", "bot/migrations/script.py.mako"}
    assert names == code | data
    assert {f"bot/locale/{name}/LC_MESSAGES/fusion_bot.mo" for name in LANGUAGES} <= names


def test_a_wheel_migrates_a_database(wheel: Wheel, tmp_path: Path) -> None:
    """A new one, and one that needs the migrations' files: it has Alembic's table but no revision yet."""
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    for file in (new, old):
        url = f"sqlite+aiosqlite:///{file.as_posix()}"
        wheel.run("-m", "bot", "migrate", DATABASE_URL=url, DISCORD_TOKEN="a.b.c", FUSION_API_SECRET_KEY="key")
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA_REVISION,)]
    assert list(wheel.elsewhere.iterdir()) == []


def test_a_wheel_loads_its_own_cogs(wheel: Wheel) -> None:
    where, *cogs = wheel.run("-c", LOAD_COGS).splitlines()
    assert Path(where) == wheel.installed / "bot"
    assert cogs == sorted(f"bot.cogs.{path.stem}" for path in (ROOT / "cogs").glob("[!_]*.py"))
