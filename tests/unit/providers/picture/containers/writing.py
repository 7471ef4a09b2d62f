"""Writes the containers of pictures piece by piece, for those that no encoder makes."""

from __future__ import annotations

import struct
import zlib

from bot.providers.picture.containers.png import MAGIC


def png_chunk(name: bytes, body: bytes = b"") -> bytes:
    """Write a chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(*chunks: bytes, width: int = 8, height: int = 8, colour: int = 2) -> bytes:
    """Write a PNG of 8 bits with these chunks between header and end."""
    header = struct.pack(">II5B", width, height, 8, colour, 0, 0, 0)
    return MAGIC + png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IEND")


def rows_of(width: int, height: int) -> bytes:
    """Write the pixels of a black RGB picture, as a PNG has them."""
    return zlib.compress(bytes((1 + 3 * width) * height), 0)


def jpeg_segment(code: int, body: bytes = b"") -> bytes:
    """Write a segment."""
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def webp_chunk(name: bytes, body: bytes) -> bytes:
    """Write a chunk."""
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def webp_of(*chunks: bytes, width: int = 8, height: int = 8) -> bytes:
    """Write an extended WebP with these chunks."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + webp_chunk(b"VP8X", b"\x02\0\0\0" + sides) + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_of(*blocks: bytes, width: int = 8, height: int = 8) -> bytes:
    """Write a GIF with these blocks, in two colours."""
    return b"GIF89a" + struct.pack("<HH3B", width, height, 0x80, 0, 0) + bytes(6) + b"".join(blocks) + b";"


def gif_frame(*sub_blocks: bytes) -> bytes:
    """Write a frame of 8 × 8 pixels."""
    pieces = b"".join(bytes((len(piece),)) + piece for piece in sub_blocks)
    return b"," + struct.pack("<4HB", 0, 0, 8, 8, 0) + b"\x02" + pieces + b"\0"
