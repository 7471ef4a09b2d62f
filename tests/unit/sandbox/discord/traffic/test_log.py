"""The request log in memory and on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.discord.traffic.log import LoggedFile, RequestLog


def add(
    log: RequestLog, path: str = "/x", body: Any = None, files: tuple[LoggedFile, ...] = (), body_bytes: int = 0
) -> None:
    log.add(
        at=1.0, method="POST", path=path, body=body, files=files, status=200, bucket="b", remaining=4, ms=0.5,
        body_bytes=body_bytes,
    )  # fmt: skip


def test_requests_are_numbered_and_read_from_any_number_on() -> None:
    log = RequestLog()
    assert (log.since(0), log.last) == ([], 0)
    for name in "abc":
        add(log, name)
    assert [one.path for one in log.since(0)] == ["a", "b", "c"]
    assert [one.path for one in log.since(2)] == ["c"]
    assert log.since(3) == []
    assert log.since(99) == []
    assert log.last == 3


def test_memory_is_bounded_and_numbers_go_on() -> None:
    log = RequestLog(kept=2)
    for name in "abc":
        add(log, name)
    assert [(one.n, one.path) for one in log.requests] == [(2, "b"), (3, "c")]
    assert [one.n for one in log.since(2)] == [3]
    log.clear()
    add(log, "d")
    assert [one.n for one in log.since(0)] == [4]


def test_memory_is_bounded_by_bytes_too_and_the_latest_always_kept() -> None:
    log = RequestLog(kept_bytes=10)
    for name, size in (("a", 4), ("b", 4), ("c", 4)):
        add(log, name, body_bytes=size)
    assert [one.path for one in log.requests] == ["b", "c"]
    add(log, "d", body_bytes=50)
    assert [one.path for one in log.requests] == ["d"]
    add(log, "e", body_bytes=1)
    assert [one.path for one in log.since(4)] == ["e"]


def test_each_request_is_a_line_as_soon_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.jsonl"
    log = RequestLog(path)
    log.open()
    file = LoggedFile(name="files[0]", filename="狐.png", content_type="image/png", bytes=5)
    add(log, body={"content": "狐\ud800"}, files=(file,))
    line = json.loads(path.read_text())
    assert line["body"] == {"content": "狐\ud800"}
    assert line["files"] == [{"name": "files[0]", "filename": "狐.png", "content_type": "image/png", "bytes": 5}]
    assert set(line) == {
        "n", "at", "method", "path", "body", "files", "status", "bucket", "remaining", "ms", "limit", "reset_after_s",
        "fault",
    }  # fmt: skip
    log.close()
    log.open()
    add(log)
    log.close()
    assert len(path.read_text().splitlines()) == 2
