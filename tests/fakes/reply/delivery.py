"""A delivery in memory: what people see, and Discord's refusals as a test wants them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.reply.controls import Controls
from bot.presentation.outbound.faults import DeliveryError, DeliveryFault
from bot.presentation.outbound.upload import Upload

FIRST_ID = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived: ``action`` is ``send``, ``edit``, ``delete`` or ``typing``."""

    at: float
    action: str
    message_id: int
    content: str = ""
    files: tuple[Upload, ...] | None = None
    controls: Controls | None = None


class FakeDelivery:
    """Fulfils ``Delivery``. Refuses with ``faults`` in turn, and holds every request while ``open`` is not set."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: deque[DeliveryFault | Exception | None] = deque()
        """What becomes of the next sends, edits and deletes; None lets one pass, and so does an empty queue."""
        self.always: DeliveryFault | None = None
        self.refuses: Callable[[Request], DeliveryFault | None] = lambda _: None
        """Why a request is refused that no other fault is for."""
        self.open = asyncio.Event()
        self.open.set()
        self.typing_open = asyncio.Event()
        self.typing_open.set()
        self.told: list[str] = []
        """What was said in another way than by messages."""
        self.can_tell = True
        self.contents: dict[int, str] = {}
        self.files: dict[int, tuple[Upload, ...]] = {}
        self.controls: dict[int, Controls | None] = {}

    @property
    def shown(self) -> list[str]:
        """The texts that stand, first page first."""
        return list(self.contents.values())

    def of(self, action: str) -> list[Request]:
        """The requests of one kind, refused ones too."""
        return [request for request in self.requests if request.action == action]

    async def send(
        self, index: int, content: str, files: Sequence[Upload] = (), *, controls: Controls | None = None
    ) -> int:
        message_id = FIRST_ID + index
        await self._take("send", message_id, content, tuple(files), controls)
        self._stand(message_id, content, tuple(files), controls)
        return message_id

    async def edit(
        self, message_id: int, content: str, files: Sequence[Upload] | None = None, *, controls: Controls | None = None
    ) -> None:
        uploads = None if files is None else tuple(files)
        await self._take("edit", message_id, content, uploads, controls)
        self._stand(message_id, content, uploads, controls)

    async def delete(self, message_id: int) -> None:
        await self._take("delete", message_id, "", None, None)
        for kept in (self.contents, self.files, self.controls):
            kept.pop(message_id, None)

    async def show_typing(self) -> None:
        self._note("typing", 0, "", None, None)
        await self.typing_open.wait()

    async def tell(self, words: str) -> bool:
        self.told.append(words)
        return self.can_tell

    def _stand(
        self, message_id: int, content: str, files: tuple[Upload, ...] | None, controls: Controls | None
    ) -> None:
        self.contents[message_id] = content
        self.controls[message_id] = controls
        if files is not None:
            self.files[message_id] = files

    def _note(
        self,
        action: str,
        message_id: int,
        content: str,
        files: tuple[Upload, ...] | None,
        controls: Controls | None,
    ) -> Request:
        at = asyncio.get_running_loop().time()
        self.requests.append(
            Request(at=at, action=action, message_id=message_id, content=content, files=files, controls=controls)
        )
        return self.requests[-1]

    async def _take(
        self,
        action: str,
        message_id: int,
        content: str,
        files: tuple[Upload, ...] | None,
        controls: Controls | None,
    ) -> None:
        request = self._note(action, message_id, content, files, controls)
        await self.open.wait()
        fault = self.faults.popleft() if self.faults else self.always or self.refuses(request)
        if isinstance(fault, DeliveryFault):
            raise DeliveryError(fault, "as the test wants it")
        if fault is not None:
            raise fault
