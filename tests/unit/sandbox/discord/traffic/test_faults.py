"""Rules of faults: what matches, how often, how a fault is read, and what it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.discord.traffic.catalogue import parse_faults
from sandbox.discord.traffic.faults import MAX_FAULTS, Fault, Faults, failure


def body_of(fault: Fault) -> Any:
    body = failure(fault).body
    assert isinstance(body, bytes)
    return json.loads(body)


def test_the_first_rule_that_matches_is_taken_as_often_as_it_says() -> None:
    edits = Fault(method="PATCH", path=r"/messages/\d+$", status=500, times=2)
    every = Fault(status=503)
    faults = Faults()
    faults.add(edits, every)
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is edits
    assert faults.take("POST", "/api/v10/channels/1/messages") is every
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is edits
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is every
    assert faults.standing == (every,)
    faults.clear()
    assert faults.take("PATCH", "/api/v10/channels/1/messages/2") is None


def test_replacing_forgets_the_rules_before() -> None:
    faults = Faults()
    faults.add(Fault(status=500))
    faults.replace([Fault(delay_s=1.0)])
    assert faults.standing == (Fault(delay_s=1.0),)


def test_rules_are_bounded() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="at most"):
        faults.replace([Fault(status=500)] * (MAX_FAULTS + 1))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({}, "needs a status"),
        ({"method": "FETCH", "status": 500}, "method"),
        ({"path": "(", "status": 500}, "regular expression"),
        ({"status": 200}, "status"),
        ({"status": "500"}, "status has the wrong type"),
        ({"status": True}, "status has the wrong type"),
        ({"reset": 1}, "reset has the wrong type"),
        ({"delay_s": -1}, "delay_s"),
        ({"delay_s": float("nan")}, "delay_s"),
        ({"delay_s": 1e9}, "delay_s"),
        ({"status": 500, "times": 0}, "times"),
        ({"status": 500, "tmies": 1}, "unknown field tmies"),
        ("500", "object"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_words(one: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_faults({"faults": [one]})


@pytest.mark.parametrize("data", [None, [], {}, {"faults": None}, {"faults": {}}])
def test_a_list_of_faults_is_needed(data: Any) -> None:
    with pytest.raises(ValueError, match="faults"):
        parse_faults(data)


def test_every_field_is_read() -> None:
    one = {
        "method": "POST",
        "path": "x",
        "status": 429,
        "reset": True,
        "delay_s": 1,
        "after": True,
        "times": 3,
        "json": {},
    }
    assert parse_faults({"faults": [one]}) == [
        Fault(method="POST", path="x", status=429, reset=True, delay_s=1, after=True, times=3, json={})
    ]


def test_429_has_all_that_clients_read() -> None:
    answer = failure(Fault(status=429))
    assert body_of(Fault(status=429)) == {"message": "You are being rate limited.", "retry_after": 1.0, "global": False}
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Via"]
    assert answer.headers["X-RateLimit-Scope"] == "user"


@pytest.mark.parametrize(
    ("told", "header"),
    [({"retry_after": 2.5}, "3"), ({"retry_after": "x\r\ny"}, "1"), ({"retry_after": float("inf")}, "1"), ([], "1")],
)
def test_the_waiting_time_of_a_body_is_told_in_the_header(told: Any, header: str) -> None:
    assert failure(Fault(status=429, json=told)).headers["Retry-After"] == header


def test_a_global_429_says_so() -> None:
    headers = failure(Fault(status=429, json={"retry_after": 1, "global": True})).headers
    assert headers["X-RateLimit-Global"] == "true"
    assert headers["X-RateLimit-Scope"] == "global"


@pytest.mark.parametrize(("status", "kind"), [(502, "text/html"), (503, "text/plain"), (504, "text/html")])
def test_proxies_answer_in_text(status: int, kind: str) -> None:
    assert failure(Fault(status=status)).content_type == kind


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10008), (401, 0), (500, 0), (418, 0)])
def test_other_failures_are_discords_json(status: int, code: int) -> None:
    assert body_of(Fault(status=status))["code"] == code


def test_listeners_hear_of_rules_that_come_go_and_are_used_up() -> None:
    faults = Faults()
    left: list[list[tuple[str | None, int | None]]] = []
    faults.listen(lambda: left.append([(one["name"], one["left"]) for one in faults.as_json()]))
    faults.replace(parse_faults({"faults": [{"name": "edits", "method": "PATCH", "status": 429, "times": 2}]}))
    faults.take("POST", "/x")
    for _ in range(3):
        faults.take("PATCH", "/x")
    faults.clear()
    assert left == [[("edits", 2)], [("edits", 1)], [], []]
    with pytest.raises(ValueError, match="name"):
        parse_faults({"faults": [{"name": "x" * 41, "status": 500}]})


def test_too_many_rules_leave_the_old_ones_in_force() -> None:
    faults = Faults()
    faults.add(Fault(status=500))
    with pytest.raises(ValueError, match="at most"):
        faults.replace([Fault(status=404)] * (MAX_FAULTS + 1))
    assert faults.standing == (Fault(status=500),)
