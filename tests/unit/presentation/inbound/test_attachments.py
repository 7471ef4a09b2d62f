"""Pictures that were posted: downloaded from Discord's own host alone, within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from bot.presentation.inbound.attachments import MOST_BYTES, MOST_PICTURES, DiscordAttachments, download, is_discord_s
from tests.fakes.cdn import Files, open_cdn
from tests.unit.presentation.discord_objects import Offline, forwarded, payload

CDN = "https://cdn.discordapp.com/attachments/1/2/fox.png?ex=1"


def attached(url: str, *, filename: str = "fox.png", size: int = 100) -> dict[str, Any]:
    return {"id": "1", "filename": filename, "size": size, "url": url, "proxy_url": url}


class Downloads:
    """Looks through the attachments of messages, with a CDN on a local server."""

    def __init__(self, files: Files, base: str) -> None:
        self.offline = Offline()
        self.files = files
        self.url = f"{base}/cdn/attachments/1/2/fox.png"
        self.read: list[bytes] = []

    async def pictures(self, *attachments: dict[str, Any], found: str | None = None, **more: Any) -> tuple[bytes, ...]:
        """Look through attachments, of which each holds what is ``found``; return what was read of them."""
        message = self.offline.message(payload(50, "", attachments=list(attachments), **more))
        self.read.clear()

        def read(data: bytes) -> str | None:
            self.read.append(data)
            return found

        assert await DiscordAttachments().find(message, read) == found
        return tuple(self.read)


@pytest.fixture
async def downloads(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Downloads]:
    files = Files()
    files.body = b"bytes"
    async with open_cdn(files) as base:
        monkeypatch.setattr(discord.http.Route, "BASE", f"{base}/api/v10")
        yield Downloads(files, base)


async def test_pictures_are_downloaded_few_of_them(downloads: Downloads) -> None:
    picture = attached(downloads.url)
    assert await downloads.pictures(picture) == (b"bytes",)
    assert len(await downloads.pictures(*[picture] * 10)) == MOST_PICTURES
    assert downloads.files.asked == ["attachments/1/2/fox.png"] * (1 + MOST_PICTURES)
    assert await downloads.pictures(*[picture] * 10, found="a recipe") == (b"bytes",)


async def test_a_picture_behind_other_files_is_found(downloads: Downloads) -> None:
    other = attached(downloads.url.replace("fox.png", "a.txt"), filename="a.txt")
    assert await downloads.pictures(*[other] * MOST_PICTURES, attached(downloads.url)) == (b"bytes",)


async def test_a_picture_is_known_by_its_type_too(downloads: Downloads) -> None:
    named = attached(downloads.url, filename="fox")
    assert await downloads.pictures({**named, "content_type": "image/png"}) == (b"bytes",)


async def test_a_picture_that_was_forwarded_is_found(downloads: Downloads) -> None:
    snapshots = [forwarded("", attachments=[attached(downloads.url)])]
    assert await downloads.pictures(message_snapshots=snapshots) == (b"bytes",)


@pytest.mark.parametrize("changes", [{"filename": "fox.jpg"}, {"filename": "fox.png.zip"}, {"size": MOST_BYTES + 1}])
async def test_what_is_no_picture_or_too_large_is_left_alone(downloads: Downloads, changes: dict[str, Any]) -> None:
    assert await downloads.pictures(attached(downloads.url, **changes)) == ()
    assert downloads.files.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/fox.png",
        "https://evil.example/fox.png",
        "https://cdn.discordapp.com.evil.example/fox.png",
        "https://cdn.discordapp.com@evil.example/fox.png",
        "file:///etc/passwd.png",
        "http://[",
        "",
    ],
)
async def test_what_lies_elsewhere_is_left_alone(
    downloads: Downloads, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    assert not is_discord_s(url)
    assert await downloads.pictures(attached(url)) == ()
    assert "another host than Discord's" in caplog.text


async def test_where_a_server_stands_in_for_discord_its_own_host_is_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_discord_s("http://127.0.0.1:8787/cdn/attachments/1/2/fox.png")
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:8787/api/v10")
    assert is_discord_s("http://127.0.0.1:8787/cdn/attachments/1/2/fox.png")
    assert not is_discord_s("http://127.0.0.1:8788/fox.png")
    assert is_discord_s(CDN)  # it may be a proxy of Discord's API


@pytest.mark.parametrize("changes", [{"cut": True}, {"status": 302}, {"status": 404}, {"status": 503}])
async def test_a_download_that_fails_is_left_out(downloads: Downloads, changes: dict[str, Any]) -> None:
    vars(downloads.files).update(changes)
    assert await downloads.pictures(attached(downloads.url)) == ()
    assert downloads.files.asked


async def test_a_download_that_takes_too_long_is_given_up(downloads: Downloads) -> None:
    downloads.files.open.clear()
    assert await download(downloads.url, most_bytes=10, within_s=0.05) is None
    downloads.files.open.set()


async def test_no_more_is_read_than_was_allowed(downloads: Downloads) -> None:
    downloads.files.body = bytes(1024 * 1024)
    data = await download(downloads.url, most_bytes=100_000, within_s=10)
    assert data is not None
    assert 100_000 < len(data) < 200_000
