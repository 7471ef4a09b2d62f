"""The words: every problem has them, in every language, and nothing untrusted comes through raw."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from bot.domain.drawing.denial import DrawingDenial
from bot.domain.reply.ending import Problem
from bot.errors import ErrorKind, ProviderError, Refusal, Trouble
from bot.presentation.words.languages import CHINESE, DOMAIN, LOCALE_DIR, language
from bot.presentation.words.replies import Words, clean_sentence

PO = LOCALE_DIR / CHINESE / "LC_MESSAGES" / f"{DOMAIN}.po"
ROOT = Path(__file__).parents[4]
PROBLEMS: list[Problem] = [
    *(ProviderError(kind, sentence="words of the service") for kind in ErrorKind),
    *Refusal,
    *Trouble,
    *DrawingDenial,
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_every_problem_has_its_words_in_both_languages(problem: Problem) -> None:
    english, chinese = Words("en-US").problem(problem), Words("zh-CN").problem(problem)
    assert english != chinese
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
    assert not any("\u4e00" <= character <= "\u9fff" for character in english)
    assert "{" not in english + chinese


def test_every_word_in_the_code_is_translated() -> None:
    in_code: set[str] = set()
    for folder in ("bot", "cogs"):
        keywords = {"mark": None, "locale_str": None}
        found = extract_from_dir(ROOT / folder, keywords=keywords)
        in_code |= {message for _, _, message, _, _ in found if isinstance(message, str)}
    with PO.open("rb") as file:
        catalogue = read_po(file)
    translated = {message.id for message in catalogue if message.id and message.string and not message.fuzzy}
    assert in_code - translated == set(), "make locale, then translate these"
    assert translated - in_code == set(), "make locale: these are no longer in the code"


def test_the_compiled_catalogue_is_current() -> None:
    def pairs(catalogue: Catalog) -> dict[object, object]:
        return {message.id: message.string for message in catalogue if message.id}

    with PO.open("rb") as text, PO.with_suffix(".mo").open("rb") as compiled:
        assert pairs(read_mo(compiled)) == pairs(read_po(text)), "make locale"


def test_placeholders_survive_translation() -> None:
    with PO.open("rb") as file:
        for message in read_po(file):
            if message.id:
                for name in ("{ask}", "{draw}", "{sentence}"):
                    assert (name in str(message.id)) == (name in str(message.string)), message.id


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("zh-CN", "zh_CN"), ("zh-TW", "zh_CN"), ("en-GB", "en"), ("ja", "en"), (None, "en"), ("", "en")],
)
def test_the_language_follows_the_locale(locale: str | None, expected: str) -> None:
    assert language(locale) == expected


def test_what_an_endpoint_says_is_shown_tame() -> None:
    error = ProviderError(
        ErrorKind.UNKNOWN_MODEL, sentence="不支持的模型: *x*\n@everyone https://h/p?Signature=abc {0} " + "很" * 900
    )
    shown = Words("zh-CN").problem(error)
    assert "不支持的模型" in shown
    assert "Signature" not in shown
    assert "\\*x\\*" in shown
    assert "{0}" in shown
    assert len(shown) < 600
    assert "\n@" not in shown


def test_a_page_of_html_is_not_shown() -> None:
    assert clean_sentence("<!DOCTYPE html><html><body>502</body></html>") == ""


def test_kinds_that_tell_nothing_keep_the_sentence_to_themselves() -> None:
    assert "inner words" not in Words("en").problem(ProviderError(ErrorKind.AUTHENTICATION, sentence="inner words"))


def test_the_words_are_there_whatever_the_working_directory(tmp_path: Path) -> None:
    code = "from bot.presentation.words.replies import Words; Words('zh-CN').drawing"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, timeout=30)
