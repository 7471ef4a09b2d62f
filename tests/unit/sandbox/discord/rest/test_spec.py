"""What the REST answers and the world dispatches, held against Discord's published OpenAPI document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # the package comes without types
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.discord.objects.guilds import render_guild_create
from sandbox.discord.people.others import link_embed
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Answer, Api
from tests.unit.sandbox.discord.rest.test_messages import PNG

ROOT = Path(__file__).parents[5]
DOCUMENT = ROOT.parent / "shared" / "discord-openapi.json"

pytestmark = pytest.mark.skipif(not DOCUMENT.is_file(), reason="Discord's OpenAPI document is not beside the project")


def rebase(node: Any) -> Any:
    """Return a schema whose local references are absolute, so that it stands alone."""
    if isinstance(node, dict):
        local = isinstance(node.get("$ref"), str) and node["$ref"].startswith("#")
        return {key: "urn:discord" + value if key == "$ref" and local else rebase(value) for key, value in node.items()}
    return [rebase(one) for one in node] if isinstance(node, list) else node


def as_documented(node: Any) -> Any:
    """Return an answer without what Discord's prose and its practice have beyond the OpenAPI document.

    A forward is a reference of type 1, and a poll may have no end ("Message Reference Types", "Poll Object").
    """
    if isinstance(node, list):
        return [as_documented(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: as_documented(value) for key, value in node.items()}
    if "message_snapshots" in found and found["message_reference"]["type"] == 1:
        found["message_reference"]["type"] = 0
    if "poll" in found and found["poll"]["expiry"] is None:
        del found["poll"]["expiry"]
        found["poll"] = {"expiry": "2026-01-01T00:00:00+00:00"} | found["poll"]
    return found


class Document:
    """Discord's document, ready to validate answers."""

    def __init__(self) -> None:
        self.spec = json.loads(DOCUMENT.read_text(encoding="utf-8"))
        # The document lacks media channels, which the documentation has ("Channel Types").
        schemas = self.spec["components"]["schemas"]
        schemas["GuildChannelResponse"]["properties"]["type"]["enum"].append(16)
        schemas["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": 16})
        resource = DRAFT202012.create_resource(self.spec)
        self.registry: Registry[Any] = Registry().with_resource("urn:discord", resource)
        paths = sorted(self.spec["paths"], key=lambda path: path.count("{"))
        self.routes = [(re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in paths]

    def faults(self, schema: Any, body: Any) -> list[str]:
        validator = Draft202012Validator(rebase(schema), registry=self.registry)
        body = as_documented(body)
        return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in validator.iter_errors(body)]

    def named(self, name: str, body: Any) -> list[str]:
        return self.faults({"$ref": f"#/components/schemas/{name}"}, body)

    def answered(self, method: str, url: str, answer: Answer) -> list[str]:
        """Return the faults of an answer by the response schema of its route and status."""
        path = re.sub(r"^/api/v10", "", url.split("?")[0]).replace("%40", "@")
        template = next((known for pattern, known in self.routes if pattern.match(path)), None)
        if template is None:
            return [f"no such route: {path}"]
        responses = self.spec["paths"][template].get(method.lower(), {}).get("responses", {})
        response = responses.get(str(answer.status))
        if response is None and answer.status >= 400:
            response = responses.get("4XX")
        if response is None:
            return [f"{method} {template} has no response {answer.status}"]
        while "$ref" in response:
            *_, kind, name = response["$ref"].split("/")
            response = self.spec["components"][kind][name]
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return [] if answer.body is None else [f"{method} {template}: a body where none should be"]
        body = answer.body
        if answer.status >= 400:
            # The document types the codes of nested errors as integers; Discord sends names such as BASE_TYPE_REQUIRED.
            body = {key: value for key, value in body.items() if key != "errors"}
        return [f"{method} {template} {answer.status}: {one}" for one in self.faults(schema, body)]


@pytest.fixture(scope="module")
def document() -> Document:
    return Document()


