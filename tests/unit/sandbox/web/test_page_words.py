"""The page's words: both languages whole, each key that is used there, nothing fetched from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import sandbox
from sandbox.launcher.live import WITHOUT
from sandbox.launcher.model import Reason

WEB = Path(sandbox.__file__).parent / "web"
JS = WEB / "js"
SCRIPTS = {path.relative_to(JS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(JS.rglob("*.js"))}
WORD = re.compile(r'^  (\w+): "(.*)",$', re.MULTILINE)
PLACE = re.compile(r"\{\w+\}")


def _words(name: str) -> dict[str, str]:
    found = dict(WORD.findall(SCRIPTS[name]))
    assert len(found) == SCRIPTS[name].count(': "')
    return found


def test_both_languages_say_the_same_things() -> None:
    english, chinese = _words("words/en.js"), _words("words/zh.js")
    assert list(english) == list(chinese)
    for key, words in english.items():
        assert sorted(PLACE.findall(words)) == sorted(PLACE.findall(chinese[key])), key
        assert chinese[key].strip()


def test_each_word_is_used_and_each_use_has_its_word() -> None:
    english = set(_words("words/en.js"))
    code = "".join(text for name, text in SCRIPTS.items() if not name.startswith("words/"))
    used = set(re.findall(r'\bt\("(\w+)"', code))
    notices = re.search(r"const NOTICES = \{(.*)\};", code)
    assert notices is not None
    used |= set(re.findall(r'"(\w+)"', notices[1]))
    chosen = set(re.findall(r'\? t\("\w+"\) : t\("(\w+)"', code))
    assert used | chosen == english


def test_who_answers_is_told_in_both_languages() -> None:
    english, chinese = _words("words/demo-en.js"), _words("words/demo-zh.js")
    assert list(english) == list(chinese)
    for key, words in english.items():
        assert set(PLACE.findall(words)) == set(PLACE.findall(chinese[key])), key
    code = SCRIPTS["frame/demo-chip.js"]
    used = {*re.findall(r'\bw\("(\w+)"', code), "loading", "real"}
    told = {*get_args(Reason)} - {""} | {name for names in WITHOUT.values() for name, _ in names}
    assert used | told == set(english)


def test_no_script_makes_markup_of_text() -> None:
    for name, text in SCRIPTS.items():
        for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert danger not in text, f"{danger} in {name}"


class _Sources(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for key, value in attrs if key in {"src", "href"} and value and not value.startswith("#")]


def test_all_that_the_page_needs_is_beside_it() -> None:
    sources = _Sources()
    sources.feed((WEB / "index.html").read_text(encoding="utf-8"))
    imported = {
        (JS / name).parent.joinpath(source).resolve().relative_to(WEB.resolve()).as_posix()
        for name, text in SCRIPTS.items()
        for source in re.findall(r'from "(\.[^"]+)"', text)
    }
    for source in {*sources.found, *imported}:
        assert (WEB / source).is_file(), source
    for name, text in SCRIPTS.items():
        assert not re.search(r'from "(?!\.\.?/)', text), name
    assert {f"js/{name}" for name in SCRIPTS} == imported | {"js/main.js"}
    assert {path.relative_to(WEB).as_posix() for path in (WEB / "css").rglob("*.css")} == {
        one for one in sources.found if "css" in one
    }
