"""The folder of the demo's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.launcher.data import MARK, DataError, open_data


def test_it_is_made_anew(tmp_path: Path) -> None:
    with open_data(None, tmp_path) as first:
        (first / "bot.db").write_text("old")
        (first / "files").mkdir()
        (first / "files" / "one").write_text("old")
    with open_data(None, tmp_path) as second:
        assert second == first
        assert [one.name for one in second.iterdir()] == [MARK]


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    with open_data(None, tmp_path) as data:
        (data / "link").symlink_to(outside, target_is_directory=True)
    with open_data(None, tmp_path) as data:
        assert not (data / "link").exists()
    assert (outside / "kept").read_text() == "kept"


def test_what_no_demo_wrote_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="no demo wrote"), open_data(tmp_path, tmp_path):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_second_demo_takes_the_next_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="folders are locked on POSIX only")
    with open_data(None, tmp_path) as first:
        (first / "bot.db").write_text("in use")
        with open_data(None, tmp_path) as second:
            assert second != first
        assert (first / "bot.db").read_text() == "in use"
        with pytest.raises(DataError, match="in use"), open_data(first, tmp_path):
            pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be used"), open_data(tmp_path / "file" / "below", tmp_path):
        pass
