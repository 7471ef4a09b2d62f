"""Whatever a client sends, the gateway either takes it or closes with one of its codes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.discord.acts.setup import populate
from sandbox.discord.gateway.connection import GatewayClose, check_presence, decode_payload
from sandbox.discord.gateway.identify import parse_identify, parse_resume
from sandbox.discord.gateway.members import member_chunks
from sandbox.discord.gateway.session import Session, Shard
from sandbox.discord.state.world import WorldState
from sandbox.discord.traffic.catalogue import parse_faults
from sandbox.discord.traffic.faults import Fault

WORLD = WorldState()
populate(WORLD)
SESSION = Session(id="s", bot_id=WORLD.bot.id, token="t", intents=1 << 1, shard=Shard())

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "1", "online"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def objects(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of the keys, with any value."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, JSON))


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=50) | st.text(max_size=50) | JSON.map(json.dumps))
def test_frames(raw: str | bytes) -> None:
    with suppress(GatewayClose):
        assert type(decode_payload(raw)["op"]) is int


@settings(deadline=None, max_examples=60)
@given(objects("intents", "large_threshold", "shard", "presence"))
def test_identify(data: dict[str, Any]) -> None:
    with suppress(GatewayClose):
        parse_identify({"properties": {}, **data}, WORLD.application, guilds=2)


@settings(deadline=None, max_examples=60)
@given(objects("status", "activities", "since", "afk"))
def test_presence(data: dict[str, Any]) -> None:
    with suppress(GatewayClose):
        check_presence(data)


@settings(deadline=None, max_examples=60)
@given(objects("session_id", "seq"))
def test_resume(data: dict[str, Any]) -> None:
    with suppress(GatewayClose):
        session_id, sequence = parse_resume(data)
        assert session_id == data["session_id"]
        assert sequence == data["seq"]


@settings(deadline=None, max_examples=60)
@given(objects("query", "limit", "user_ids", "presences", "nonce"), st.just(str(WORLD.guild().id)) | JSON)
def test_request_for_members(data: dict[str, Any], guild: object) -> None:
    with suppress(GatewayClose):
        for chunk in member_chunks(WORLD, SESSION, {"guild_id": guild, **data}):
            json.dumps(chunk)


@settings(deadline=None, max_examples=60)
@given(objects("method", "path", "status", "reset", "delay_s", "after", "times", "json", "other"))
def test_faults(data: dict[str, Any]) -> None:
    with suppress(ValueError):
        (fault,) = parse_faults({"faults": [data]})
        assert isinstance(fault, Fault)
