"""Pictures that were posted: downloaded from Discord's own host alone, within bounds."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.presentation.attachments import MOST_BYTES, MOST_PICTURES, DiscordAttachments
from tests.unit.presentation.discord_objects import Offline, forwarded, payload

CDN = "https://cdn.discordapp.com/attachments/1/2/fox.png?ex=1"


def attached(url: str = CDN, *, filename: str = "fox.png", size: int = 100) -> dict[str, Any]:
    return {"id": "1", "filename": filename, "size": size, "url": url, "proxy_url": url}


class Downloads:
    """Stands in for the library's download: keeps what was asked for."""

    def __init__(self, offline: Offline, monkeypatch: pytest.MonkeyPatch) -> None:
        self.urls: list[str] = []
        self.failing: Exception | None = None
        self.read: list[bytes] = []
        self.offline = offline
        monkeypatch.setattr(offline.client.http, "get_from_cdn", self.get)

    async def get(self, url: str) -> bytes:
        self.urls.append(url)
        if self.failing is not None:
            raise self.failing
        return b"bytes"

    async def pictures(self, *attachments: dict[str, Any], found: str | None = None) -> tuple[bytes, ...]:
        """Look through attachments, of which each holds what is ``found``; return what was read of them."""
        message = self.offline.message(payload(50, "", attachments=list(attachments)))
        self.read.clear()

        def read(data: bytes) -> str | None:
            self.read.append(data)
            return found

        assert await DiscordAttachments(lambda: self.offline.client).find(message, read) == found
        return tuple(self.read)


@pytest.fixture
async def downloads(monkeypatch: pytest.MonkeyPatch) -> Downloads:
    return Downloads(Offline(), monkeypatch)


async def test_pictures_are_downloaded_few_of_them(downloads: Downloads) -> None:
    assert await downloads.pictures(attached()) == (b"bytes",)
    assert len(await downloads.pictures(*[attached()] * 10)) == MOST_PICTURES
    assert downloads.urls == [CDN] * (1 + MOST_PICTURES)
    assert await downloads.pictures(*[attached()] * 10, found="a recipe") == (b"bytes",)


async def test_a_picture_behind_other_files_is_found(downloads: Downloads) -> None:
    other = attached("https://cdn.discordapp.com/a.txt", filename="a.txt")
    assert await downloads.pictures(*[other] * MOST_PICTURES, attached()) == (b"bytes",)


async def test_a_picture_is_known_by_its_type_too(downloads: Downloads) -> None:
    assert await downloads.pictures({**attached(filename="fox"), "content_type": "image/png"}) == (b"bytes",)


async def test_a_picture_that_was_forwarded_is_found(downloads: Downloads) -> None:
    message = downloads.offline.message(payload(50, "", message_snapshots=[forwarded("", attachments=[attached()])]))
    found = await DiscordAttachments(lambda: downloads.offline.client).find(message, lambda data: data)
    assert found == b"bytes"


@pytest.mark.parametrize(
    "attachment",
    [attached(filename="fox.jpg"), attached(filename="fox.png.zip"), attached(size=MOST_BYTES + 1)]
    + [
        attached(url)
        for url in (
            "http://cdn.discordapp.com/fox.png",
            "https://evil.example/fox.png",
            "https://cdn.discordapp.com.evil.example/fox.png",
            "https://cdn.discordapp.com@evil.example/fox.png",
            "file:///etc/passwd.png",
            "http://[",
            "",
        )
    ],
)
async def test_what_is_no_picture_too_large_or_elsewhere_is_left_alone(
    downloads: Downloads, attachment: dict[str, Any]
) -> None:
    assert await downloads.pictures(attachment) == ()
    assert downloads.urls == []


async def test_where_a_server_stands_in_for_discord_its_own_host_is_the_one(
    downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:8787/api/v10")
    assert await downloads.pictures(attached("http://127.0.0.1:8787/cdn/attachments/1/2/fox.png")) == (b"bytes",)
    assert await downloads.pictures(attached("http://127.0.0.1:8788/fox.png")) == ()
    assert await downloads.pictures(attached()) == (b"bytes",)  # it may be a proxy of Discord's API


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), discord.DiscordServerError])
async def test_a_download_that_fails_is_left_out(downloads: Downloads, error: Any) -> None:
    class Answer:
        status, reason = 503, "gone"

    downloads.failing = error if isinstance(error, Exception) else error(Answer(), "gone")
    assert await downloads.pictures(attached()) == ()
