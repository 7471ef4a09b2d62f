"""Pictures from outside: fetched from URLs that nobody vouches for, checked, stripped, made to fit (section 3)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.domain.clock import Clock
from bot.domain.picture.files import Picture
from bot.domain.picture.ports import Errand
from bot.errors import ErrorKind, ProviderError
from bot.providers.http.transport import Timeouts
from bot.providers.picture.download import NAMED_PATIENCE, OWN_PATIENCE, Downloader, Patience, Reach
from bot.providers.picture.resolver import Lookup, SystemLookup
from bot.providers.picture.slots import NAMED, OWN, Bounds, DownloadSlots, Pace
from bot.providers.picture.spool import Spool, SpoolRoom
from bot.providers.picture.worker import BytesSource
from bot.providers.picture.workshop import PictureChecker

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 32 * 1024 * 1024
_WAITS_S: Final = (1.0, 4.0)
"""Before the second attempt and the third, each shortened at random by up to half."""
_PATIENCE_S: Final = 40.0
"""After so long no other attempt begins: a user waits for the reply, and Discord's token may expire."""
_PASSING: Final = frozenset({ErrorKind.NETWORK, ErrorKind.TIMEOUT_CONNECT})
_SLOW: Final = frozenset({ErrorKind.TIMEOUT_FIRST_BYTE, ErrorKind.TIMEOUT_IDLE})
"""What may pass too; of a picture that a text names it is not tried again."""
_PASSING_STATUSES: Final = frozenset({408, 425, 429, *range(500, 600)})
NAMED_OF_AN_ASKER: Final = 30
"""How many pictures that texts name each asker may have fetched in ``NAMED_WITHIN_S`` seconds."""
NAMED_WITHIN_S: Final = 600.0


class PictureFetcher:
    """Fetches and checks pictures; fulfils ``PictureSource``.

    ``workshop`` looks at them; whoever made it closes it. ``reach`` says which hosts may be asked; of a local endpoint,
    ``Reach.allow`` has the host. ``folder`` is where downloads are put that are larger than what is kept in memory;
    None: the system's for temporary files. ``max_bytes`` is a limit on what is downloaded, whatever the place takes.

    Many arguments: each is a limit or a neighbour that the bot, the doctor and the tests want otherwise.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        workshop: PictureChecker,
        reach: Reach | None = None,
        folder: Path | None = None,
        lookup: Lookup | None = None,
        timeouts: Timeouts | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._rng = random.SystemRandom()
        self._max_bytes = max_bytes
        self._workshop = workshop
        self._room = SpoolRoom(folder)
        self._pace = Pace(clock, most=NAMED_OF_AN_ASKER, within_s=NAMED_WITHIN_S)
        reached = reach or Reach()

        def downloader(bounds: Bounds, patience: Patience) -> Downloader:
            if timeouts is not None:
                patience = replace(patience, timeouts=timeouts)
            # Look-ups of their own too: names in texts may have servers that are silent.
            return Downloader(reached, lookup or SystemLookup(), DownloadSlots(bounds), patience, max_bytes=max_bytes)

        self._downloaders = {False: downloader(OWN, OWN_PATIENCE), True: downloader(NAMED, NAMED_PATIENCE)}
        """By whether a text names the picture."""
        self._under_way: set[asyncio.Timeout] = set()
        self._stopped = False

    async def fetch(self, url: str, *, limit_bytes: int, errand: Errand) -> Picture:
        """Download a picture; see ``PictureSource.fetch``. Faults that may pass are retried, a refusal is not.

        The picture is made and paid for, and asking the model again would pay again. A connection that broke is tried
        once more by aiohttp itself, as it does for every GET.
        """
        async with Spool(self._room) as spool:
            async with self._stoppable():
                if errand.named:
                    self._pace.note(errand.asker_id)
                await self._download(url, spool, errand)
            # Outside of that: a picture that has come is shown if it is looked at soon.
            try:
                return await self._workshop.check(
                    spool, limit_bytes=limit_bytes, guild=errand.guild_id, asker=errand.asker_id
                )
            except OSError as error:
                raise ProviderError(ErrorKind.PICTURE_FETCH, f"no disk: {type(error).__name__}") from error

    async def accept(self, data: bytes, *, limit_bytes: int, errand: Errand) -> Picture:
        """Check bytes that are said to be a picture; see ``PictureSource.accept``."""
        if len(data) > self._max_bytes:
            raise ProviderError(ErrorKind.TOO_LARGE, "the picture is larger than the limit")
        return await self._workshop.check(
            BytesSource(data=data), limit_bytes=limit_bytes, guild=errand.guild_id, asker=errand.asker_id
        )

    def stop(self) -> None:
        """End what is under way, whatever it waits for, with ``cancelled``, and all that begins later. Idempotent.

        Pictures that are being looked at have a moment left.
        """
        self._stopped = True
        self._workshop.leave()
        now = asyncio.get_running_loop().time()
        for scope in self._under_way:
            if not scope.expired():
                scope.reschedule(now)

    async def close(self) -> None:
        """End as ``stop`` does. Idempotent."""
        self.stop()

    @asynccontextmanager
    async def _stoppable(self) -> AsyncIterator[None]:
        """Let ``stop`` end what is inside."""
        if self._stopped:
            raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping")
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._under_way.add(scope)
                try:
                    yield
                finally:
                    self._under_way.discard(scope)
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise ProviderError(ErrorKind.CANCELLED, "the bot is stopping") from error

    async def _download(self, url: str, spool: Spool, errand: Errand) -> None:
        started = self._clock.monotonic()
        for wait_s in _WAITS_S:
            try:
                return await self._attempt(url, spool, errand)
            except ProviderError as error:
                passing = error.kind in _PASSING or error.status in _PASSING_STATUSES
                passing = passing or (error.kind in _SLOW and not errand.named)
                if not passing or self._clock.monotonic() - started > _PATIENCE_S:
                    raise
                logger.info("a picture's download failed, it is tried again: %s", error)
            await self._clock.sleep(wait_s * (1 - self._rng.random() / 2))
        return await self._attempt(url, spool, errand)

    async def _attempt(self, url: str, spool: Spool, errand: Errand) -> None:
        spool.clear()
        try:
            await self._downloaders[errand.named].download(url, spool, errand)
        except OSError as error:
            raise ProviderError(ErrorKind.PICTURE_FETCH, f"no disk: {type(error).__name__}") from error
        except ProviderError as error:
            if error.kind not in (ErrorKind.PICTURE_HOST, ErrorKind.PICTURE_NAMED):
                raise
            if not errand.named:
                logger.warning("a picture is not fetched: %s; IMAGE_FETCH_ALLOW names exceptions", error.detail)
                raise
            logger.warning("a picture that a text names is not fetched: %s; see IMAGE_FETCH_IN_TEXT", error.detail)
            raise ProviderError(ErrorKind.PICTURE_NAMED, error.detail) from error
