"""Reads the URLs of pictures, which are not to be trusted."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from yarl import URL

from bot.errors import ErrorKind, ProviderError

MAX_URL_CHARS: Final = 8192
_AUTHORITY: Final = re.compile(r"(?P<scheme>(?:[a-z][a-z0-9+.\-]*:)?)//(?P<host>[^/?#]*)", re.IGNORECASE | re.ASCII)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def parse_url(url: str, *, base: URL | None = None) -> URL:
    """Read a picture's URL, or where a redirect leads; its query stays byte for byte, since it may be signed.

    Raises ``ProviderError`` of kind ``picture_fetch``: not http(s), user-info, no host, too long, malformed.
    """
    url = url.strip()
    try:
        parsed = URL(_in_ascii(url), encoded=True)
        user_info = "@" in urlsplit(url).netloc
        if base is not None and (parsed.host or not parsed.scheme):
            parsed = base.join(parsed)
        fit = (
            len(url) <= MAX_URL_CHARS
            and parsed.scheme in ("http", "https")
            and bool(parsed.host)
            and parsed.port is not None
            and not any(char.isspace() or ord(char) < 32 for char in url)
        )
    except (ValueError, UnicodeError):
        raise ProviderError(ErrorKind.PICTURE_FETCH, "a malformed URL") from None
    if user_info:
        raise ProviderError(ErrorKind.PICTURE_FETCH, "a URL with user-info")
    if not fit:
        raise ProviderError(ErrorKind.PICTURE_FETCH, "not an http(s) URL")
    return parsed


def _in_ascii(url: str) -> str:
    """Encode what is not ASCII as browsers do; all else is kept byte for byte. ``ValueError`` for a malformed host."""
    if url.isascii():
        return url
    if (found := _AUTHORITY.match(url)) is not None and not found["host"].isascii():
        url = f"{found['scheme']}//{URL('http://' + found['host']).raw_authority}{url[found.end() :]}"
    return _NOT_ASCII.sub(lambda found: quote(found.group()), url)


def is_literal(host: str) -> bool:
    """Whether a host is an address in some notation, which never reaches the resolver."""
    return ":" in host or host.rsplit(".", 1)[-1].isdigit() or host.rsplit(".", 1)[-1].lower().startswith("0x")
