"""Nothing is installed that a lock does not name with its hash, and no lock names where it is fetched from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SCRIPTS = [
    ROOT / name
    for name in ("Makefile", "Dockerfile", ".ci/run", ".github/workflows/ci.yml", ".devcontainer/devcontainer.json")
] + sorted((ROOT / "requirements").glob("*.sh"))
PACKAGE_LOCK = ROOT / "requirements" / "discord-js" / "package-lock.json"

PIP = re.compile(r"\bpip3? install\b[^\n]*")
NPM = re.compile(r"\bnpm (?:install|i|add)\b")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_everything_is_installed_by_hash(script: Path) -> None:
    text = script.read_text().replace("\\\n", " ")
    for found in PIP.findall(text):
        assert "--require-hashes" in found, found
    assert not NPM.search(text), "npm ci installs what the lock names; npm install does not"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    pinned = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.lstrip().startswith("#")]
    assert pinned
    for each in pinned:
        assert "==" in each, each
        assert "--hash=sha256:" in each, each
    assert not re.search(r"^\s*(?:-i|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE)
    assert "://" not in text


def test_the_lock_of_discord_js_has_a_hash_for_everything_and_no_address() -> None:
    packages = json.loads(PACKAGE_LOCK.read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/discord.js" in installed
    for name, entry in installed.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_the_image_is_built_on_what_a_digest_names() -> None:
    text = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert set(bases) == {"${BASE}"}
    assert re.search(r"^ARG BASE=python:3\.\d+-slim@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert "# syntax=" not in text, "it would be fetched by a tag"


def test_the_container_may_do_no_more_than_it_needs() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for line in (
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        "read_only: true",
    ):
        assert line in text
    for limit in ("mem_limit", "pids_limit"):
        assert re.search(rf"^ +{limit}: \d+", text, re.MULTILINE)
    assert re.search(r"tmpfs:.*\bsize=\d+m\b", text), "without a size it may take half of the machine's memory"
