"""Who answers in the demo, and what is told of it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from sandbox.endpoint.answers.scripted import ScriptedAnswerer
from sandbox.endpoint.model import process as model_process
from sandbox.endpoint.model.answers import ModelAnswerer
from sandbox.endpoint.model.files import MODEL_NAME, ModelMissingError
from sandbox.launcher.about import About
from sandbox.launcher.environment import model_environment
from sandbox.launcher.live import Live
from sandbox.launcher.model import DemoModel, open_model


def no_model() -> Path:
    raise ModelMissingError("memory", "too little of it")


def a_model() -> Path:
    return Path("small.gguf")


def wishes(folder: Path, said: list[str], **changes: Any) -> dict[str, Any]:
    usual = {"scripted": False, "log": folder / "log", "environment": dict(os.environ), "say": said.append}
    return {**usual, "find": a_model, **changes}


@pytest.mark.parametrize(
    ("changes", "reason", "why"),
    [({"scripted": True}, "unwanted", "SCRIPTED"), ({"find": no_model}, "memory", "too little of it")],
)
async def test_the_script_stands_in_and_says_why(
    tmp_path: Path, changes: dict[str, Any], reason: str, why: str
) -> None:
    async with open_model(**wishes(tmp_path, [], **changes)) as model:
        assert isinstance(model.answerer, ScriptedAnswerer)
        told = model.as_json()
        assert (told["kind"], told["reason"]) == ("scripted", reason)
        assert why in told["why"]
        assert why in model.words()


async def test_a_model_is_loaded_behind_and_where_that_fails_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('no luck')\n")
    said: list[str] = []
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    async with open_model(**wishes(tmp_path, said, environment=environment)) as model:
        assert isinstance(model.answerer, ModelAnswerer)
        expected = {"kind": "real", "name": MODEL_NAME, "state": "loading", "reason": "", "why": ""}
        assert model.as_json() == expected
        assert MODEL_NAME in model.words()
        assert model.process is not None
        assert await model.process.server(20) is None
        told = model.as_json()
        assert (told["kind"], told["reason"]) == ("scripted", "failed")
        await asyncio.sleep(0)  # it is said right after
    assert len(said) == 1
    assert "no luck" in said[0]
    assert model_process.CHILD[-1].endswith("child.py")


def test_what_is_told_of_a_demo() -> None:
    model = DemoModel(answerer=ScriptedAnswerer(), reason="unwanted", why="it was not wanted")
    local = About(provider="fusion", model=model)
    assert local.as_json()["live"] is None
    assert local.lines() == ["Answers: by script, without a model: it was not wanted"]
    live = Live(provider="fusion", settings={"X": "secret"}, name="host.example", unset={"Y": "it lacks"})
    about = About(provider="fusion", live=live)
    assert about.as_json() == {
        "provider": "fusion",
        "live": {"endpoint": "host.example", "unset": ["Y"]},
        "model": None,
    }
    first, second = about.lines()
    assert "host.example" in first
    assert "cost money" in first
    assert second == "Y is not set: it lacks."
    assert about.hints("Fox") == local.hints("Fox") == ["@Fox hello", "@Fox draw me a fox", "/draw"]
    assert About(provider="chat_completions", live=live).hints("Fox") == ["@Fox hello", "/draw"]
    undrawn = Live(provider="fusion", settings={}, name="", unset={"MIAOHUA_TOKEN": "there will be no drawings"})
    assert About(provider="fusion", live=undrawn).hints("Fox") == ["@Fox hello", "/ask"]


def test_the_model_s_process_is_told_no_setting() -> None:
    surroundings = {"PATH": "/bin", "PYTHONPATH": "/x", "OPENAI_API_KEY": "k", "HTTP_PROXY": "http://p", "LIVE": "1"}
    assert model_environment(surroundings) == {"PATH": "/bin", "PYTHONPATH": "/x", "PYTHONUTF8": "1"}
