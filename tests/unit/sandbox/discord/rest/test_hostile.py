"""Hostile and broken requests get an answer of Discord's kind, never a 500."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.discord.bodies.commands import checked_command
from sandbox.discord.bodies.message import parse_draft
from sandbox.discord.bodies.modal import parse_modal
from sandbox.discord.protocol.errors import DiscordError
from sandbox.discord.protocol.forms import Fields, Form
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api


@pytest.mark.parametrize(
    "raw", [b"{", b"\xff\xfe", b"nul", b'{"a": NaN}', b"[" * 100_000, b'{"content": "\\ud800"}', b"1" * 5000]
)
async def test_malformed_json(api: Api, world: World, raw: bytes) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    answer = await api("POST", path, data=raw, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.body["code"] in (50109, 50035)


async def test_absurd_sizes(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    long = json.dumps({"content": "x" * 2_000_000}).encode()

    async def chunked() -> AsyncIterator[bytes]:
        yield long

    for data in (BytesIO(long), chunked()):
        answer = await api("POST", path, data=data, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.body["code"]) == (413, 40005)


async def test_malformed_multipart(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    for raw, kind in (
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data; name=payload_json\r\n\r\n{", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n{}\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ):
        answer = await api("POST", path, data=raw, headers={"Content-Type": kind})
        assert answer.status == 400, raw
    form = FormData(default_to_multipart=True)
    for n in range(64):
        form.add_field(f"f{n}", "x")
    assert (await api("POST", path, data=form)).body["code"] == 40005
    assert (await api.upload("POST", path, "[1]")).body["code"] == 50035
    assert (await api.upload("POST", path, "{", ("a", b"x"))).body["code"] == 50109


@pytest.mark.parametrize("method", ["PUT", "TRACE", "PATCH"])
async def test_wrong_methods(api: Api, method: str) -> None:
    answer = await api(method, "/gateway")
    assert (answer.status, answer.body["code"]) == (405, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/channels/99999999999999999999999/messages",
        "/channels/-1/messages",
        "/channels/%00/messages",
        "/channels/%F0%9F%A6%8A/messages",
        "/users/x",
        "/guilds/0x10",
        "/channels/5/messages?limit=%00",
        "/webhooks/5/%F0%9F%A6%8A/messages/x",
        "/webhooks/x/y/messages/@original",
    ],
)
async def test_odd_paths(api: Api, path: str) -> None:
    answer = await api("GET", path)
    assert 400 <= answer.status < 500
    assert set(answer.body) >= {"message", "code"}


async def test_odd_file_addresses(api: Api) -> None:
    for path in (
        "/cdn/attachments/1/2/x", "/cdn/attachments/1/2/x?ex=zz&is=1&hm=0",
        "/cdn/attachments/1/2/x?ex=ffffffffff&is=1&hm=é", "/cdn/attachments/a/b/c",
    ):  # fmt: skip
        assert (await api("GET", path, token=None)).status == 404


async def test_avatars_are_pictures(api: Api, world: World) -> None:
    for path in (f"/cdn/avatars/{world.bot.id}/x.png", "/cdn/embed/avatars/3.png"):
        answer = await api("GET", path, token=None)
        assert (answer.status, answer.raw[:4]) == (200, b"\x89PNG")


SMALL = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12)
KEYS = st.sampled_from(
    [
        "type",
        "name",
        "description",
        "options",
        "choices",
        "content",
        "embeds",
        "components",
        "flags",
        "attachments",
        "id",
        "custom_id",
        "label",
        "style",
        "value",
        "url",
        "emoji",
        "accessory",
        "items",
        "media",
        "file",
        "title",
        "fields",
        "footer",
        "author",
        "image",
        "allowed_mentions",
        "parse",
        "users",
        "roles",
        "nonce",
        "message_reference",
        "message_id",
        "component",
        "min_values",
        "max_values",
        "min_length",
        "max_length",
        "required",
        "placeholder",
    ]
)
ANYTHING = st.recursive(
    SMALL | st.integers(0, 25),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


def refusal_of(call: Callable[[], Any]) -> int | None:
    """Return the code with which a body is refused, None where it is taken; what is taken must be JSON."""
    try:
        json.dumps(call())
    except DiscordError as error:
        return error.code
    return None


def modal_of(data: Any) -> Any:
    form = Form()
    modal = parse_modal(Fields(form, data))
    form.check()
    return modal


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=ANYTHING, editing=st.booleans(), v2=st.booleans())
def test_any_message_body_is_read_or_refused(data: Any, editing: bool, v2: bool) -> None:
    def read() -> Any:
        draft = parse_draft(data, [], editing=editing, v2=v2)
        return [draft.content, draft.embeds, draft.components]

    assert refusal_of(read) in (None, 50035)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=ANYTHING)
def test_any_command_and_modal_is_read_or_refused(data: Any) -> None:
    assert refusal_of(lambda: checked_command(data)) in (None, 50035)
    assert refusal_of(lambda: modal_of(data)) in (None, 50035)
