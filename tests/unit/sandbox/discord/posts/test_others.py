"""What no person posts: webhooks, proxies, other apps; and updates of messages that are no edits."""

from __future__ import annotations

from typing import Any

from sandbox.discord.people.others import link_embed
from sandbox.discord.protocol.permissions import Permission
from sandbox.discord.state.events import Event
from sandbox.discord.state.places import Overwrite
from sandbox.discord.world import World
from tests.unit.sandbox.discord.conftest import Api, FakeClock
from tests.unit.sandbox.discord.posts.test_people import dispatched
from tests.unit.sandbox.discord.rest.test_messages import PNG


async def test_a_webhooks_message_has_its_ids_and_no_member(world: World, events: list[Event]) -> None:
    hook = await world.webhook(world.channel("general"), "CI")
    await world.webhook_says(hook, "built", username="Builds", embeds=[{"title": "green", "fields": []}])
    (sent,) = dispatched(events, "MESSAGE_CREATE")
    author: Any = sent["author"]
    assert (sent["webhook_id"], author["id"]) == (str(hook.id), str(hook.id))
    assert (author["username"], author["bot"], author["discriminator"]) == ("Builds", True, "0000")
    assert "member" not in sent
    assert "application_id" not in sent
    assert await world.webhook(world.channel("general"), "CI") is hook


async def test_a_webhook_is_executed_by_its_token(api: Api, world: World) -> None:
    general, bob = world.channel("general"), world.person("bob")
    hook = await world.webhook(general)
    path = f"/webhooks/{hook.id}/{hook.token}"
    assert (await api("POST", path, {"content": "x"}, token=None)).status == 204
    sent = await api("POST", f"{path}?wait=true", {"content": "y", "username": "Y"}, token=None)
    assert (sent.status, sent.body["author"]["username"]) == (200, "Y")
    message = f"{path}/messages/{sent.body['id']}"
    assert (await api("PATCH", message, {"content": "z"}, token=None)).body["content"] == "z"
    assert (await api("GET", message, token=None)).body["edited_timestamp"] is not None
    assert (await api("DELETE", message, token=None)).status == 204
    assert (await api("GET", message, token=None)).body["code"] == 10008
    assert (await api("POST", f"/webhooks/{hook.id}/wrong", {"content": "x"}, token=None)).body["code"] == 50027
    thread = await world.start_thread(bob, general, "talk")
    in_thread = await api("POST", f"{path}?wait=true&thread_id={thread.id}", {"content": "t"}, token=None)
    assert in_thread.body["channel_id"] == str(thread.id)
    assert thread.thread is not None
    assert hook.id not in thread.thread.members
    other = await world.start_thread(bob, world.channel("art"), "elsewhere")
    assert (await api("POST", f"{path}?thread_id={other.id}", {"content": "t"}, token=None)).body["code"] == 10003


async def test_a_bot_makes_and_lists_webhooks_where_it_may(api: Api, world: World) -> None:
    general = world.channel("general")
    path = f"/channels/{general.id}/webhooks"
    assert (await api("POST", path, {"name": "Mine"})).body["code"] == 50013
    general.overwrites[world.bot.id] = Overwrite(id=world.bot.id, type=1, allow=Permission.MANAGE_WEBHOOKS)
    made = await api("POST", path, {"name": "Mine"})
    assert (made.body["name"], made.body["application_id"]) == ("Mine", str(world.bot.id))
    assert [one["id"] for one in (await api("GET", path)).body] == [made.body["id"]]


async def test_a_proxy_replaces_a_message_in_either_order(world: World, events: list[Event]) -> None:
    alice, general = world.person("alice"), world.channel("general")
    first = await world.say(world.person("bob"), general, "hello")
    for delete_first, order in ((True, ["DELETE", "CREATE"]), (False, ["CREATE", "DELETE"])):
        said = await world.say(alice, general, f"{world.bot.mention} hi", reply_to=first, files=[("a.png", PNG)])
        events.clear()
        copy = await world.proxy(said, "Luna", delete_first=delete_first)
        told = [one.t.removeprefix("MESSAGE_") for one in events if one.t.startswith("MESSAGE_")]
        assert told == order
        (sent,) = dispatched(events, "MESSAGE_CREATE")
        assert (sent["content"], copy.author.username) == (said.content, "Luna")
        assert sent["application_id"] == str(world.proxy_application().id)
        assert [one["id"] for one in sent["mentions"]] == [str(world.bot.id)]
        assert sent["attachments"][0]["filename"] == "a.png"
        assert f"/{general.id}/{first.id})** hello" in copy.embeds[0]["description"]
        assert "message_reference" not in sent


