"""The configuration: names, defaults, and every fault at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import config
from bot.domain.picture.parameters import Size
from bot.domain.settings.catalogue import CATALOGUE, parse_setting
from bot.domain.settings.old_names import OLD_NAMES
from bot.errors import ConfigError
from bot.operations.doctor.names import known_names

GOOD = {"DISCORD_TOKEN": "abc.def.ghi", "FUSION_API_SECRET_KEY": "sk-123456"}


def load(**changes: str) -> config.Config:
    return config.load({**GOOD, **changes}, parse_setting=parse_setting)


def faults(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        config.load(environ, parse_setting=parse_setting)
    return caught.value.faults


def test_the_least_configuration_is_enough() -> None:
    found = load()
    assert found.discord_token.reveal() == "abc.def.ghi"
    assert found.is_discord_itself
    assert found.fusion_url == "https://sensenova.sensetime.com/v1/fusion/chat-with-image"
    assert found.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert not found.discord_message_content
    assert (found.pictures_dir, found.pictures_keep_days, found.pictures_max_mb) == (Path("data/pictures"), 7, 500)


def test_pictures_are_kept_where_and_as_long_as_wished() -> None:
    found = load(PICTURES_DIR="/srv/pictures", PICTURES_KEEP_DAYS="0", PICTURES_MAX_MB="20")
    assert (found.pictures_dir, found.pictures_keep_days, found.pictures_max_mb) == (Path("/srv/pictures"), 0, 20)


def test_how_many_questions_are_answered_at_once() -> None:
    assert (load().turns_at_once, load().turns_at_once_per_person) == (256, 6)
    found = load(TURNS_AT_ONCE="40", TURNS_AT_ONCE_PER_PERSON="2")
    assert (found.turns_at_once, found.turns_at_once_per_person) == (40, 2)


def test_every_fault_is_reported_at_once() -> None:
    found = faults(
        {
            "DISCORD_API_BASE": "discord",
            "PROVIDER": "openai",
            "FUSION_URL": "ftp://x/y",
            "FUSION_AUTH_SCHEME": "basic",
            "DATABASE_URL": "mysql://x",
            "PICTURES_KEEP_DAYS": "-1",
            "PICTURES_MAX_MB": "0",
            "TURNS_AT_ONCE": "1",
            "TURNS_AT_ONCE_PER_PERSON": "none",
            "SHARD_COUNT": "0",
            "SHARD_IDS": "1",
            "HEALTH_PORT": "70000",
            "LOG_LEVEL": "loud",
            "IMAGE_FETCH_ALLOW": "localhost",
            "IMAGE_FETCH_IN_TEXT": "never",
            "DISCORD_MESSAGE_CONTENT": "maybe",
            "DEFAULT_TEMPERATURE": "3",
        }
    )
    named = [re.match(r"[A-Z_]+", fault)[0] for fault in found]  # type: ignore[index]  # each begins with its name
    assert set(named) == {
        "DISCORD_TOKEN",
        "DISCORD_API_BASE",
        "DISCORD_MESSAGE_CONTENT",
        "PROVIDER",
        "FUSION_URL",
        "FUSION_AUTH_SCHEME",
        "FUSION_API_SECRET_KEY",
        "IMAGE_FETCH_ALLOW",
        "IMAGE_FETCH_IN_TEXT",
        "DATABASE_URL",
        "PICTURES_KEEP_DAYS",
        "PICTURES_MAX_MB",
        "TURNS_AT_ONCE",
        "TURNS_AT_ONCE_PER_PERSON",
        "DEFAULT_TEMPERATURE",
        "SHARD_COUNT",
        "SHARD_IDS",
        "HEALTH_PORT",
        "LOG_LEVEL",
    }
    assert len(found) == len(set(named))


def test_an_endpoint_needs_its_own_keys_only() -> None:
    assert any(fault.startswith("FUSION_API_SECRET_KEY") for fault in faults({"DISCORD_TOKEN": "a.b.c"}))
    chat = {"DISCORD_TOKEN": "a.b.c", "PROVIDER": "chat_completions"}
    assert [fault.split()[0] for fault in faults(chat)] == ["OPENAI_BASE_URL", "OPENAI_CHAT_MODEL"]
    found = config.load(
        {**chat, "OPENAI_BASE_URL": "http://h/v1/", "OPENAI_CHAT_MODEL": "m"}, parse_setting=parse_setting
    )
    assert found.openai_base_url == "http://h/v1"
    assert not found.openai_api_key


def test_the_fusion_url_is_taken_whole() -> None:
    assert load(FUSION_URL="http://127.0.0.1:8788/any/path/?x=1").fusion_url == "http://127.0.0.1:8788/any/path/?x=1"


@pytest.mark.parametrize("value", ["http://", "//h/x", "http://user:pw@h/x", "http://h:99999/", "http://h/a b", "h"])
def test_a_malformed_address_is_refused_without_being_repeated(value: str) -> None:
    (fault,) = faults({**GOOD, "DISCORD_API_BASE": value})
    assert fault.startswith("DISCORD_API_BASE must be")
    assert "pw" not in fault


def test_a_token_with_its_scheme_or_with_rubbish() -> None:
    assert load(DISCORD_TOKEN="Bot abc.def").discord_token.reveal() == "abc.def"
    (fault,) = faults({**GOOD, "DISCORD_TOKEN": "abc def"})
    assert "abc" not in fault


def test_no_repr_shows_a_secret() -> None:
    found = load(
        MIAOHUA_TOKEN="mh-secret", OPENAI_API_KEY="oa-secret", DATABASE_URL="postgresql+asyncpg://u:dbpw99@h/d"
    )
    for secret in found.secrets():
        assert secret not in repr(found.discord_token) + repr(found.miaohua_token) + str(found.fusion_api_secret_key)
    assert set(found.secrets()) == {"abc.def.ghi", "sk-123456", "mh-secret", "oa-secret", "dbpw99"}


def test_operator_defaults_are_typed_and_unknown_names_are_told() -> None:
    found = load(DEFAULT_TEMPERATURE="0.5", DEFAULT_SIZE="640x640", DEFAULT_TEMPRATURE="1", DEFAULT_SCALE="")
    assert found.defaults == {"temperature": 0.5, "size": Size(width=640, height=640)}
    assert found.unknown_defaults == ("DEFAULT_TEMPRATURE",)


def with_old_names(**changes: str) -> config.Config:
    return config.load({**GOOD, **changes}, parse_setting=parse_setting, old_names=OLD_NAMES)


def test_defaults_under_names_of_earlier_versions_are_read_and_told() -> None:
    found = with_old_names(DEFAULT_MH_OUTPUT_SIZE="640x640", DEFAULT_MH_SELECT_SEED="", DEFAULT_TOP_P="0.5")
    assert found.defaults == {"size": Size(width=640, height=640), "top_p": 0.5}
    assert found.old_defaults == {"DEFAULT_MH_OUTPUT_SIZE": "DEFAULT_SIZE"}
    assert found.unknown_defaults == ()
    everything = {
        f"DEFAULT_{old.upper()}": CATALOGUE[new].write(CATALOGUE[new].default) for old, new in OLD_NAMES.items()
    }
    assert set(with_old_names(**everything).defaults) == set(OLD_NAMES.values())


@pytest.mark.parametrize("old", ["3", "nonsense"])
def test_a_default_s_name_of_today_holds_whichever_stands_first(old: str) -> None:
    assert with_old_names(DEFAULT_MH_SCALE=old, DEFAULT_SCALE="9").defaults == {"scale": 9}
    found = with_old_names(DEFAULT_SCALE="9", DEFAULT_MH_SCALE=old)
    assert found.defaults == {"scale": 9}
    assert found.old_defaults == {"DEFAULT_MH_SCALE": "DEFAULT_SCALE"}
    assert with_old_names(DEFAULT_SCALE=" ", DEFAULT_MH_SCALE="3").defaults == {"scale": 3}, "empty is not set"


def test_a_fault_names_what_is_set() -> None:
    with pytest.raises(ConfigError) as caught:
        with_old_names(DEFAULT_MH_SCALE="99")
    assert [fault.split()[0] for fault in caught.value.faults] == ["DEFAULT_MH_SCALE"]


@pytest.mark.parametrize(
    ("value", "hosts"),
    [("", None), ("on", None), ("OFF", frozenset()), ("a.test:443, B.test:80", {("a.test", 443), ("b.test", 80)})],
)
def test_hosts_that_a_text_may_name(value: str, hosts: frozenset[tuple[str, int]] | None) -> None:
    assert load(IMAGE_FETCH_IN_TEXT=value).image_fetch_in_text == hosts


def test_hosts_that_pictures_may_come_from() -> None:
    assert load(IMAGE_FETCH_ALLOW="127.0.0.1:8788, [::1]:80,Host.local:1").image_fetch_allow == {
        ("127.0.0.1", 8788),
        ("::1", 80),
        ("host.local", 1),
    }


def test_shards() -> None:
    found = load(SHARD_COUNT="4", SHARD_IDS="3,1")
    assert (found.shard_count, found.shard_ids) == (4, (1, 3))
    assert "below SHARD_COUNT" in faults({**GOOD, "SHARD_COUNT": "2", "SHARD_IDS": "2"})[0]
    assert "needs SHARD_COUNT" in faults({**GOOD, "SHARD_IDS": "0"})[0]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PROVIDER=chat_completions\nLOG_LEVEL=debug\n", encoding="utf-8")
    monkeypatch.setenv("PROVIDER", "fusion")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    found = config.read_environment(tmp_path)
    assert found["PROVIDER"] == "fusion"
    assert found["LOG_LEVEL"] == "debug"


def test_the_example_names_everything_that_is_read() -> None:
    text = (Path(__file__).parents[3] / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert named == known_names(parse_setting) | {f"DEFAULT_{key.upper()}" for key in CATALOGUE}
