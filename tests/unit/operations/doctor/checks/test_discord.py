"""What the doctor makes of Discord's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.config import Secret
from bot.domain.permissions import ADMINISTRATOR, NEEDED_PERMISSIONS
from bot.operations.doctor.checks.discord import GUILD_PAGES, DiscordCheckup
from bot.operations.doctor.findings import Finding, Verdict
from bot.operations.doctor.web import HttpAnswer, WebFaultError
from tests.unit.operations.conftest import NOW, TOKEN, FakeWeb, answer, by_check, config

ALL = sum(permission.bit for permission in NEEDED_PERMISSIONS)
COMMANDS = [{"name": "ask"}, {"name": "draw"}]


def guild(number: int, permissions: int = ALL, name: str = "") -> dict[str, Any]:
    return {"id": str(number), "name": name or f"guild {number}", "permissions": str(permissions)}


def application(**changes: Any) -> HttpAnswer:
    body = {
        "id": "123456789",
        "flags": 0,
        "bot_public": True,
        "bot_require_code_grant": False,
        "interactions_endpoint_url": None,
        "approximate_guild_count": 1,
    }
    return answer(body | changes)


def starts(*, remaining: int = 990, shards: int = 1) -> HttpAnswer:
    limit = {"total": 1000, "remaining": remaining, "reset_after": 7_200_000, "max_concurrency": 1}
    return answer({"url": "wss://gateway.test", "shards": shards, "session_start_limit": limit})


def healthy() -> dict[str, HttpAnswer | WebFaultError]:
    return {
        "/api/v10/gateway": answer({"url": "wss://gateway.test"}, date=NOW.replace(microsecond=0)),
        "/users/@me": answer({"id": "123456789", "username": "Fusion"}),
        "/applications/@me": application(),
        "/gateway/bot": starts(),
        "/commands?with_localizations=true": answer(COMMANDS),
        "/guilds?limit=200&after=0": answer([guild(1)]),
    }


async def check(
    web: FakeWeb, *, agrees: bool = True, **changes: Any
) -> tuple[dict[str, Finding], list[Sequence[Mapping[str, Any]]]]:
    compared: list[Sequence[Mapping[str, Any]]] = []

    async def compare(registered: Sequence[Mapping[str, Any]]) -> bool:
        compared.append(registered)
        return agrees

    checkup = DiscordCheckup(config(**changes), get=web.get, hello=web.hello, agrees=compare)
    return by_check(await checkup.run()), compared


async def found(check_name: str, changed: Mapping[str, HttpAnswer | WebFaultError], **changes: Any) -> Finding:
    findings, _ = await check(FakeWeb({**healthy(), **changed}), **changes)
    return findings[check_name]


async def test_where_all_is_well_everything_is_told_in_order() -> None:
    web = FakeWeb(healthy())
    findings, compared = await check(web)
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert list(findings) == [
        *("reachable", "gateway", "clock", "token", "intents", "install", "invite link"),
        *("sessions", "shards", "commands", "permissions"),
    ]
    assert "Fusion (id 123456789)" in findings["token"].found
    assert findings["invite link"].found == (
        "https://discord.com/oauth2/authorize?client_id=123456789&scope=bot+applications.commands"
        "&permissions=274878008384"
    )
    assert compared == [COMMANDS]
    assert not any(TOKEN in finding.found for finding in findings.values())


async def test_the_token_goes_to_the_rest_address_alone() -> None:
    web = FakeWeb(healthy())
    await check(web)
    told = {url for url, headers in web.asked if headers}
    assert all(url.startswith("https://discord.com/api/v10/") for url in told)
    assert len(web.asked) == 7, "a handful of requests"


async def test_discord_that_is_not_reached_is_asked_nothing_more(fault: WebFaultError) -> None:
    web = FakeWeb({"/gateway": fault})
    findings, _ = await check(web)
    assert (findings["reachable"].found, findings["reachable"].cure) == (fault.found, fault.cure)
    assert findings["the rest"].verdict is Verdict.SKIPPED
    assert len(web.asked) == 1


@pytest.mark.parametrize("strange", [answer(status=404), answer(None), answer([]), answer({"url": 5})])
async def test_a_server_that_is_not_discord(strange: HttpAnswer) -> None:
    finding = await found("reachable", {"/api/v10/gateway": strange})
    assert finding.verdict is Verdict.FAILED
    assert "DISCORD_API_BASE" in finding.cure


async def test_a_gateway_that_can_not_be_reached_leaves_the_rest(fault: WebFaultError) -> None:
    web = FakeWeb(healthy())
    web.greeting = fault
    findings, _ = await check(web)
    assert findings["gateway"].verdict is Verdict.FAILED
    assert findings["token"].verdict is Verdict.OK


@pytest.mark.parametrize(
    ("token", "words"),
    [(TOKEN, "reset, or not copied whole"), ("0123456789abcdef", "the form"), ("a.b.c", "the form"), ("é.b.c", "form")],
)
async def test_a_token_that_is_refused(token: str, words: str) -> None:
    web = FakeWeb(healthy() | {"/users/@me": answer({"message": "401"}, status=401)})
    findings, compared = await check(web, discord_token=Secret(token))
    assert findings["token"].verdict is Verdict.FAILED
    assert words in findings["token"].found
    assert token not in findings["token"].found + findings["token"].cure
    assert findings["the rest"].verdict is Verdict.SKIPPED
    assert compared == []


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (answer({"message": "slow"}, status=429), "429"),
        (answer(None, status=503), "in trouble"),
        (answer(None, status=403), "blocked"),
        (answer({}, status=404), "DISCORD_API_BASE"),
    ],
)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/users/@me", "token"),
        ("/applications/@me", "install"),
        ("/gateway/bot", "sessions"),
        ("/commands?with_localizations=true", "commands"),
        ("/guilds?limit=200&after=0", "permissions"),
    ],
)
async def test_whatever_request_is_refused_it_is_told(path: str, name: str, refusal: HttpAnswer, words: str) -> None:
    finding = await found(name, {path: refusal})
    assert finding.verdict is Verdict.FAILED
    assert words in finding.found + finding.cure


async def test_a_connection_that_breaks_in_between_is_told(fault: WebFaultError) -> None:
    assert (await found("token", {"/guilds?limit=200&after=0": fault})).found == fault.found


@pytest.mark.parametrize(
    ("flags", "wanted", "verdict"),
    [
        (0, False, Verdict.OK),
        (0, True, Verdict.FAILED),
        (1 << 18, True, Verdict.OK),
        (1 << 19, True, Verdict.OK),
        (1 << 19, False, Verdict.WARNING),
    ],
)
async def test_the_privileged_intent_in_both_directions(flags: int, wanted: bool, verdict: Verdict) -> None:
    changed = {"/applications/@me": application(flags=flags)}
    assert (await found("intents", changed, discord_message_content=wanted)).verdict is verdict


async def test_what_keeps_the_bot_from_being_added() -> None:
    granting = await found("install", {"/applications/@me": application(bot_require_code_grant=True)})
    assert granting.verdict is Verdict.FAILED
    private = await found("install", {"/applications/@me": application(bot_public=False)})
    assert private.verdict is Verdict.WARNING


async def test_commands_that_would_go_elsewhere() -> None:
    changed = {"/applications/@me": application(interactions_endpoint_url="https://elsewhere.test/")}
    finding = await found("interactions", changed)
    assert finding.verdict is Verdict.FAILED
    assert "elsewhere.test" not in finding.found


@pytest.mark.parametrize(("left", "verdict"), [(0, Verdict.FAILED), (19, Verdict.WARNING), (20, Verdict.OK)])
async def test_session_starts_that_run_out(left: int, verdict: Verdict) -> None:
    finding = await found("sessions", {"/gateway/bot": starts(remaining=left)})
    assert finding.verdict is verdict
    if left == 0:
        assert "2.0 hours" in finding.found


@pytest.mark.parametrize(
    ("guilds", "count", "verdict"),
    [
        (1, None, Verdict.OK),
        (6000, None, Verdict.OK),
        (6000, 6, Verdict.OK),
        (4000, 2, Verdict.WARNING),
        (6000, 2, Verdict.FAILED),
    ],
)
async def test_shards(guilds: int, count: int | None, verdict: Verdict) -> None:
    changed = {"/gateway/bot": starts(shards=6), "/applications/@me": application(approximate_guild_count=guilds)}
    finding = await found("shards", changed, shard_count=count)
    assert finding.verdict is verdict
    if verdict is not Verdict.OK:
        assert "SHARD_COUNT=6" in finding.cure


@pytest.mark.parametrize("registered", [[], COMMANDS])
async def test_commands_that_differ(registered: list[dict[str, Any]]) -> None:
    changed = {"/commands?with_localizations=true": answer(registered)}
    finding = await found("commands", changed, agrees=False)
    assert finding.verdict is Verdict.WARNING
    assert "python -m bot sync" in finding.cure


async def test_servers_that_withhold_permissions_are_named_up_to_five() -> None:
    guilds = [guild(1), guild(2, ADMINISTRATOR), *(guild(n, ALL & ~(1 << 15)) for n in range(3, 10))]
    finding = await found("permissions", {"/guilds?limit=200&after=0": answer(guilds)})
    assert finding.verdict is Verdict.WARNING
    assert "of 9 servers 7 lack some" in finding.found
    assert "“guild 3” lacks Attach Files;" in finding.found
    assert "guild 8" not in finding.found
    assert finding.found.endswith("and 2 more")


async def test_a_bot_in_no_server() -> None:
    assert (await found("permissions", {"/guilds?limit=200&after=0": answer([])})).verdict is Verdict.WARNING


async def test_only_so_many_pages_of_servers_are_asked_for() -> None:
    web = FakeWeb(healthy())
    for page in range(GUILD_PAGES + 1):
        last = page * 200
        web.answers[f"/guilds?limit=200&after={last}"] = answer([guild(last + n) for n in range(1, 201)])
    findings, _ = await check(web)
    assert "the first 1000 servers" in findings["permissions"].found
    assert len([url for url, _ in web.asked if "/guilds" in url]) == GUILD_PAGES


@pytest.mark.parametrize(
    ("off_s", "verdict", "words"),
    [
        (0, Verdict.OK, "agrees"),
        (4, Verdict.OK, "4.0 s ahead"),
        (-30, Verdict.WARNING, "30.0 s behind"),
        (7200, Verdict.FAILED, "7200.0 s ahead"),
    ],
)
async def test_the_clock(off_s: int, verdict: Verdict, words: str) -> None:
    date = NOW.replace(microsecond=0) - timedelta(seconds=off_s)
    finding = await found("clock", {"/api/v10/gateway": answer({"url": "wss://gateway.test"}, date=date)})
    assert finding.verdict is verdict
    assert words in finding.found


async def test_a_slow_answer_tells_less_of_the_clock() -> None:
    late = answer({"url": "wss://gateway.test"}, date=NOW - timedelta(seconds=9, microseconds=500_000), took_s=8)
    assert (await found("clock", {"/api/v10/gateway": late})).verdict is Verdict.OK


async def test_without_a_date_nothing_is_said_of_the_clock() -> None:
    findings, _ = await check(FakeWeb(healthy() | {"/api/v10/gateway": answer({"url": "wss://gateway.test"})}))
    assert "clock" not in findings


@pytest.mark.parametrize("nonsense", [None, "x", [], {"flags": "many", "id": "../../x"}, {"id": 2**200, "flags": []}])
async def test_nonsense_breaks_nothing(nonsense: object) -> None:
    web = FakeWeb(healthy())
    for path in ("/applications/@me", "/gateway/bot", "/guilds?limit=200&after=0"):
        web.answers[path] = answer(nonsense)
    await check(web)
    assert not any("../" in url for url, _ in web.asked)