async def tour(api: Api, world: World) -> None:
    """Make every kind of request once."""
    general, bot, bob = world.channel("general"), world.bot, world.person("bob")
    general.overwrites[bot.id] = Overwrite(
        id=bot.id, type=1, allow=Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.MANAGE_CHANNELS
        | Permission.MANAGE_WEBHOOKS | Permission.CREATE_PRIVATE_THREADS,
    )  # fmt: skip
    app, guild, channel = f"/applications/{bot.id}", f"/guilds/{world.guild().id}", f"/channels/{general.id}"
    for path in (
        "/gateway", "/gateway/bot", "/users/@me", f"/users/{bob.id}", "/users/@me/guilds?with_counts=true",
        "/oauth2/applications/@me", "/applications/@me", app, f"{app}/emojis", guild, f"{guild}?with_counts=true",
        f"{guild}/channels", f"{guild}/members?limit=10", f"{guild}/members/search?query=b&limit=5",
        f"{guild}/members/{bot.id}", f"{guild}/roles", f"{guild}/roles/{world.guild().id}", f"{guild}/emojis",
        f"{guild}/stickers", channel, f"{channel}/invites", f"{channel}/webhooks", "/voice/regions",
    ):  # fmt: skip
        await api("GET", path)
    await api("PATCH", "/users/@me", {"username": "Fusion"})
    await api("PATCH", "/applications/@me", {"description": "x"})
    await api("PATCH", f"{guild}/members/@me", {"nick": "Fu"})
    await messages(api, world)
    await threads(api, world)
    await places(api, world)
    await interactions(api, world)
    await posts(api, world)


async def posts(api: Api, world: World) -> None:
    """Have people, webhooks and other apps post all that they can, and the bot read it."""
    alice, bob, general = world.person("alice"), world.person("bob"), world.channel("general")
    said = await world.say(alice, general, "https://example.com", files=[("a.png", PNG)])
    await world.unfurl(said, link_embed("https://example.com", "A page", "Words", kind="article"))
    await world.unfurl(said, link_embed("https://example.com/v", "A video", kind="video"))
    await world.unfurl(said, link_embed("https://example.com/p.png", "", kind="image"))
    sticker = await world.send_sticker(bob, general)
    for one in (said, sticker):
        await world.forward(bob, one, general)
    poll = await world.start_poll(alice, general, "Tea?", [("🍵", "Yes"), "No"])
    await world.start_poll(alice, general, "Ever?", ["Yes"], endless=True)
    await world.vote(bob, poll, 1)
    await world.forward(bob, poll, general)
    await api("GET", f"/channels/{general.id}/polls/{poll.id}/answers/1")
    await world.end_poll(poll)
    await world.send_voice(bob, general)
    await world.paste(bob, general, "x" * 3000)
    hook = await world.webhook(general)
    await world.webhook_says(hook, "built", embeds=[{"title": "green", "color": 5}])
    await world.proxy(await world.say(alice, general, "hi", reply_to=said))
    await world.crosspost(said, world.channel("art"))
    parts = [{"type": 17, "components": [{"type": 10, "content": "x"}]}]
    await world.app_says(world.add_application("Other"), general, components=parts)
    await api("GET", f"/channels/{general.id}/messages?limit=50")
    token = f"/webhooks/{hook.id}/{hook.token}"
    sent = await api("POST", f"{token}?wait=true", {"content": "x"}, token=None)
    for method, body in (("PATCH", {"content": "y"}), ("GET", None), ("DELETE", None)):
        await api(method, f"{token}/messages/{sent.body['id']}", body, token=None)
    await api("POST", token, {"content": "x"}, token=None)
    await api("POST", f"/channels/{general.id}/webhooks", {"name": "Mine"})
    await api("GET", f"/channels/{general.id}/webhooks")
    own = {"poll": {"question": {"text": "q"}, "answers": [{"poll_media": {"text": "a"}}]}}
    made = await api("POST", f"/channels/{general.id}/messages", own)
    await api("POST", f"/channels/{general.id}/polls/{made.body['id']}/expire")


