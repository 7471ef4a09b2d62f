"""The words of the panel behind the bot: both languages whole, and words for all that the sandbox can name."""

from __future__ import annotations

import re
from pathlib import Path

import sandbox
from sandbox.backstage.turn import TurnState
from sandbox.discord.gateway.server import Disturbance
from sandbox.discord.traffic.catalogue import REFUSALS
from sandbox.endpoint.serving.faults import NAMES
from sandbox.process import Status

JS = Path(sandbox.__file__).parent / "web" / "js"
WORD = re.compile(r'^  (\w+): "(.*)",$', re.MULTILINE)
PLACE = re.compile(r"\{\w+\}")
MADE = (
    "answer",
    "asks",
    "bot",
    "do",
    "event",
    "fault",
    "figure",
    "gateway",
    "hint",
    "op",
    "outcome",
    "rule",
    "rulehint",
    "state",
)
"""What words are chosen by a name that the sandbox tells begin with."""


def _words(language: str) -> dict[str, str]:
    text = (JS / f"words/panel-{language}.js").read_text(encoding="utf-8")
    found = dict(WORD.findall(text))
    assert len(found) == text.count(': "')
    return found


EN, ZH = _words("en"), _words("zh")


def test_both_languages_say_the_same_things() -> None:
    assert list(EN) == list(ZH)
    for key, words in EN.items():
        assert sorted(PLACE.findall(words)) == sorted(PLACE.findall(ZH[key])), key
        assert ZH[key].strip()


def test_each_word_is_used_and_each_use_has_its_word() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (JS / "panel").glob("*.js"))
    used = set(re.findall(r'\bw\(\s*"(\w+)"', code))
    assert used <= set(EN)
    used |= {name for pair in re.findall(r'\? "(\w+)" : "(\w+)"', code) for name in pair}
    named = {key for key in EN if "_" in key and key.partition("_")[0] in MADE} | {
        "bot",
        "discord",
        "endpoint",
        "gateway",
    }
    assert set(EN) - used - named == set()


def test_all_that_the_sandbox_names_has_words() -> None:
    for state in TurnState:
        assert f"state_{state}" in EN
    for name in NAMES:
        assert {f"fault_{name}", f"hint_{name}"} <= set(EN)
    for status in set(Status):
        assert f"bot_{status}" in EN
    refusals = re.findall(r'refusal: "(\w+)"', (JS / "panel" / "faults.js").read_text(encoding="utf-8"))
    assert len(refusals) >= 5
    assert set(refusals) <= set(REFUSALS)
    for name in refusals:
        assert {f"rule_{name}", f"rulehint_{name}"} <= set(EN)
    for what in ("identified", "resumed", "lost", *Disturbance):
        assert f"event_gateway_{what}" in EN
