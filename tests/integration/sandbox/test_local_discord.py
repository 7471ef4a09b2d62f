"""The local Discord as a whole: one port, the log, faults, rate limits and control over real sockets."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from sandbox.discord import Fault, Limits, LocalDiscord
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.records import Channel


@pytest.fixture
def general(discord: LocalDiscord) -> Channel:
    return discord.world.channel("general")


def messages_url(discord: LocalDiscord, channel: Channel) -> str:
    return f"{discord.api_base}/channels/{channel.id}/messages"


async def control(http: aiohttp.ClientSession, discord: LocalDiscord, what: str, body: object) -> Any:
    async with http.post(f"{discord.base_url}/control/{what}", json=body) as response:
        return response.status, await response.json()


async def test_a_refused_login_is_logged_without_the_token(discord: LocalDiscord, tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{discord.api_base}/users/@me", headers={"Authorization": "Bot very-secret"}) as response,
    ):
        assert response.status == 401
        assert response.headers["Content-Type"] == "application/json"
    text = (tmp_path / "requests.jsonl").read_text()
    line = json.loads(text)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v10/users/@me", 401)
    assert "very-secret" not in text
    assert discord.limiter.invalid.count == 1


async def test_a_message_with_a_file_is_logged_by_its_parts(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel
) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps({"content": "here"}), content_type="application/json")
    form.add_field("files[0]", b"12345", filename="a.txt", content_type="text/plain")
    async with http.post(messages_url(discord, general), data=form) as response:
        assert response.status == 200, await response.text()
        assert response.headers["X-RateLimit-Remaining"] == "4"
        assert response.headers["Via"]
    (logged,) = discord.requests
    assert logged.body == {"content": "here"}
    assert [(one.name, one.filename, one.content_type, one.bytes) for one in logged.files] == [
        ("files[0]", "a.txt", "text/plain", 5)
    ]
    assert (logged.status, logged.remaining) == (200, 4)


async def test_the_sixth_message_is_refused_and_its_body_still_logged(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel
) -> None:
    statuses: list[int] = []
    told: dict[str, Any] = {}
    for number in range(6):
        async with http.post(messages_url(discord, general), json={"content": str(number)}) as response:
            statuses.append(response.status)
            told = await response.json()
    assert statuses == [200] * 5 + [429]
    assert 0 < told["retry_after"] <= 5
    assert discord.requests[-1].body == {"content": "5"}
    assert len(general.messages) == 5


async def test_a_failing_request_is_not_carried_out(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel
) -> None:
    discord.faults.add(Fault(method="POST", path="/messages$", status=503, times=1))
    async with http.post(messages_url(discord, general), json={"content": "lost"}) as response:
        assert response.status == 503
    async with http.post(messages_url(discord, general), json={"content": "kept"}) as response:
        assert response.status == 200
    assert [one.content for one in general.messages.values()] == ["kept"]
    assert [(one.status, one.body) for one in discord.requests] == [
        (503, {"content": "lost"}),
        (200, {"content": "kept"}),
    ]


async def test_a_fault_after_the_fact_loses_only_the_answer(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel
) -> None:
    discord.faults.add(Fault(status=500, after=True, times=1))
    async with http.post(messages_url(discord, general), json={"content": "sent"}) as response:
        assert response.status == 500
    assert [one.content for one in general.messages.values()] == ["sent"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_connection_is_reset(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel, after: bool
) -> None:
    discord.faults.add(Fault(reset=True, after=after, times=1))
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await http.post(messages_url(discord, general), json={"content": "x"})
    assert caught.value.errno == errno.ECONNRESET
    assert len(general.messages) == after
    assert (discord.requests[0].status, discord.requests[0].body) == (0, {"content": "x"})
    async with http.get(messages_url(discord, general)) as response:
        assert response.status == 200


async def test_a_slow_answer_is_still_one(discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel) -> None:
    discord.faults.add(Fault(delay_s=0.05, times=1))
    async with http.post(messages_url(discord, general), json={"content": "late"}) as response:
        assert response.status == 200
    assert discord.requests[0].ms >= 49


async def test_faults_are_set_and_cleared_over_http(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    assert await control(http, discord, "faults", {"faults": [{"status": 500}]}) == (200, {"faults": 1})
    async with http.get(f"{discord.api_base}/users/@me") as response:
        assert response.status == 500
    assert await control(http, discord, "faults", {"faults": []}) == (200, {"faults": 0})
    async with http.get(f"{discord.api_base}/users/@me") as response:
        assert response.status == 200
    status, answer = await control(http, discord, "faults", {"faults": [{"status": 7}]})
    assert (status, answer["error"]) == (400, "status must be from 400 to 599")


async def test_session_starts_are_told(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json") as ws:
        await ws.receive_json()
        await ws.send_json({"op": 2, "d": {"token": discord.token, "intents": 0, "properties": {}}})
        assert (await ws.receive_json())["t"] == "READY"
    async with http.get(f"{discord.api_base}/gateway/bot") as response:
        told = await response.json()
    assert (told["url"], told["shards"]) == (discord.gateway_url, 1)
    assert (told["session_start_limit"]["total"], told["session_start_limit"]["remaining"]) == (1000, 999)
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{discord.api_base}/gateway/bot") as response:
        assert response.status == 401


async def test_the_log_is_read_in_pieces(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    for _ in range(3):
        async with http.get(f"{discord.api_base}/users/@me"):
            pass
    async with http.get(f"{discord.base_url}/control/log?after=1") as response:
        found = await response.json()
    assert [one["n"] for one in found["requests"]] == [2, 3]
    assert found["next"] == 3
    assert found["invalid_requests"] == {"count": 0, "banned": False}
    async with http.get(f"{discord.base_url}/control/log?after=x") as response:
        assert response.status == 400


@pytest.mark.parametrize("what", ["faults", "gateway", "permissions", "places", "timeout", "hold", "outage"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"[" * 100_000, b'{"guild": {}, "do": [], "faults": 1, "events": 1}']
)
async def test_malformed_control_is_refused(
    discord: LocalDiscord, http: aiohttp.ClientSession, what: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"{discord.base_url}/control/{what}", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]


async def test_the_gateway_is_disturbed_over_http(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json") as ws:
        await ws.receive_json()
        await ws.send_json({"op": 2, "d": {"token": discord.token, "intents": 0, "properties": {}}})
        assert (await ws.receive_json())["t"] == "READY"
        assert await control(http, discord, "gateway", {"do": "reconnect"}) == (200, {"sessions": 1})
        assert (await ws.receive_json())["op"] == 7


async def test_the_bots_rights_are_changed_and_told(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel
) -> None:
    world = discord.world
    heard: list[str] = []
    world.subscribe(lambda event: heard.append(event.t))
    place = {"guild": str(general.guild_id), "channel": str(general.id)}

    assert (await control(http, discord, "permissions", place | {"deny": ["ATTACH_FILES"]}))[0] == 200
    assert not world.permissions(world.bot.id, general) & Permission.ATTACH_FILES
    assert (await control(http, discord, "permissions", place | {"allow": str(1 << 15)}))[0] == 200
    assert world.permissions(world.bot.id, general) & Permission.ATTACH_FILES
    guild = world.guilds[general.guild_id or 0]
    for role in guild.roles.values():
        body = {"guild": str(guild.id), "role": str(role.id), "deny": ["EMBED_LINKS"]}
        assert (await control(http, discord, "permissions", body))[0] == 200
    assert not world.permissions(world.bot.id, general) & Permission.EMBED_LINKS
    assert heard == ["CHANNEL_UPDATE", "CHANNEL_UPDATE"] + ["GUILD_ROLE_UPDATE"] * len(guild.roles)


@pytest.mark.parametrize(
    "change", [{"guild": "1"}, {"channel": "1"}, {"role": "1"}, {"deny": ["FLY"]}, {"allow": -1}, {"allow": [1]}]
)
async def test_rights_of_nothing_are_refused(
    discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel, change: dict[str, Any]
) -> None:
    status, answer = await control(http, discord, "permissions", {"guild": str(general.guild_id)} | change)
    assert (status, bool(answer["error"])) == (400, True)


async def test_places_are_steered_over_http(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    world = discord.world
    made = await control(http, discord, "places", {"do": "add", "name": "talk", "kind": "voice", "hidden": True})
    channel = world.channels[int(made[1]["channel"]["id"])]
    assert (made[0], channel.is_voice, world.can_see(world.bot.id, channel)) == (200, True, False)
    about = {"channel": str(channel.id)}
    assert (await control(http, discord, "places", about | {"do": "show"}))[0] == 200
    assert world.can_see(world.bot.id, channel)
    assert (await control(http, discord, "places", about | {"do": "slowmode", "seconds": 5}))[0] == 200
    assert channel.rate_limit_per_user == 5
    thread = await world.start_thread(world.person("bob"), world.channel("general"), "talk")
    for act in ("lock", "archive", "unarchive", "unlock", "add_bot", "remove_bot", "delete"):
        body = {"channel": str(thread.id), "do": act}
        assert (await control(http, discord, "places", body))[0] == 200
    assert thread.id not in world.channels
    assert (await control(http, discord, "places", {"channel": str(thread.id), "do": "lock"}))[0] == 400
    assert (await control(http, discord, "places", about | {"do": "lock"}))[0] == 400
    for body in ({"name": ""}, {"name": "x", "kind": "thread"}, {"name": "x", "guild": "1"}):
        assert (await control(http, discord, "places", {"do": "add"} | body))[0] == 400


async def test_timeouts_late_events_and_outages_are_made_over_http(
    discord: LocalDiscord, http: aiohttp.ClientSession
) -> None:
    world = discord.world
    assert (await control(http, discord, "timeout", {"seconds": 60}))[0] == 200
    assert world.timed_out(world.guild().members[world.bot.id])
    assert (await control(http, discord, "timeout", {"seconds": -1}))[0] == 400
    assert (await control(http, discord, "timeout", {"seconds": 1, "user": "1"}))[0] == 400
    assert await control(http, discord, "hold", {"events": ["THREAD_CREATE"], "after": None}) == (200, {"held": 0})
    await world.start_thread(world.person("bob"), world.channel("general"), "talk")
    assert await control(http, discord, "hold", {"events": []}) == (200, {"released": 1})
    assert (await control(http, discord, "outage", {}))[0] == 200
    assert world.guild().unavailable
    assert (await control(http, discord, "outage", {"over": True}))[0] == 200
    assert not world.guild().unavailable


async def test_reset_begins_a_new_world(discord: LocalDiscord, http: aiohttp.ClientSession, general: Channel) -> None:
    world = discord.world
    async with http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json") as ws:
        await ws.receive_json()
        await ws.send_json({"op": 2, "d": {"token": discord.token, "intents": 0, "properties": {}}})
        await world.say(world.person("alice"), general, "before")
        discord.faults.add(Fault(status=500))
        assert (await control(http, discord, "reset", {}))[0] == 200
        while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert ws.closed
    assert not world.channel("general").messages
    assert discord.faults.standing == ()
    assert discord.requests == ()
    async with http.get(f"{discord.api_base}/users/@me") as response:
        assert response.status == 200


async def test_pages_of_other_sites_are_kept_out(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    for origin in ("http://example.org", "null", "http://[", f"https://127.0.0.1.example.org:{discord.base_url[-5:]}"):
        async with http.post(f"{discord.base_url}/control/reset", json={}, headers={"Origin": origin}) as response:
            assert response.status == 403
    async with http.post(f"{discord.base_url}/control/reset", headers={"Origin": discord.base_url}) as response:
        assert response.status == 200


async def test_the_page_is_served_and_nothing_beside_it(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{discord.base_url}/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
    for path in ("/../discord/app.py", "/%2e%2e/discord/app.py", "/js/../../discord/app.py", "/none", "/%00", "/js"):
        async with http.get(URL(f"{discord.base_url}{path}", encoded=True)) as response:
            assert response.status == 404, path


async def test_an_unknown_route_is_discords_404(discord: LocalDiscord, http: aiohttp.ClientSession) -> None:
    for path in ("/api/v10/nothing", "/api/nothing"):
        async with http.get(f"{discord.base_url}{path}") as response:
            assert (response.status, (await response.json())["message"]) == (404, "404: Not Found")


async def test_limits_can_be_lifted(tmp_path: Path) -> None:
    async with LocalDiscord(port=0, limits=Limits(enabled=False)) as discord:
        url = messages_url(discord, discord.world.channel("general"))
        headers = {"Authorization": f"Bot {discord.token}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            responses = await asyncio.gather(*(http.post(url, json={"content": "x"}) for _ in range(60)))
        assert {response.status for response in responses} == {200}
        assert not any("X-RateLimit-Limit" in response.headers for response in responses)


async def test_a_port_that_is_taken_is_an_error_and_stopping_twice_is_none(discord: LocalDiscord) -> None:
    other = LocalDiscord(port=int(discord.base_url.rpartition(":")[2]))
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
    await other.stop()
    await discord.stop()
    await discord.stop()


async def test_after_an_outage_world_and_port_are_the_same(discord: LocalDiscord, general: Channel) -> None:
    world = discord.world
    said = await world.say(world.person("alice"), general, "before")
    address = discord.api_base
    await discord.stop()
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as http:
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(f"{address}/users/@me")
        await discord.start()
        assert discord.api_base == address
        async with http.get(f"{messages_url(discord, general)}/{said.id}") as response:
            assert response.status == 200
        async with http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json") as ws:
            await ws.receive_json()
            await ws.send_json({"op": 2, "d": {"token": discord.token, "intents": 1 << 9, "properties": {}}})
            assert (await ws.receive_json())["t"] == "READY"
            await world.say(world.person("alice"), general, "after")
            assert (await ws.receive_json())["t"] == "MESSAGE_CREATE"
