"""discord.py is imported here first; time is virtual in the tests of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.fakes.clock import VirtualTimeLoop
from tests.fakes.library import import_discord

import_discord()


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.path.name == "test_connection.py":
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
