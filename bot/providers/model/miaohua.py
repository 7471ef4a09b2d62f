"""The Miaohua token, and what becomes of questions if the operator has not set it."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import ErrorKind, ProviderError
from bot.providers.wire.keys import read_key

_NAMED: Final = re.compile(r"mh_?key|miao ?hua|秒画", re.IGNORECASE)
_UNCLEAR: Final = frozenset({ErrorKind.INVALID_REQUEST, ErrorKind.PERMISSION})
_REFUSED: Final = frozenset({*_UNCLEAR, ErrorKind.AUTHENTICATION, ErrorKind.REFUSED_PARAMETER})


class Miaohua:
    """The token. Without one nothing is drawn, and questions are asked as long as the endpoint takes them so."""

    def __init__(self, token: str) -> None:
        self._token = read_key(token)
        self._proven = False
        self._refusal: ProviderError | None = None

    def __bool__(self) -> bool:
        return bool(self._token)

    def reveal(self) -> str:
        """Return the token, to be sent."""
        return self._token.reveal()

    def accepted(self) -> None:
        """Note that the endpoint answered: if it did so without the token, it needs none for words."""
        self._proven = True

    def understood(self, error: ProviderError) -> ProviderError:
        """Return an error as what it is: a refusal that names the token, or nothing, is for want of it."""
        if self._token or error.kind not in _REFUSED:
            return error
        unclear = error.kind in _UNCLEAR and not self._proven and error.status in (None, 400, 401, 403)
        if not unclear and not _NAMED.search(error.detail):
            return error
        self._refusal = ProviderError(ErrorKind.NOT_SET_UP, error.detail, status=error.status)
        return self._refusal

    def denied(self, *, draws: bool) -> ProviderError | None:
        """Say why a request need not be sent: it draws, or the endpoint has refused one without the token before."""
        if self._token:
            return None
        if self._refusal is not None:
            return ProviderError(ErrorKind.NOT_SET_UP, "the endpoint has refused questions without the Miaohua token")
        return ProviderError(ErrorKind.NOT_SET_UP, "no Miaohua token", drawing=True) if draws else None
