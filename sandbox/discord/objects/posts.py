"""Discord's JSON of polls, of the message that tells a poll's result, and of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.objects.places import render_user
from sandbox.discord.protocol.snowflake import iso
from sandbox.discord.state.posts import Poll, PollAnswer, Webhook

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def render_poll(poll: Poll, viewer: int | None = None) -> dict[str, Any]:
    """Render a poll; an answer without votes has no count (documentation, "Poll Results Object")."""
    return {
        "question": {"text": poll.question},
        "answers": [{"answer_id": one.id, "poll_media": _media(one)} for one in poll.answers],
        "expiry": None if poll.expires_at is None else iso(poll.expires_at),
        "allow_multiselect": poll.multiselect,
        "layout_type": 1,
        "results": {
            "answer_counts": [
                {"id": one.id, "count": len(one.voters), "me_voted": viewer in one.voters}
                for one in poll.answers
                if one.voters
            ],
            "is_finalized": poll.finalized,
        },
    }


def _media(answer: PollAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"text": answer.text}
    if answer.emoji is not None:
        found["emoji"] = {"id": None, "name": answer.emoji}
    return found


def result_embed(poll: Poll) -> dict[str, Any]:
    """Return the embed of the message that tells a poll's result (documentation, "Poll Result Embed Fields")."""
    winner = poll.winner
    most = max((len(one.voters) for one in poll.answers), default=0)
    told = {"poll_question_text": poll.question, "victor_answer_votes": str(most), "total_votes": str(poll.votes)}
    if winner is not None:
        told |= {"victor_answer_id": str(winner.id), "victor_answer_text": winner.text}
        if winner.emoji is not None:
            told["victor_answer_emoji_name"] = winner.emoji
    fields = [{"name": name, "value": value, "inline": False} for name, value in told.items()]
    return {"type": "poll_result", "fields": fields}


def render_webhook(world: WorldState, webhook: Webhook) -> dict[str, Any]:
    """Render a webhook for those who may manage it, with its token."""
    found: dict[str, Any] = {
        "id": str(webhook.id),
        "type": 1,
        "channel_id": str(webhook.channel_id),
        "guild_id": str(webhook.guild_id),
        "name": webhook.name,
        "avatar": None,
        "application_id": None if webhook.application_id is None else str(webhook.application_id),
        "token": webhook.token,
        "url": f"{world.base_url}/api/v10/webhooks/{webhook.id}/{webhook.token}",
    }
    if webhook.user_id is not None:
        found["user"] = render_user(world.users[webhook.user_id])
    return found
