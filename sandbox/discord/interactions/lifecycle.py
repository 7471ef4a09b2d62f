"""An interaction from its beginning to its answer or its deadline, as the world keeps and tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.protocol import limits
from sandbox.discord.state.events import Event
from sandbox.discord.state.interaction import NO_ANSWER, Interaction, State

if TYPE_CHECKING:
    from sandbox.discord.state.world import WorldState


def move(world: WorldState, interaction: Interaction, state: State, error: str | None = None) -> None:
    """Change how an interaction stands, and tell the person's client."""
    interaction.state = state
    interaction.error = error
    body: dict[str, Any] = {"id": str(interaction.id), "state": str(state), "channel_id": str(interaction.channel.id)}
    if error is not None:
        body["error"] = error
    if state is State.MODAL:
        body["modal"] = interaction.modal
    world.publish(
        Event(
            t="INTERACTION_UPDATE",
            d=body,
            guild_id=interaction.channel.guild_id,
            channel_id=interaction.channel.id,
            people=frozenset((interaction.user.id,)),
            bots=False,
        )
    )


def keep(world: WorldState, interaction: Interaction) -> None:
    """Remember an interaction; the oldest make room."""
    world.interactions[interaction.id] = interaction
    world.interaction_tokens[interaction.token] = interaction
    while len(world.interactions) > limits.INTERACTIONS_KEPT:
        oldest = world.interactions.pop(next(iter(world.interactions)))
        world.interaction_tokens.pop(oldest.token, None)


def expire(world: WorldState) -> None:
    """Fail the interactions whose deadline has passed: 3 s without an answer, 15 minutes of "thinking"."""
    now = world.clock()
    for interaction in tuple(world.interactions.values()):
        age_s = now - interaction.created_at
        late = interaction.state is State.WAITING and age_s >= limits.INTERACTION_DEADLINE_S
        forgotten = interaction.state is State.THINKING and age_s >= limits.INTERACTION_TOKEN_S
        if late or forgotten:
            move(world, interaction, State.FAILED, NO_ANSWER)