async def messages(api: Api, world: World) -> None:
    channel = f"/channels/{world.channel('general').id}"
    prompt = await world.say(
        world.person("bob"), world.channel("general"), f"{world.bot.mention} hi", files=[("a.png", PNG)]
    )
    parts = [
        {"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "go", "label": "Go", "emoji": {"name": "🔁"}}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]}]},
        {"type": 1, "components": [{"type": 5, "custom_id": "u"}]},
        {"type": 1, "components": [{"type": 8, "custom_id": "c", "channel_types": [0]}]},
    ]
    embed = {
        "title": "t", "description": "d", "url": "https://example.org", "color": 5, "timestamp": "2026-01-01T00:00:00Z",
        "footer": {"text": "f"}, "author": {"name": "n"}, "image": {"url": "attachment://a.png"},
        "fields": [{"name": "a", "value": "b"}],
    }  # fmt: skip
    body = {"content": "x", "embeds": [embed], "components": parts, "message_reference": {"message_id": str(prompt.id)}}
    sent = await api.upload("POST", f"{channel}/messages", json.dumps(body | {"nonce": "n"}), ("a.png", PNG))
    message = f"{channel}/messages/{sent.body['id']}"
    await api("PATCH", message, {"content": "y"})
    media = {"media": {"url": "attachment://a.png"}}
    inner = [
        {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 11} | media},
        {"type": 12, "items": [media]}, {"type": 14}, {"type": 13, "file": media["media"]},
    ]  # fmt: skip
    v2 = {"flags": 1 << 15, "components": [{"type": 17, "components": inner}]}
    await api.upload("POST", f"{channel}/messages", json.dumps(v2), ("a.png", PNG))
    await api("PUT", f"{message}/reactions/%F0%9F%91%8D/@me")
    await api("GET", f"{message}/reactions/%F0%9F%91%8D")
    await api("PUT", f"{channel}/messages/pins/{sent.body['id']}")
    for path in (message, f"{channel}/messages?limit=10", f"{channel}/messages/pins", f"{channel}/pins"):
        await api("GET", path)
    await api("DELETE", f"{message}/reactions/%F0%9F%91%8D/@me")
    await api("POST", f"{channel}/typing")
    opened = await api("POST", "/users/@me/channels", {"recipient_id": str(world.person("alice").id)})
    await api("POST", f"/channels/{opened.body['id']}/messages", {"content": "hi"})
    await api("GET", f"/channels/{opened.body['id']}")
    await api("POST", f"{channel}/messages", {"content": "x" * 2001})
    await api("POST", f"{channel}/messages", {})
    await api("GET", f"{channel}/messages/5")
    await api("DELETE", message)


async def threads(api: Api, world: World) -> None:
    general = world.channel("general")
    channel = f"/channels/{general.id}"
    said = await world.say(world.person("bob"), general, "start here")
    made = await api("POST", f"{channel}/messages/{said.id}/threads", {"name": "from a message"})
    await api("POST", f"{channel}/threads", {"name": "alone", "type": 11})
    await api("POST", f"{channel}/threads", {"name": "private"})
    thread = f"/channels/{made.body['id']}"
    await api("POST", f"{thread}/messages", {"content": "in it"})
    await api("PUT", f"{thread}/thread-members/{world.person('dora').id}")
    for path in (
        thread, f"{thread}/messages", f"{thread}/thread-members?with_member=true", f"{thread}/thread-members/@me",
        f"{channel}/messages/{said.id}", f"/guilds/{world.guild().id}/threads/active",
    ):  # fmt: skip
        await api("GET", path.replace("@me", str(world.bot.id)))
    await api("PATCH", thread, {"archived": True})
    await api("GET", f"{channel}/threads/archived/public")
    await api("GET", f"{channel}/threads/archived/private")
    await api("PUT", f"{thread}/thread-members/@me")


async def places(api: Api, world: World) -> None:
    for name in ("news", "lounge", "gallery", "questions", "no-bots"):
        await api("GET", f"/channels/{world.channel(name).id}")
    gallery = world.channel("gallery")
    body = {"name": "Fox", "message": {"content": "x"}, "applied_tags": [str(gallery.tags[0].id)]}
    post = f"/channels/{(await api('POST', f'/channels/{gallery.id}/threads', body)).body['id']}"
    await api("PATCH", post, {"applied_tags": []})
    news = await api("POST", f"/channels/{world.channel('news').id}/messages", {"content": "x"})
    await api("POST", f"/channels/{world.channel('news').id}/messages/{news.body['id']}/threads", {"name": "talk"})
    world.lock(world.channels[int(post.rpartition("/")[2])])
    await api("POST", f"{post}/messages", {"content": "x"})
    world.rename(world.channel("lounge"), "lounge 2")
    world.time_out_bot(1)
    world.time_out_bot(0)


