"""Windows, buckets and verdicts, on a clock that the test moves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.discord.protocol.snowflake import snowflake_at
from sandbox.discord.traffic.buckets import InvalidRequests, Limits, Rate, SlidingWindows, Windows, bucket_of
from sandbox.discord.traffic.limiter import Admission, RateLimiter
from tests.unit.sandbox.discord.gateway.client import FakeClock

LIMITS = Limits()
CHANNEL = "/channels/123456789012345678"
MESSAGE = f"{CHANNEL}/messages/{snowflake_at(1_750_000_000.0)}"


def refusal(admission: Admission) -> dict[str, Any]:
    assert admission.refusal is not None
    body = admission.refusal.body
    assert isinstance(body, bytes)
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_window_opens_with_the_first_request_and_resets_as_a_whole(clock: FakeClock) -> None:
    windows, rate = Windows(clock), Rate(count=2, per_s=5.0)
    first = windows.take("k", rate)
    assert (first.allowed, first.remaining, first.reset_after_s, first.reset_at) == (True, 1, 5.0, clock.now + 5)
    clock.now += 4.0
    second = windows.take("k", rate)
    assert (second.allowed, second.remaining, second.reset_after_s) == (True, 0, 1.0)
    assert windows.take("k", rate).allowed is False
    clock.now += 1.0
    assert windows.take("k", rate).remaining == 1


def test_peeking_counts_nothing(clock: FakeClock) -> None:
    windows, rate = Windows(clock), Rate(count=2, per_s=5.0)
    assert windows.peek("k", rate).remaining == 2
    windows.take("k", rate)
    assert [windows.peek("k", rate).remaining for _ in range(3)] == [1, 1, 1]


def test_windows_that_are_over_are_forgotten(clock: FakeClock) -> None:
    windows, rate = Windows(clock), Rate(count=1, per_s=1.0)
    for number in range(10_000):
        windows.take(str(number), rate)
        clock.now += 0.001
    assert len(windows._open) < 6_000


def test_a_sliding_window_counts_what_came_within_its_length_at_any_moment(clock: FakeClock) -> None:
    windows, rate = SlidingWindows(clock), Rate(count=2, per_s=5.0)
    first = windows.take("k", rate)
    assert (first.allowed, first.remaining, first.reset_after_s, first.reset_at) == (True, 1, 5.0, clock.now + 5)
    clock.now += 4.0
    second = windows.take("k", rate)
    assert (second.allowed, second.remaining, second.reset_after_s) == (True, 0, 1.0)
    assert windows.take("k", rate).allowed is False
    clock.now += 1.0
    third = windows.take("k", rate)
    assert (third.allowed, third.remaining, third.reset_after_s) == (True, 0, 4.0)
    assert windows.take("k", rate).allowed is False


def test_sliding_windows_that_are_over_are_forgotten(clock: FakeClock) -> None:
    windows, rate = SlidingWindows(clock), Rate(count=1, per_s=1.0)
    for number in range(10_000):
        windows.take(str(number), rate)
        clock.now += 0.001
    assert len(windows._taken) < 6_000


@pytest.mark.parametrize("sliding", [False, True])
def test_whether_windows_slide_is_chosen_with_the_limits(clock: FakeClock, sliding: bool) -> None:
    limiter = RateLimiter(Limits(sliding=sliding), clock)
    for number in range(50):
        limiter.admit("POST", f"/channels/{10**17 + number}/messages", "t")
        clock.now += 0.019
    clock.now += 0.1
    refused = [limiter.admit("GET", "/users/@me", "t").refusal is not None for _ in range(20)]
    assert any(refused) is sliding


def test_creates_and_edits_are_counted_apart_under_one_hash(clock: FakeClock) -> None:
    limiter = RateLimiter(LIMITS, clock)
    admissions = []
    for _ in range(5):
        admissions += [limiter.admit("POST", f"{CHANNEL}/messages", "t"), limiter.admit("PATCH", MESSAGE, "t")]
    assert all(one.refusal is None for one in admissions)
    assert len({one.bucket for one in admissions}) == 1
    assert [one.remaining for one in admissions] == [4, 4, 3, 3, 2, 2, 1, 1, 0, 0]
    for method, path in (("POST", f"{CHANNEL}/messages"), ("PATCH", MESSAGE)):
        assert limiter.admit(method, path, "t").refusal is not None
    assert limiter.admit("POST", "/channels/999999999999999999/messages", "t").refusal is None
    assert limiter.admit("POST", f"{CHANNEL}/messages", "another bot").refusal is None
    clock.now += 5.0
    assert limiter.admit("PATCH", MESSAGE, "t").remaining == 4


def test_headers_and_body_tell_the_limit(clock: FakeClock) -> None:
    limiter = RateLimiter(LIMITS, clock)
    headers = limiter.admit("POST", f"{CHANNEL}/messages", "t").headers
    assert headers is not None
    assert headers["X-RateLimit-Limit"] == "5"
    assert headers["X-RateLimit-Remaining"] == "4"
    assert headers["X-RateLimit-Reset"] == f"{clock.now + 5:.3f}"
    assert headers["X-RateLimit-Reset-After"] == "5.000"
    assert len(headers["X-RateLimit-Bucket"]) == 32
    for _ in range(4):
        limiter.admit("POST", f"{CHANNEL}/messages", "t")
    clock.now += 0.75
    refused = limiter.admit("POST", f"{CHANNEL}/messages", "t")
    assert refusal(refused) == {"message": "You are being rate limited.", "retry_after": 4.25, "global": False}
    assert refused.refusal is not None
    told = refused.refusal.headers
    assert (told["Retry-After"], told["X-RateLimit-Scope"], told["X-RateLimit-Remaining"]) == ("5", "user", "0")
    assert told["Via"]
    assert told["Content-Type"] == "application/json"
    assert "X-RateLimit-Global" not in told


def test_fifty_a_second_over_all_routes_interactions_apart(clock: FakeClock) -> None:
    limiter = RateLimiter(LIMITS, clock)
    for number in range(50):
        assert limiter.admit("POST", f"/channels/{10**17 + number}/messages", "t").refusal is None
    refused = limiter.admit("GET", "/users/@me", "t")
    assert refusal(refused)["global"] is True
    assert refused.refusal is not None
    assert refused.refusal.headers["X-RateLimit-Global"] == "true"
    assert refused.refusal.headers["X-RateLimit-Scope"] == "global"
    assert limiter.admit("POST", "/interactions/1/token/callback", "t").refusal is None
    assert limiter.admit("POST", "/webhooks/1/token", "t").refusal is None
    assert limiter.admit("GET", "/users/@me", "another bot").refusal is None
    clock.now += 1.0
    assert limiter.admit("GET", "/users/@me", "t").refusal is None


def test_followups_are_five_in_two_seconds_a_token(clock: FakeClock) -> None:
    limiter = RateLimiter(LIMITS, clock)
    for _ in range(5):
        assert limiter.admit("PATCH", "/webhooks/1/one/messages/@original", "t").refusal is None
    assert limiter.admit("POST", "/webhooks/1/one", "t").refusal is not None
    assert limiter.admit("POST", "/webhooks/1/two", "t").refusal is None
    clock.now += 2.0
    assert limiter.admit("POST", "/webhooks/1/one", "t").refusal is None


def test_interaction_callbacks_have_no_bucket(clock: FakeClock) -> None:
    assert RateLimiter(LIMITS, clock).admit("POST", "/interactions/1/token/callback", "t") == Admission()


def test_edits_of_old_messages_are_limited_further(clock: FakeClock) -> None:
    limiter = RateLimiter(LIMITS, clock)
    old = f"{CHANNEL}/messages/{snowflake_at(clock.now - 3_601)}"
    young = f"{CHANNEL}/messages/{snowflake_at(clock.now - 3_599)}"
    assert [limiter.admit("PATCH", old, "t").refusal for _ in range(3)] == [None] * 3
    refused = limiter.admit("PATCH", old, "t")
    assert refusal(refused)["code"] == 30046
    assert refusal(refused)["retry_after"] == 20.0
    assert limiter.admit("PATCH", young, "t").refusal is None


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("POST", f"{CHANNEL}/messages", LIMITS.creates),
        ("PATCH", MESSAGE, LIMITS.edits),
        ("DELETE", MESSAGE, LIMITS.deletes),
        ("POST", f"{CHANNEL}/messages/bulk-delete", LIMITS.bulk_deletes),
        ("POST", f"{CHANNEL}/typing", LIMITS.typing),
        ("PUT", f"{MESSAGE}/reactions/x/@me", LIMITS.reactions),
        ("DELETE", f"{MESSAGE}/reactions/x/@me", LIMITS.reactions),
        ("GET", f"{CHANNEL}/messages", LIMITS.reads),
        ("GET", "/guilds/123456789012345678", LIMITS.reads),
        ("PUT", "/applications/123456789012345678/commands", LIMITS.commands),
        ("POST", f"{MESSAGE}/threads", LIMITS.other),
        ("PUT", f"{CHANNEL}/messages/pins/123456789012345678", LIMITS.other),
        ("DELETE", f"{CHANNEL}/messages/pins/123456789012345678", LIMITS.other),
        ("PATCH", "/guilds/123456789012345678/members/@me", LIMITS.other),
        ("GET", "/webhooks/1/token/messages/@original", LIMITS.reads),
    ],
)
def test_each_route_has_its_rate(method: str, path: str, rate: Rate) -> None:
    bucket = bucket_of(method, path, LIMITS)
    assert bucket is not None
    assert bucket.rate == rate


def test_ids_that_are_no_majors_share_a_bucket() -> None:
    first = bucket_of("PATCH", "/guilds/123456789012345678/members/123456789012345678", LIMITS)
    second = bucket_of("PATCH", "/guilds/123456789012345678/members/223456789012345678", LIMITS)
    other = bucket_of("PATCH", "/guilds/323456789012345678/members/123456789012345678", LIMITS)
    assert first == second
    assert first is not None
    assert other is not None
    assert (other.hash == first.hash, other.key == first.key) == (True, False)


def test_limits_can_be_lifted(clock: FakeClock) -> None:
    limiter = RateLimiter(Limits(enabled=False), clock)
    assert {limiter.admit("PATCH", MESSAGE, "t") == Admission() for _ in range(200)} == {True}


def test_invalid_requests_are_counted_in_a_sliding_window(clock: FakeClock) -> None:
    invalid = InvalidRequests(clock, Rate(count=3, per_s=10.0))
    for _ in range(3):
        invalid.add()
        clock.now += 1.0
    assert (invalid.count, invalid.banned) == (3, True)
    clock.now += 7.0
    assert (invalid.count, invalid.banned) == (2, False)
