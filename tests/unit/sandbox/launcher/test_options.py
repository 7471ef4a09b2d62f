"""The command line of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.launcher.options import Options, parse_options

DESKTOP = {"DISPLAY": ":0"}


def test_nothing_said_is_the_usual_demo() -> None:
    assert parse_options([], {}, terminal=False) == Options()


def test_everything_said() -> None:
    said = ["--port", "9000", "--endpoint-port", "0", "--no-bot", "--provider", "chat_completions"]
    said += ["--open", "--data", "some/where"]
    assert parse_options(said, {}, terminal=False) == Options(
        port=9000, endpoint_port=0, with_bot=False, provider="chat_completions", open_page=True, data=Path("some/where")
    )


def test_the_environment_names_the_provider_and_the_command_line_wins() -> None:
    environ = {"PROVIDER": "chat_completions"}
    assert parse_options([], environ, terminal=False).provider == "chat_completions"
    assert parse_options(["--provider", "fusion"], environ, terminal=False).provider == "fusion"
    assert parse_options([], {"PROVIDER": ""}, terminal=False).provider == "fusion"


def test_the_real_endpoint_may_leave_the_provider_to_the_file() -> None:
    live = parse_options([], {"LIVE": "1"}, terminal=False)
    assert (live.live, live.provider) == (True, "")
    assert parse_options(["--live"], {"PROVIDER": "fusion"}, terminal=False).provider == "fusion"
    assert not parse_options(["--no-live"], {"LIVE": "1"}, terminal=False).live
    assert not parse_options([], {"LIVE": "0"}, terminal=False).live


def test_the_script_may_be_asked_for() -> None:
    assert parse_options([], {"SCRIPTED": "yes"}, terminal=False).scripted
    assert parse_options(["--scripted"], {}, terminal=False).scripted


@pytest.mark.parametrize(
    "said", [["--no-bot", "--live"], ["--port", "65536"], ["--port", "-1"], ["--port", "x"], ["--provider", "other"]]
)
def test_faults_are_told(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_options(said, {}, terminal=False)
    assert caught.value.code == 2
    assert said[-1] in capsys.readouterr().err


def test_a_wrong_provider_in_the_environment_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options([], {"PROVIDER": "typo"}, terminal=False)
    assert "'typo'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environ", "terminal", "opens"),
    [
        (DESKTOP, True, True),
        (DESKTOP, False, False),
        (DESKTOP | {"CI": "true"}, True, False),
        (DESKTOP | {"SSH_CONNECTION": "10.0.0.1"}, True, False),
        ({}, True, False),
    ],
)
def test_a_browser_opens_only_on_a_desktop(
    environ: dict[str, str], terminal: bool, opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert parse_options([], environ, terminal=terminal).open_page is opens
    assert parse_options(["--no-open"], environ, terminal=terminal).open_page is False
