"""What the doctor makes of the configuration: its faults, where they come from, and names that are misspelt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.settings.catalogue import CATALOGUE, parse_setting
from bot.domain.settings.old_names import OLD_NAMES
from bot.operations.doctor.findings import Finding, Verdict
from bot.operations.doctor.names import known_names, meaning
from bot.operations.doctor.settings import Reading, Sources, read_settings
from tests.unit.operations.conftest import TOKEN, by_check

ROOT = Path(__file__).parents[4]
NEEDED = {"DISCORD_TOKEN": TOKEN, "FUSION_API_SECRET_KEY": "fusion-key"}
KNOWN = {*known_names(parse_setting), *(f"DEFAULT_{key.upper()}" for key in CATALOGUE)}


def read(folder: Path, environment: dict[str, str], file: str | bytes | None = None, mode: int = 0o600) -> Reading:
    path = folder / ".env"
    if file is not None:
        path.write_bytes(file if isinstance(file, bytes) else file.encode())
        path.chmod(mode)
    sources = Sources(environment=environment, file=path)
    return read_settings(sources, parse_setting=parse_setting, settings=CATALOGUE, old_names=OLD_NAMES)


def named(reading: Reading, check: str) -> list[Finding]:
    return [finding for finding in reading.findings if finding.check == check]


def test_the_names_are_those_of_the_example() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    example = {match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))}
    assert {name for name in example if not name.startswith("DEFAULT_")} == known_names(parse_setting)


def test_all_from_the_environment(tmp_path: Path) -> None:
    reading = read(tmp_path, NEEDED | {"DEFAULT_TEMPERATURE": "0.5", "PATH": "/bin", "LOG_LEVEL": ""})
    assert reading.config is not None
    findings = by_check(list(reading.findings))
    assert list(findings) == ["settings", ".env"]
    assert findings["settings"].found.startswith("3 names are set")


def test_all_from_the_file(tmp_path: Path) -> None:
    reading = read(tmp_path, {}, "".join(f"{name}={value}\n" for name, value in NEEDED.items()))
    assert reading.config is not None
    assert reading.config.discord_token.reveal() == TOKEN
    assert {finding.verdict for finding in reading.findings} == {Verdict.OK}


def test_every_fault_at_once_with_where_it_comes_from(tmp_path: Path) -> None:
    reading = read(tmp_path, {"LOG_LEVEL": "loud"}, "PROVIDER=neither\nFUSION_API_SECRET_KEY=k\n")
    assert reading.config is None
    cures = {finding.found.split()[0]: finding.cure for finding in named(reading, "settings")}
    assert "environment" in cures["LOG_LEVEL"]
    assert cures["PROVIDER"] == f"Correct it in {tmp_path / '.env'}"
    assert cures["DISCORD_TOKEN"].startswith(f"Put it into {tmp_path / '.env'}")


def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    (finding,) = named(read(tmp_path, NEEDED, "LOG_LEVEL=INFO\n", 0o644), ".env")
    assert finding.verdict is Verdict.WARNING
    assert finding.cure.startswith("chmod 600 ")


def test_a_value_that_the_environment_overrides(tmp_path: Path) -> None:
    file = "FUSION_API_SECRET_KEY=another-key\nDISCORD_TOKEN= " + TOKEN + " \nPATH=/elsewhere\n"
    (finding,) = named(read(tmp_path, NEEDED | {"PATH": "/bin"}, file), ".env")
    assert finding.verdict is Verdict.WARNING
    assert finding.found.startswith("FUSION_API_SECRET_KEY is in ")
    assert "another-key" not in finding.found


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    reading = read(tmp_path, NEEDED, b"DISCORD_TOKEN=\xff\xfe\n")
    assert reading.config is None
    assert reading.findings[0].verdict is Verdict.FAILED


def test_what_looks_like_a_key_is_a_secret_even_where_the_configuration_is_wrong(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FUSION_KEY=from-the-file\n")
    sources = Sources(environment={"DISCORD_TOKN": "from-the-environment", "PATH": "/bin"}, file=tmp_path / ".env")
    assert set(sources.secrets()) == {"from-the-file", "from-the-environment"}
    (tmp_path / ".env").write_bytes(b"FUSION_KEY=\xff\n")
    assert sources.secrets() == ("from-the-environment",)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FUSION_KEY", "FUSION_API_SECRET_KEY"),
        ("FUSION_SECRET_KEY", "FUSION_API_SECRET_KEY"),
        ("DISCORD_TOKN", "DISCORD_TOKEN"),
        ("DISCROD_TOKEN", "DISCORD_TOKEN"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("discord_token", "DISCORD_TOKEN"),
        ("DISCORD_MESSAGES_CONTENT", "DISCORD_MESSAGE_CONTENT"),
        ("MIAOHUA_TOKE", "MIAOHUA_TOKEN"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("HEALTH_PRT", "HEALTH_PORT"),
        ("IMAGE_FETCH_ALOW", "IMAGE_FETCH_ALLOW"),
        ("OPENAI_BASEURL", "OPENAI_BASE_URL"),
        ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
        ("DEFAULT_TEMPERATUR", "DEFAULT_TEMPERATURE"),
        ("SHARD_ID", "SHARD_IDS"),
        *((other, None) for other in ("PATH", "HOME", "HOSTNAME", "LOG_FILE", "DB_URL", "DATABASE_HOST")),
        *((other, None) for other in ("OPENAI_ORG_ID", "DISCORD_CLIENT_ID", "DISCORD_GUILD_ID", "DISCORD_WEBHOOK_URL")),
        *((other, None) for other in ("DEFAULT_SHELL", "SHELL", "LANG", "PWD", "TERM", "")),
    ],
)
def test_what_a_name_was_meant_to_be(name: str, meant: str | None) -> None:
    assert meaning(name, KNOWN) == meant


def test_names_that_are_misspelt_are_told_unless_the_right_one_is_set(tmp_path: Path) -> None:
    environment = NEEDED | {"MIAOHUA_TOKN": "x", "FUSION_KEY": "y", "DEFAULT_SHELL": "sh", "HEALTH_PRT": " "}
    findings = named(read(tmp_path, environment), "names")
    assert [(finding.verdict, finding.found.split()[0]) for finding in findings] == [
        (Verdict.WARNING, "DEFAULT_SHELL"),
        (Verdict.WARNING, "MIAOHUA_TOKN"),
    ]
    assert findings[1].cure == "Did you mean MIAOHUA_TOKEN?"


def test_defaults_under_names_of_earlier_versions_are_told_with_the_new_ones(tmp_path: Path) -> None:
    environment = NEEDED | {"DEFAULT_MH_SCALE": "3", "DEFAULT_MH_DDIM_STEPS": "20", "DEFAULT_STEPS": "30"}
    reading = read(tmp_path, environment, file="DEFAULT_MH_SELECT_SEED=4\n")
    assert reading.config is not None
    assert reading.config.defaults == {"scale": 3, "steps": 30, "seed": 4}
    findings = named(reading, "names")
    assert {finding.verdict for finding in findings} == {Verdict.WARNING}
    assert [(finding.found.split()[0], finding.cure) for finding in findings] == [
        ("DEFAULT_MH_DDIM_STEPS", "Remove it."),
        ("DEFAULT_MH_SCALE", "Rename it to DEFAULT_SCALE."),
        ("DEFAULT_MH_SELECT_SEED", "Rename it to DEFAULT_SEED."),
    ]
