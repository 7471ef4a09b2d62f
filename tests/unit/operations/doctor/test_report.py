"""How the report looks."""

from __future__ import annotations

import io
import json
import shutil
from os import terminal_size

import pytest

from bot.log import MASK, Redactor
from bot.operations.doctor.findings import Finding, failed, fine, skipped, warning
from bot.operations.doctor.report import FOUND_LIMIT_CHARS, Style, TextReport, printable, write_json

ALL = [
    fine("token", "accepted"),
    warning("clock", "6.0 s behind", "Set it."),
    failed("answer", "no answer", "Ask again."),
    skipped("drawing", "not tried"),
]


class Stream(io.TextIOWrapper):
    """A stream of some encoding that is perhaps a terminal."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = False) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        self.flush()
        return self.bytes.getvalue().decode(self.encoding)


def written(findings: list[Finding], *, encoding: str = "utf-8", style: Style | None = None, secret: str = "") -> str:
    out = Stream(encoding)
    report = TextReport(out, Redactor([secret]), style or Style())
    report.section("Discord", findings)
    report.end(findings)
    return out.text


def test_a_line_a_finding_and_its_cure_below() -> None:
    assert written(ALL).splitlines() == [
        "",
        "Discord",
        "  ✓ token        accepted",
        "  ! clock        6.0 s behind",
        "                 → Set it.",
        "  ✗ answer       no answer",
        "                 → Ask again.",
        "  · drawing      not tried",
        "",
        "1 of 3 checks failed, 1 warns.",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_a_stream_without_those_signs_gets_others(encoding: str) -> None:
    text = written([*ALL, warning("permissions", "“café 服务器” lacks", "→")], encoding=encoding)
    assert "  x answer " in text
    assert "  + token " in text
    assert "-> Ask again." in text


@pytest.mark.parametrize(
    ("findings", "summary"),
    [
        (ALL[:1], "All is well."),
        (ALL[:2], "Nothing failed; 1 check warns."),
        ([ALL[1]] * 2, "Nothing failed; 2 checks warn."),
        ([ALL[2]], "1 of 1 checks failed."),
        ([ALL[1], *ALL[:3]], "1 of 4 checks failed, 2 warn."),
    ],
)
def test_the_summary(findings: list[Finding], summary: str) -> None:
    assert written(findings).splitlines()[-1] == summary


def test_long_lines_are_folded_but_an_address_is_not() -> None:
    address = "https://discord.com/oauth2/authorize?client_id=1&permissions=" + "2" * 60
    text = written([fine("invite link", f"open {address} to add the bot")], style=Style(width=60))
    assert text.splitlines()[2:6] == [
        "  ✓ invite link  open",
        f"{'':17}{address}",
        f"{'':17}to add the bot",
        "",
    ]


def test_a_paragraph_is_folded_too() -> None:
    out = Stream()
    TextReport(out, Redactor([]), Style(width=20)).note("One short call is made.")
    assert out.text == "One short call is\nmade.\n"


def test_a_terminal_gets_colours_and_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: terminal_size((70, 20)))
    terminal = Stream(terminal=True)
    assert Style.of(terminal, {"TERM": "xterm"}) == Style(width=70, colours=True)
    assert Style.of(terminal, {"NO_COLOR": "1"}).colours is False
    assert Style.of(terminal, {"TERM": "dumb"}).colours is False
    assert Style.of(Stream(), {"TERM": "xterm"}) == Style()
    assert "\033[31m✗\033[0m answer" in written(ALL, style=Style(colours=True))


def test_nothing_that_others_sent_reaches_the_terminal_as_a_command() -> None:
    hostile = "name\033[2J\r\n\u202egnp\x07 " + "x" * 2000
    text = written([fine("permissions", hostile)])
    assert "\033" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 5
    assert len(printable(hostile)) == FOUND_LIMIT_CHARS


def test_no_secret_is_ever_written() -> None:
    findings = [failed("answer", "they said: wrong-key-123", "Replace wrong-key-123.")]
    text = written(findings, secret="wrong-key-123")
    assert "wrong-key-123" not in text
    assert text.count(MASK) == 2
    out = Stream()
    write_json(out, [("Endpoint", findings)], Redactor(["wrong-key-123"]), 1)
    assert "wrong-key-123" not in out.text


def test_the_same_for_machines() -> None:
    out = Stream("ascii")
    write_json(out, [("Configuration", []), ("Discord", [*ALL, fine("token", "服务器")])], Redactor([]), 1)
    told = json.loads(out.text)
    assert told["findings"][1] == {
        "section": "Discord",
        "check": "clock",
        "verdict": "warning",
        "found": "6.0 s behind",
        "cure": "Set it.",
    }
    assert told["findings"][-1]["found"] == "服务器"
    assert told["summary"] == {"ok": 2, "warning": 1, "failed": 1, "skipped": 1}
    assert told["exit_code"] == 1
