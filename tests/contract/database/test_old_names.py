"""A database of 0.1.0 (schema 0005) whose settings have their old names: brought up to date, used, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.clock import SystemClock
from bot.domain.people import Place, User
from bot.domain.picture.parameters import ControlNet, Size
from bot.domain.settings.document import KnownPlaces
from bot.domain.settings.old_names import OLD_NAMES
from bot.domain.settings.scopes import Actor, Target
from bot.presentation.settings.ids import Spot
from bot.presentation.settings.pages.audit_log import Standing, acts_of, render_audit_log
from bot.presentation.words.panel import PanelWords
from bot.services.settings.files import SettingsFiles
from bot.services.settings.service import SettingsService
from bot.storage.database.engine import open_database
from bot.storage.schema.migrate import SCRIPTS, migrate
from bot.storage.stores.settings import SqlSettingsStore

pytestmark = pytest.mark.slow

GUILD, GROUP, ROOM, MINE = Target.guild(1), Target.category(1, 4), Target.channel(1, 5), Target.user(11)
KNOWN = KnownPlaces(guild_id=1, categories=frozenset({4}), channels=frozenset({5}))
PLACE = Place(channel_id=5, guild_id=1, category_id=4)
BOSS = Actor(user=User(id=10, name="Bo"), guild_id=1, manages_guild=True)

# scope, scope_id, guild_id, key, old, new, batch: one act after the other, as 0.1.0 kept them. The second is an
# import; the fourth takes the third back.
RECORD = (
    ("guild", 1, 1, "mh_scale", None, "8", "a1"),
    ("guild", 1, 1, "mh_scale", "8", "9", "a2"),
    ("guild", 1, 1, "persona", None, "A poet.", "a2"),
    ("category", 4, 1, "mh_ddim_steps", None, "20", "a2"),
    ("channel", 5, 1, "mh_output_size", None, "512x768", "a2"),
    ("channel", 5, 1, "mh_controlnet_model", None, "canny", "a2"),
    ("channel", 5, 1, "mh_select_seed", None, "4711", "a2"),
    ("guild", 1, 1, "mh_add_prompt", None, "on", "a3"),
    ("guild", 1, 1, "mh_add_prompt", "on", None, "a4"),
    ("person", 11, 0, "mh_model_name", None, "Artist v0.4.0 Beta", "a5"),
    ("person", 11, 0, "mh_add_prompt", None, "on", "a6"),
)
EXPORTED = b"""{
  "format": "fusion-bot settings",
  "version": 1,
  "guild_id": "1",
  "guild": {
    "mh_scale": "9",
    "persona": "A poet."
  },
  "categories": {
    "4": {
      "mh_ddim_steps": "20"
    }
  },
  "channels": {
    "5": {
      "mh_controlnet_model": "canny",
      "mh_output_size": "512x768",
      "mh_select_seed": "4711"
    }
  }
}
"""
"""What 0.1.0 exported of this guild."""


def to_revision(go: Callable[[Config, str], None], revision: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        go(config, revision)

    return work


async def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run SQL; return the rows of the last statement."""
    rows: list[tuple[object, ...]] = []
    async with open_database(url, migrating=True) as database, database.write("pretend") as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
    return rows


async def go_to(url: str, go: Callable[[Config, str], None], revision: str) -> None:
    async with open_database(url, migrating=True) as database, database.write("pretend") as connection:
        await connection.run_sync(to_revision(go, revision))


def literal(value: object) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def put(scope: str, scope_id: int, guild_id: int, key: str, value: str, *, day: int = 20) -> str:
    values = ", ".join(map(literal, (scope, scope_id, guild_id, key, value, f"2026-11-{day} 12:00:00.000000")))
    return f"INSERT INTO settings (scope, scope_id, guild_id, key, value, updated_at) VALUES ({values})"


async def make_old(url: str) -> None:
    """Make the database as 0.1.0 left it."""
    await go_to(url, command.upgrade, "0005")
    statements = []
    standing: dict[tuple[str, int, int, str], str | None] = {}
    for scope, scope_id, guild_id, key, old, new, batch in RECORD:
        standing[scope, scope_id, guild_id, key] = new
        who = (10, "Bo") if guild_id else (11, "Ann")
        line = (scope, scope_id, guild_id, key, old, new, batch, *who, "2026-11-20 12:00:00.000000")
        values = ", ".join(map(literal, line))
        statements.append(
            "INSERT INTO setting_changes (scope, scope_id, guild_id, key, old, new, batch, by_id, by_name, changed_at) "
            f"VALUES ({values})"
        )
    statements += [put(*place, value) for place, value in standing.items() if value is not None]
    statements.append("UPDATE revisions SET number = 6 WHERE name = 'settings'")
    await run(url, *statements)


def test_the_migration_and_the_table_of_old_names_agree() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    revision = ScriptDirectory.from_config(config).get_revision("0006")
    assert revision is not None
    assert revision.module.NAMES == OLD_NAMES


