"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.log_watch import LogWatch, watched

# How long an example takes says how busy the machine is.
settings.register_profile("any machine", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


class Shares(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests run in their order in one worker, and all those of the page as well: they share a browser."""

    def _split_scope(self, nodeid: str) -> str:
        one_browser = nodeid.startswith(("tests/browser/page/", "tests/browser/test_panel"))
        return "page" if one_browser else nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Share the tests out as above where they are shared out by file."""
    return Shares(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def keys() -> frozenset[str]:
    """Every key and token that the tests hand to the bot or to the sandbox."""
    # Imported here: a test that is run alone and needs neither is not to wait for both.
    from sandbox.discord import LocalDiscord
    from sandbox.endpoint import LocalEndpoint
    from tests.integration.llama.conftest import KEY as LLAMA_KEY
    from tests.unit.providers.servers import KEY, MIAOHUA

    discord, endpoint = LocalDiscord(port=0), LocalEndpoint(port=0)
    local = (discord.token, endpoint.fusion_key, endpoint.miaohua_token, endpoint.openai_key)
    return frozenset((*local, KEY, MIAOHUA, LLAMA_KEY))


@pytest.fixture(autouse=True)
def no_key_in_any_log(keys: frozenset[str]) -> Iterator[LogWatch]:
    """Fail each test in which one of the keys was logged, by whomever and at whatever level."""
    with watched(keys) as watch:
        yield watch
