"""What happens in a channel that no person does: webhooks, proxies, other apps, and updates that are no edits."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Final

from sandbox.discord.acts import posts
from sandbox.discord.acts.channels import publish_member
from sandbox.discord.acts.edits import delete_messages
from sandbox.discord.acts.messages import create_message
from sandbox.discord.bodies.message import Draft, parse_draft
from sandbox.discord.people.posts import PeoplePosts
from sandbox.discord.people.talk import File, uploads_of
from sandbox.discord.state.posts import Webhook
from sandbox.discord.state.records import Application, Channel, Guild, Message, MessageFlag, User

PROXY: Final = "Proxy"
"""The application that proxies people's messages, as PluralKit does: its webhook has this name."""
_QUOTED_CHARS: Final = 100
_JUMP: Final = "https://discord.com/channels"


class Others(PeoplePosts):
    """Acts of webhooks and other applications."""

    # Webhooks

    async def webhook(self, channel: Channel, name: str = "CI", *, application: Application | None = None) -> Webhook:
        """Return the webhook of that name in a channel, made where there is none."""
        found = (one for one in self.webhooks.values() if one.channel_id == channel.id and one.name == name)
        owner = None if application is None else application.id
        return next(found, None) or posts.create_webhook(self, channel, name, application_id=owner)

    async def webhook_says(
        self,
        webhook: Webhook,
        content: str = "",
        *,
        username: str | None = None,
        embeds: Sequence[dict[str, Any]] = (),
        components: Sequence[dict[str, Any]] = (),
        files: Sequence[File] = (),
        thread: Channel | None = None,
    ) -> Message:
        """Post as a webhook, under its own name or another. Raises what Discord would answer.

        Many arguments: each is one field of the request to a webhook.
        """
        draft = _draft(content, embeds, components, files)
        return posts.execute_webhook(self, webhook, draft, username=username, thread=thread)

    # Proxies

    def proxy_application(self) -> Application:
        """Return the application whose webhooks proxy people's messages; made, in no guild, where there is none."""
        found = next((one for one in self.applications.values() if one.name == PROXY), None)
        if found is None:
            bot = User(id=self.ids.next(), username=PROXY, bot=True)
            found = Application(
                id=bot.id, bot=bot, name=PROXY, token=f"proxy.{bot.id}", owner_id=self.person("alice").id
            )  # fmt: skip
            self.users[bot.id] = bot
            self.register(found)
        return found

    async def proxy(
        self, message: Message, name: str = "Luna", *, delete_first: bool = True, delay_s: float = 0.0
    ) -> Message:
        """Replace a person's message as a proxy does: the same text by a webhook, and the original deleted.

        `delete_first` says which comes first, `delay_s` (real seconds) how long after it the other. A reply's target is
        told in an embed, since webhooks can't reply. Returns the webhook's message.
        """
        channel = self.channel_by_id(message.channel_id)
        parent = channel if channel.thread is None else self.channel_by_id(channel.parent_id or 0)
        hook = await self.webhook(parent, PROXY, application=self.proxy_application())
        draft = _draft(message.content, self._reply_embed(message), (), self._files_of(message))
        if delete_first:
            delete_messages(self, channel, [message])
            await asyncio.sleep(delay_s)
        thread = None if channel is parent else channel
        copy = posts.execute_webhook(self, hook, draft, username=name, thread=thread)
        if not delete_first:
            await asyncio.sleep(delay_s)
            delete_messages(self, channel, [message])
        return copy

    def _reply_embed(self, message: Message) -> list[dict[str, Any]]:
        reference = message.reference
        if reference is None or reference.message_id is None:
            return []
        source = self.channel_by_id(reference.channel_id)
        answered = source.messages.get(reference.message_id)
        if answered is None:
            return []
        link = f"{_JUMP}/{source.guild_id or '@me'}/{source.id}/{answered.id}"
        words = answered.content[:_QUOTED_CHARS] or "(click to see attachment)"
        author = {"name": f"{answered.author.display_name} \u21a9\ufe0f"}
        return [{"author": author, "description": f"**[Reply to:]({link})** {words}"}]

    def _files_of(self, message: Message) -> list[File]:
        stored = [(one.filename, self.cdn.get(one.id)) for one in message.attachments]
        return [(name, file.data) for name, file in stored if file is not None]

    # Other applications

    async def app_says(
        self,
        application: Application,
        channel: Channel,
        content: str = "",
        *,
        embeds: Sequence[dict[str, Any]] = (),
        components: Sequence[dict[str, Any]] = (),
        files: Sequence[File] = (),
        reply_to: Message | None = None,
    ) -> Message:
        """Post as another application's bot, whatever it may: text, embeds, or Components V2. Raises 50035.

        Many arguments: each is one field of a message.
        """
        draft = _draft(content, embeds, components, files, reply_to=reply_to)
        return create_message(self, application.bot, channel, draft)

    # Updates that are no edits

    async def unfurl(self, message: Message, *embeds: dict[str, Any], partial: bool = False) -> None:
        """Have a message's links resolved: their embeds come with a MESSAGE_UPDATE, not as an edit.

        `partial`: the event has ids and embeds alone.
        """
        posts.unfurl(self, message, embeds, partial=partial)

    async def tell_again(self, message: Message, *, only: Collection[str] | None = None) -> None:
        """Send a MESSAGE_UPDATE though nothing was edited; `only` names the fields beside the ids."""
        posts.tell_again(self, message, only=only)

    async def set_nick(self, person: User, nick: str | None, guild: Guild | None = None) -> None:
        """Give a member another nickname: later events and answers name them so; by default in the first guild."""
        guild = guild or self.guild()
        member = guild.members[person.id]
        member.nick = nick
        publish_member(self, guild, member)

    async def crosspost(self, message: Message, follower: Channel) -> Message:
        """Publish a message to a channel that follows its own; returns the copy there."""
        return posts.crosspost(self, message, follower)

    def send_no_member(self, person: User, *, missing: bool = True) -> None:
        """Have events of a person's messages come without `member`, as Discord may send them."""
        (self.without_member.add if missing else self.without_member.discard)(person.id)


def link_embed(url: str, title: str, description: str = "", *, kind: str = "link") -> dict[str, Any]:
    """Return the embed of a link as Discord resolves it; `kind` is link, article, image or video."""
    found: dict[str, Any] = {"type": kind, "url": url}
    if kind == "image":
        return found | {"thumbnail": {"url": url, "proxy_url": url, "width": 640, "height": 360, "flags": 0}}
    found |= {"title": title, "provider": {"name": "Example", "url": "https://example.com"}}
    if description:
        found["description"] = description
    if kind == "video":
        found["video"] = {"url": url, "width": 1280, "height": 720, "flags": 0}
    return found


def _draft(
    content: str,
    embeds: Sequence[dict[str, Any]],
    components: Sequence[dict[str, Any]],
    files: Sequence[File],
    *,
    reply_to: Message | None = None,
) -> Draft:
    """Return the checked draft of a message; components beyond rows of buttons make it Components V2."""
    body: dict[str, Any] = {"content": content, "embeds": list(embeds), "components": list(components)}
    if any(one.get("type") != 1 for one in components):
        body["flags"] = int(MessageFlag.COMPONENTS_V2)
    if reply_to is not None:
        body["message_reference"] = {"message_id": str(reply_to.id)}
    return parse_draft(body, uploads_of(files))