async def test_a_database_of_0_1_0_goes_on_as_it_was(empty_url: str) -> None:
    await make_old(empty_url)
    await migrate(empty_url)
    async with open_database(empty_url) as database:
        store = SqlSettingsStore(database)
        service = SettingsService({}, store, SystemClock())
        files = SettingsFiles(service, store)

        mine = await service.in_force(PLACE, 11)
        assert (mine.scale, mine.steps, mine.size, mine.seed) == (9, 20, Size(width=512, height=768), 4711)
        assert (mine.control, mine.drawing_model, mine.enhance) == (ControlNet.CANNY, "Artist v0.4.0 Beta", True)
        assert mine.persona == "A poet."
        others = await service.in_force(PLACE, 12)
        assert (others.drawing_model, others.enhance) == ("Artist_V0.1.3", False)
        assert await service.set_at(ROOM) == {"size": "512x768", "control": "canny", "seed": "4711"}

        changes = await service.history(GUILD)
        assert [(one.key, one.old, one.new) for one in reversed(changes)] == [
            (OLD_NAMES.get(key, key), old, new) for _, _, guild_id, key, old, new, _ in RECORD if guild_id
        ]
        scale = acts_of(changes, "scale")
        assert [(act.batch, act.standing) for act in scale] == [("a2", Standing.STANDS), ("a1", Standing.REPLACED)]
        tried = acts_of(changes, "enhance")
        assert [(act.batch, act.standing) for act in tried] == [("a4", Standing.STANDS), ("a3", Standing.TAKEN_BACK)]
        for locale in ("en-US", "zh-CN"):
            page = render_audit_log(Spot(target=GUILD), acts_of(changes), 0, PanelWords(locale))
            assert "mh_" not in str(page.to_components())  # type: ignore[no-untyped-call]  # the library's

        exported = await files.export(KNOWN)
        assert json.loads(exported)["guild"] == {"persona": "A poet.", "scale": "9"}
        assert b"mh_" not in exported
        for file in (exported, EXPORTED):
            assert (await files.plan_import(file, KNOWN, BOSS)).rows == ()

        await service.undo(GUILD, "a2", BOSS)
        assert await service.set_at(GUILD) == {"scale": "8"}
        assert await service.set_at(GROUP) == await service.set_at(ROOM) == {}
        plan = await files.plan_import(EXPORTED, KNOWN, BOSS)
        assert {row.key for row in plan.rows} == {"scale", "persona", "steps", "size", "control", "seed"}
        await files.apply_import(plan, BOSS)
        assert await files.export(KNOWN) == exported
        await service.undo(MINE, "a5", Actor(user=User(id=11, name="Ann")))
        assert (await service.in_force(PLACE, 11)).drawing_model == "Artist_V0.1.3"


SETTINGS = "SELECT scope, scope_id, key, value FROM settings ORDER BY scope, scope_id, key"
CHANGES = "SELECT key, old, new, batch FROM setting_changes ORDER BY id"


async def test_the_names_are_given_back_and_taken_again(empty_url: str) -> None:
    await make_old(empty_url)
    before = await run(empty_url, SETTINGS), await run(empty_url, CHANGES)
    await migrate(empty_url)
    after = await run(empty_url, SETTINGS), await run(empty_url, CHANGES)
    assert "mh_" not in str(after)
    assert len(after[0]) == len(before[0])
    await go_to(empty_url, command.downgrade, "0005")
    assert (await run(empty_url, SETTINGS), await run(empty_url, CHANGES)) == before
    await go_to(empty_url, command.upgrade, "0006")
    await run(empty_url, "UPDATE alembic_version SET version_num = '0005'")
    await migrate(empty_url)
    assert (await run(empty_url, SETTINGS), await run(empty_url, CHANGES)) == after, "done twice it changes nothing"


async def test_of_an_old_and_a_new_name_in_one_place_the_later_holds(empty_url: str) -> None:
    await go_to(empty_url, command.upgrade, "0005")
    rows = (
        put("guild", 1, 1, "mh_scale", "3", day=20),
        put("guild", 1, 1, "scale", "4", day=21),
        put("channel", 5, 1, "mh_scale", "5", day=21),
        put("channel", 5, 1, "scale", "6", day=20),
        put("category", 4, 1, "mh_scale", "7", day=20),
        put("category", 4, 1, "scale", "8", day=20),
        put("guild", 2, 2, "mh_scale", "9", day=20),
    )
    await run(empty_url, *rows)
    await migrate(empty_url)
    assert await run(empty_url, SETTINGS) == [
        ("category", 4, "scale", "8"),
        ("channel", 5, "scale", "5"),
        ("guild", 1, "scale", "4"),
        ("guild", 2, "scale", "9"),
    ]
    await run(empty_url, put("guild", 1, 1, "mh_scale", "3", day=20), put("guild", 2, 2, "mh_scale", "2", day=22))
    await go_to(empty_url, command.downgrade, "0005")
    assert [row[2:] for row in await run(empty_url, SETTINGS)] == [
        ("mh_scale", "8"),
        ("mh_scale", "5"),
        ("mh_scale", "4"),
        ("mh_scale", "2"),
    ]
