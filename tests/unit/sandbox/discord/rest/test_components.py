"""Components of messages and embeds: what Discord takes and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api
from tests.unit.sandbox.discord.rest.test_messages import PNG

V2 = 1 << 15


def row(*children: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def button(custom_id: str | None = "a", **changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id} | changes


def text(content: str = "x") -> dict[str, Any]:
    return {"type": 10, "content": content}


SELECT: dict[str, Any] = {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]}

BAD_V1: list[Any] = [
    [button()],
    [row()],
    [row(*[button(str(n)) for n in range(6)])],
    [row(button(str(n))) for n in range(6)],
    [row(button(), button())],
    [row(button(), SELECT)],
    [row(button(label=None))],
    [row(button(label="x" * 81))],
    [row(button("x" * 101))],
    [row(button(""))],
    [row(button(custom_id=None))],
    [row(button(style=5))],
    [row(button(style=5, custom_id=None, url="javascript:alert(1)"))],
    [row(button(style=9))],
    [row(button(url="https://example.org"))],
    [row(SELECT | {"options": []})],
    [row(SELECT | {"options": SELECT["options"] * 2})],
    [row(SELECT | {"options": [{"label": str(n), "value": str(n)} for n in range(26)]})],
    [row(SELECT | {"max_values": 2})],
    [row(SELECT | {"min_values": 2})],
    [row(SELECT | {"placeholder": "x" * 151})],
    [row({"type": 4, "custom_id": "t", "style": 1, "label": "t"})],
    [text()],
    [{"type": 17, "components": [text()]}],
    [{}],
    ["x"],
    [None],
    {"type": 1},
    "x",
]


@pytest.mark.parametrize("components", BAD_V1, ids=range(len(BAD_V1)))
async def test_bad_components_are_refused(api: Api, world: World, components: Any) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    answer = await api("POST", path, {"content": "x", "components": components})
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert "components" in answer.body["errors"]


async def test_good_components_come_back_numbered(api: Api, world: World) -> None:
    link = {"type": 2, "style": 5, "label": "l", "url": "https://example.org"}
    path = f"/channels/{world.channel('general').id}/messages"
    body = {"components": [row(button(), button("b", emoji={"name": "🔁"}, label=None), link), row(SELECT)]}
    answer = await api("POST", path, body)
    assert answer.status == 200
    rows = answer.body["components"]
    assert [one["id"] for one in [rows[0], *rows[0]["components"], rows[1]]] == [1, 2, 3, 4, 5]
    assert rows[1]["components"][0]["max_values"] == 1


BAD_V2: list[Any] = [
    {"components": [text()], "content": "x"},
    {"components": [text()], "embeds": [{"title": "x"}]},
    {"components": [text("x" * 4001)]},
    {"components": [text("x" * 2001), text("x" * 2000)]},
    {"components": [text("")]},
    {"components": [text()] * 41},
    {"components": [{"type": 17, "components": [text()] * 40}]},
    {"components": [{"type": 17, "components": [{"type": 17, "components": [text()]}]}]},
    {"components": [{"type": 9, "components": [text()]}]},
    {"components": [{"type": 9, "components": [text()] * 4, "accessory": button()}]},
    {"components": [{"type": 12, "items": []}]},
    {"components": [{"type": 12, "items": [{"media": {"url": "https://example.org/a.png"}}] * 11}]},
    {"components": [{"type": 12, "items": [{"media": {"url": "file:///etc/passwd"}}]}]},
    {"components": [{"type": 12, "items": [{"media": {"url": "https://e.org"}, "description": "x" * 1025}]}]},
    {"components": [{"type": 12, "items": [{"media": {"url": "attachment://missing.png"}}]}]},
    {"components": [{"type": 13, "file": {"url": "https://example.org/a.txt"}}]},
    {"components": [{"type": 14, "spacing": 3}]},
    {"components": [{"type": 17, "components": [text()], "accent_color": -1}]},
    {"components": [row(button()), row(button())]},
    {"components": [text() | {"id": 3}, text() | {"id": 3}]},
]


@pytest.mark.parametrize("body", BAD_V2, ids=range(len(BAD_V2)))
async def test_bad_components_v2_are_refused(api: Api, world: World, body: Any) -> None:
    answer = await api("POST", f"/channels/{world.channel('general').id}/messages", body | {"flags": V2})
    assert (answer.status, answer.body["code"]) == (400, 50035)


async def test_components_v2_show_files_of_the_message(api: Api, world: World) -> None:
    media = {"media": {"url": "attachment://a.png"}, "description": "a dot"}
    section = {"type": 9, "components": [text("**hi**")], "accessory": {"type": 11} | media}
    inner = [section, {"type": 12, "items": [media]}, {"type": 14}, row(button()), {"type": 13, "file": media["media"]}]
    body = {"flags": V2, "components": [{"type": 17, "accent_color": 5, "components": inner}]}
    path = f"/channels/{world.channel('general').id}/messages"
    sent = await api.upload("POST", path, json.dumps(body), ("a.png", PNG))
    assert sent.status == 200
    container = sent.body["components"][0]
    shown = container["components"][1]["items"][0]["media"]
    assert shown["url"] == sent.body["attachments"][0]["url"]
    assert (shown["width"], shown["height"], shown["attachment_id"]) == (3, 2, sent.body["attachments"][0]["id"])
    file = container["components"][4]
    assert (file["name"], file["size"]) == ("a.png", len(PNG))
    url = f"{path}/{sent.body['id']}"
    assert (await api("PATCH", url, {"content": "text"})).body["code"] == 50035
    edited = await api("PATCH", url, {"components": [text("new")]})
    assert edited.body["flags"] & V2


async def test_a_text_message_becomes_v2_only_when_its_text_goes(api: Api, world: World) -> None:
    path = f"/channels/{world.channel('general').id}/messages"
    sent = (await api("POST", path, {"content": "x", "embeds": [{"title": "t"}]})).body
    body: dict[str, Any] = {"flags": V2, "components": [text()]}
    assert (await api("PATCH", f"{path}/{sent['id']}", body)).body["code"] == 50035
    changed = await api("PATCH", f"{path}/{sent['id']}", body | {"content": None, "embeds": []})
    assert (changed.status, changed.body["content"]) == (200, "")


@pytest.mark.parametrize(
    "embeds",
    [
        [{"title": "x" * 257}],
        [{"description": "x" * 4097}],
        [{"description": "x" * 4000}, {"description": "x" * 2001}],
        [{"fields": [{"name": "a", "value": "b"}] * 26}],
        [{"fields": [{"name": "", "value": "b"}]}],
        [{"fields": [{"name": "a", "value": "x" * 1025}]}],
        [{"footer": {"text": "x" * 2049}}],
        [{"author": {"name": "x" * 257}}],
        [{"image": {"url": "ftp://x"}}],
        [{"url": "nowhere"}],
        [{"color": 0x1000000}],
        [{"timestamp": "yesterday"}],
        [{"title": "x"}] * 11,
        ["x"],
        {"title": "x"},
    ],
)
async def test_bad_embeds_are_refused(api: Api, world: World, embeds: Any) -> None:
    answer = await api("POST", f"/channels/{world.channel('general').id}/messages", {"embeds": embeds})
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert "embeds" in answer.body["errors"]


async def test_an_embed_shows_a_file_of_the_message(api: Api, world: World) -> None:
    payload = '{"embeds": [{"title": "x", "image": {"url": "attachment://a.png"}}]}'
    sent = await api.upload("POST", f"/channels/{world.channel('general').id}/messages", payload, ("a.png", PNG))
    assert sent.body["embeds"][0]["image"]["url"] == sent.body["attachments"][0]["url"]
    assert sent.body["embeds"][0]["type"] == "rich"
