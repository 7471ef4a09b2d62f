"""The watch over all logs of the suite bites."""

from __future__ import annotations

import logging

import pytest

from tests.log_watch import LogWatch, watched
from tests.unit.providers.servers import KEY, MIAOHUA

SECRET = frozenset({"sk-of-this-test"})


def write_debug(secret: str) -> None:
    logging.getLogger("bot.providers.model.stream").debug("asked with %s", secret)


def write_traceback(secret: str) -> None:
    try:
        raise ValueError(f"bad key {secret}")
    except ValueError as cause:
        try:
            raise RuntimeError("failed") from cause
        except RuntimeError:
            logging.getLogger("aiohttp.client").exception("failed")


@pytest.mark.parametrize("write", [write_debug, write_traceback])
def test_a_key_in_a_log_is_found_and_not_repeated(write: object) -> None:
    assert callable(write)
    with pytest.raises(AssertionError, match=r"test_log_watch\.py") as caught, watched(SECRET):
        write("sk-of-this-test")
    assert "sk-of-this-test" not in str(caught.value)


def test_other_logs_pass() -> None:
    with watched(SECRET) as watch:
        write_debug("[secret]")
    assert watch.found == []


def test_levels_and_handlers_are_put_back() -> None:
    logger = logging.getLogger("sandbox")
    before = (logger.level, list(logging.getLogger().handlers))
    with watched(SECRET):
        pass
    assert (logger.level, list(logging.getLogger().handlers)) == before


def test_every_test_is_watched_for_the_keys_in_use(no_key_in_any_log: LogWatch) -> None:
    """This test asks for the fixture only to look at it: it is at work for all of them."""
    assert no_key_in_any_log in logging.getLogger().handlers
    assert {KEY, MIAOHUA, "local-fusion-key", "local-miaohua-token", "local-openai-key"} <= no_key_in_any_log.secrets
    assert logging.getLogger("bot.providers").isEnabledFor(logging.DEBUG)
