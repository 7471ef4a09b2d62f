"""The catalogues: every language has a text for each id in the code, with the same places, and none else."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from bot.presentation.words.languages import (
    CHINESE,
    DOMAIN,
    ENGLISH,
    LANGUAGES,
    LOCALE_DIR,
    catalogue,
    language,
    load_catalogue,
    mark,
    speaker,
)
from tests.fakes.words import places, worded, worded_in, wording

ROOT = Path(__file__).parents[4]
ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def file_of(name: str, suffix: str = ".po", folder: Path = LOCALE_DIR) -> Path:
    return (folder / name / "LC_MESSAGES" / DOMAIN).with_suffix(suffix)


def texts(name: str) -> dict[str, str]:
    """Read what is translated; a plural has several texts."""
    with file_of(name).open("rb") as file:
        found = read_po(file)
    return {
        str(message.id): message.string if isinstance(message.string, str) else "\0".join(message.string)
        for message in found
        if message.id and message.string and not message.fuzzy
    }


def ids_in_code() -> Iterator[str]:
    for folder in ("bot", "cogs"):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, keywords={"mark": None, "command_text": None}):
            assert isinstance(message, str)
            yield message


def write(folder: Path, name: str, texts: dict[str, str]) -> None:
    made = Catalog(locale=name)
    for word, text in texts.items():
        made.add(word, text)
    path = file_of(name, ".mo", folder)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, made)


def test_every_language_has_a_catalogue() -> None:
    assert sorted(LANGUAGES) == sorted(path.name for path in LOCALE_DIR.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_id_in_the_code_has_its_text(name: str) -> None:
    in_code, written = set(ids_in_code()), texts(name).keys()
    assert in_code - written == set(), "make locale, then write the texts of these"
    assert written - in_code == set(), "make locale: these are no longer in the code"


def test_ids_are_names_and_no_sentences() -> None:
    assert [word for word in ids_in_code() if not ID.fullmatch(word)] == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_texts_have_the_same_places_in_every_language(name: str) -> None:
    english = texts(ENGLISH)
    for word, text in texts(name).items():
        assert places(text) == places(english[word]), word


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_compiled_catalogue_is_current(name: str) -> None:
    def pairs(catalogue: Catalog) -> dict[object, object]:
        return {message.id: message.string for message in catalogue if message.id}

    with file_of(name).open("rb") as text, file_of(name, ".mo").open("rb") as compiled:
        assert pairs(read_mo(compiled)) == pairs(read_po(text)), "make locale"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("zh-CN", "zh_CN"), ("zh-TW", "zh_CN"), ("en-GB", "en"), ("ja", "en"), (None, "en"), ("", "en")],
)
def test_the_language_follows_the_locale(locale: str | None, expected: str) -> None:
    assert language(locale) == expected


def test_values_stand_in_the_places_and_are_no_templates() -> None:
    assert speaker("zh-CN")(mark("reply.service_says"), sentence="{sentence} {0}").endswith("{sentence} {0}")


def test_english_stands_in_for_a_text_that_a_language_lacks(tmp_path: Path) -> None:
    write(tmp_path, ENGLISH, {"button.stop": "Stop", "button.retry": "Retry"})
    write(tmp_path, CHINESE, {"button.stop": "停止"})
    chinese = catalogue(CHINESE, tmp_path)
    assert (chinese.gettext("button.stop"), chinese.gettext("button.retry")) == ("停止", "Retry")


@pytest.mark.parametrize("damage", [None, b"", b"no catalogue", b"\xde\x12\x04\x95"], ids=str)
def test_english_stands_in_for_a_catalogue_that_is_damaged(
    damage: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, ENGLISH, {"button.stop": "Stop"})
    if damage is not None:
        write(tmp_path, CHINESE, {})
        file_of(CHINESE, ".mo", tmp_path).write_bytes(damage)
    with caplog.at_level(logging.ERROR):
        assert catalogue(CHINESE, tmp_path).gettext("button.stop") == "Stop"
    assert [record.message for record in caplog.records] == [
        "the words of zh_CN can't be read, English ones take their place"
    ]
    with pytest.raises(OSError, match=r"."):
        load_catalogue(CHINESE, tmp_path)


def test_without_english_nothing_can_be_said(tmp_path: Path) -> None:
    write(tmp_path, CHINESE, {"button.stop": "停止"})
    with pytest.raises(OSError, match=r"."):
        catalogue(CHINESE, tmp_path)


def test_the_words_are_there_whatever_the_working_directory(tmp_path: Path) -> None:
    code = "from bot.presentation.words.replies import Words; Words('zh-CN').drawing; Words('en-US').drawing"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, timeout=30)


def test_tests_can_name_what_is_said_by_its_id() -> None:
    assert worded("reply.waiting", place=3) == speaker("en-US")(mark("reply.waiting"), place="3")
    assert worded_in("zh-CN", "reply.waiting", place=3) == speaker("zh-CN")(mark("reply.waiting"), place="3")
    assert wording("reply.waiting").fullmatch(worded("reply.waiting", place=3))
    assert not wording("reply.waiting", place=4).fullmatch(worded("reply.waiting", place=3))
    with pytest.raises(AssertionError, match="place"):
        worded("reply.waiting")
    with pytest.raises(AssertionError, match="place"):
        wording("reply.waiting", number=3)
    with pytest.raises(AssertionError, match=r"no\.such\.word"):
        worded("no.such.word")