async def test_a_proxy_posts_into_the_thread_of_the_message(world: World) -> None:
    alice = world.person("alice")
    thread = await world.start_thread(alice, world.channel("general"), "talk")
    copy = await world.proxy(await world.say(alice, thread, "hi"))
    assert copy.channel_id == thread.id


async def test_another_app_posts_components_v2_with_no_content(world: World, events: list[Event]) -> None:
    app = world.add_application("Other")
    parts = [{"type": 17, "components": [{"type": 10, "content": "# Title"}, {"type": 14}]}]
    await world.app_says(app, world.channel("general"), components=parts)
    sent = dispatched(events, "MESSAGE_CREATE")[0]
    assert (sent["content"], sent["flags"], sent["embeds"]) == ("", 1 << 15, [])
    assert sent["components"][0]["components"][0]["content"] == "# Title"


async def test_a_link_resolves_moments_later_and_is_no_edit(world: World, events: list[Event]) -> None:
    alice, general = world.person("alice"), world.channel("general")
    said = await world.say(alice, general, "https://example.com/a")
    await world.unfurl(said, link_embed("https://example.com/a", "A page", kind="article"))
    (update,) = dispatched(events, "MESSAGE_UPDATE")
    assert (update["edited_timestamp"], update["embeds"][0]["type"]) == (None, "article")
    await world.unfurl(said, link_embed("https://example.com/b.png", "", kind="image"), partial=True)
    partial = dispatched(events, "MESSAGE_UPDATE")[1]
    assert set(partial) == {"id", "channel_id", "guild_id", "embeds"}
    await world.hide_embeds(alice, said)
    assert dispatched(events, "MESSAGE_UPDATE")[2]["embeds"] == []
    await world.hide_embeds(alice, said, hidden=False)
    assert len(dispatched(events, "MESSAGE_UPDATE")[3]["embeds"]) == 2


async def test_updates_that_are_no_edits_keep_the_time_of_the_last_edit(
    world: World, events: list[Event], clock: FakeClock
) -> None:
    alice, bob, general = world.person("alice"), world.person("bob"), world.channel("general")
    said = await world.say(alice, general, f"hello {bob.mention}")
    await world.edit(alice, said, f"hello, {bob.mention}")
    clock.now += 60
    await world.set_nick(bob, "Bobby")
    await world.pin(alice, said)
    await world.start_thread(alice, said, "talk")
    await world.tell_again(said)
    edited, *others = dispatched(events, "MESSAGE_UPDATE")
    assert len(others) == 3
    assert {one["edited_timestamp"] for one in others} == {edited["edited_timestamp"]}
    assert others[0]["mentions"][0]["member"]["nick"] == "Bobby"


async def test_a_message_may_come_without_its_member(world: World, events: list[Event]) -> None:
    alice, general = world.person("alice"), world.channel("general")
    world.send_no_member(alice)
    await world.say(alice, general, "x")
    world.send_no_member(alice, missing=False)
    await world.say(alice, general, "x")
    assert ["member" in one for one in dispatched(events, "MESSAGE_CREATE")] == [False, True]


async def test_a_crosspost_is_marked_on_both_sides(world: World, events: list[Event]) -> None:
    said = await world.say(world.person("alice"), world.channel("general"), "news")
    copy = await world.crosspost(said, world.channel("art"))
    assert (int(said.flags), int(copy.flags)) == (1 << 0, 1 << 1)
    sent = dispatched(events, "MESSAGE_CREATE")[1]
    assert sent["message_reference"]["message_id"] == str(said.id)
    assert sent["webhook_id"]
