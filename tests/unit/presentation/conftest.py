"""Time is virtual here, unless a test uses sockets (``on_discord``, attachments) or threads (charts)."""

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
    if item.path.parent.name == "on_discord" or item.path.stem in ("test_attachments", "test_charts"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
