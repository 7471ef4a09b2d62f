"""The log: its two forms, the turn on each line, no secret on any."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot import log


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_is_masked_in_messages_and_tracebacks(capsys: pytest.CaptureFixture[str], form: str) -> None:
    log.configure(level="INFO", form=form, secrets=("s3cr3t-token", "s3cr3t-token-longer"))
    try:
        raise RuntimeError("went wrong with s3cr3t-token-longer")
    except RuntimeError:
        logging.getLogger("x").exception("key %s", "s3cr3t-token")
    written = capsys.readouterr().err
    assert "s3cr3t" not in written
    assert "-longer" not in written
    assert written.count(log.MASK) >= 2


def test_text_lines_carry_the_turn(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", form="text", secrets=())
    token = log.turn_id.set(42)
    logging.getLogger("x").info("hello")
    log.turn_id.reset(token)
    logging.getLogger("x").info("bye")
    first, second = capsys.readouterr().err.splitlines()
    assert "[turn 42]: hello" in first
    assert "turn" not in second


def test_json_lines_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", form="json", secrets=())
    token = log.turn_id.set(2**63)
    logging.getLogger("x").warning('a "quoted"\nline 中文')
    log.turn_id.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert line["message"] == 'a "quoted"\nline 中文'
    assert (line["level"], line["logger"], line["turn"]) == ("WARNING", "x", str(2**63))


HOSTILE = "x\n2026-01-01 ERROR bot: forged\r\x1b[2J\x9b1m\u2028\u202etxet\x00 狐🦊"


def test_others_words_make_no_line_of_the_log_and_move_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", form="text", secrets=())
    logging.getLogger("x").info("the endpoint said %s", HOSTILE)
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert written.rstrip("\n").isprintable()
    assert r"said x\x0a2026-01-01 ERROR bot: forged\x0d\x1b[2J\x9b1m\u2028\u202etxet\x00 狐🦊" in written


def test_others_words_in_a_traceback_stay_behind_its_bar(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", form="text", secrets=())
    try:
        raise RuntimeError(HOSTILE)
    except RuntimeError:
        logging.getLogger("x").exception("it failed")
    head, *lines = capsys.readouterr().err.splitlines()
    assert head.endswith("it failed")
    assert all(line.startswith("  | ") and line.isprintable() for line in lines)


def test_others_words_in_json_hide_nothing_and_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="INFO", form="json", secrets=())
    logging.getLogger("x").info("%s", HOSTILE)
    written = capsys.readouterr().err
    assert written.rstrip("\n").isprintable()
    assert json.loads(written)["message"] == HOSTILE


def test_libraries_do_not_log_message_texts_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(level="DEBUG", form="text", secrets=())
    logging.getLogger("discord.http").debug("POST with {'content': 'private words'}")
    logging.getLogger("bot").debug("ours")
    written = capsys.readouterr().err
    assert "private words" not in written
    assert "ours" in written