async def interactions(api: Api, world: World) -> None:
    base = f"/applications/{world.bot.id}/commands"
    option = {"type": 3, "name": "prompt", "description": "What", "choices": [{"name": "Fox", "value": "fox"}]}
    body = {"name": "draw", "description": "Draw", "options": [option], "name_localizations": {"zh-CN": "画图"}}
    made = await api("POST", base, body)
    await api("PUT", base, [body, {"name": "Draw this", "type": 3}])
    await api("GET", base + "?with_localizations=true")
    await api("GET", base)
    await api("PATCH", f"{base}/{made.body['id']}", {"description": "Draw it"})
    guild = f"/applications/{world.bot.id}/guilds/{world.guild().id}/commands"
    await api("POST", guild, {"name": "here", "description": "x"})
    await api("GET", guild)
    entries = {"permissions": [{"id": str(world.guild().id), "type": 1, "permission": True}]}
    await api("PUT", f"{guild}/{made.body['id']}/permissions", entries)
    await api("GET", f"{guild}/{made.body['id']}/permissions")
    await api("GET", f"{guild}/permissions")
    bob, general = world.person("bob"), world.channel("general")
    callback = ""
    for kind, data in ((4, {"content": "x"}), (5, {"flags": 64})):
        used = await world.slash(bob, general, "draw", {"prompt": "fox"})
        callback = f"/interactions/{used.id}/{used.token}/callback?with_response=true"
        await api("POST", callback, {"type": kind, "data": data})
        hook = f"/webhooks/{world.bot.id}/{used.token}"
        await api("PATCH", f"{hook}/messages/@original", {"content": "y"})
        await api("POST", hook, {"content": "more"})
        await api("GET", f"{hook}/messages/@original")
        await api("DELETE", f"{hook}/messages/@original")
    await api("POST", callback, {"type": 4, "data": {"content": "x"}})


async def test_every_answer_is_as_the_document_says(api: Api, world: World, document: Document) -> None:
    await tour(api, world)
    faults = [fault for method, url, answer in api.answers for fault in document.answered(method, url, answer)]
    assert not faults, "\n".join(faults)
    statuses = {answer.status for _, _, answer in api.answers}
    assert statuses >= {200, 201, 204, 400, 404}
    assert len(api.answers) > 60


async def test_what_is_dispatched_is_as_the_document_says(
    api: Api, world: World, document: Document, events: list[Event]
) -> None:
    await tour(api, world)
    schemas = {
        "MESSAGE_CREATE": "MessageResponse",
        "MESSAGE_UPDATE": "MessageResponse",
        "THREAD_CREATE": "ThreadResponse",
        "THREAD_UPDATE": "ThreadResponse",
        "GUILD_MEMBER_UPDATE": "GuildMemberResponse",
        "CHANNEL_UPDATE": "GuildChannelResponse",
    }
    faults = []
    for event in events:
        if event.t in schemas:
            faults += [f"{event.t}: {one}" for one in document.named(schemas[event.t], event.d)]
    for guild in world.guilds.values():
        created = render_guild_create(world, guild, world.bot.id)
        faults += document.named("GuildWithCountsResponse", created)
        for channel in created["channels"]:
            faults += document.named("GuildChannelResponse", channel)
        for member in created["members"]:
            faults += document.named("GuildMemberResponse", member)
    assert not faults, "\n".join(faults)
    assert {event.t for event in events} >= set(schemas)


async def test_the_check_itself_finds_faults(document: Document) -> None:
    assert document.named("UserResponse", {"id": "x"})
    assert document.answered("GET", "/api/v10/users/@me", Answer(status=200, body={}, headers={}))
