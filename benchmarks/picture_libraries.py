"""Which library makes a large picture smaller for the least: `python -m benchmarks.picture_libraries`.

Linux: it reads /proc. Run it with an environment of its own, which has Pillow and whatever is to be compared:

    python -m venv /tmp/compare && /tmp/compare/bin/pip install pillow "pyvips[binary]" imagecodecs
    PYTHONPATH=. /tmp/compare/bin/python -m benchmarks.picture_libraries

Each does the same with the pictures of `benchmarks.pictures`, in a process of its own with one thread: read a PNG of
6240 x 6240, make it smaller, write a JPEG of 4000 x 4000, or a WebP of 2449 x 2449 if it is transparent. What is not
installed is left out. imagecodecs scales nothing: it reads and writes every other pixel.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from PIL import Image, WebPImagePlugin  # noqa: F401  # WebP is not loaded by itself

from benchmarks.pictures import LIMIT_BYTES, large

QUALITY: Final = 85
SIDES: Final = {"opaque": 4000, "transparent": 2449}
RUNS: Final = 3


def here(data: bytes, side: int) -> int:
    """Do as the bot does."""
    from bot.providers.picture.check import check_picture

    picture = check_picture(data, limit_bytes=LIMIT_BYTES)
    if picture.width != side:
        raise SystemExit(f"the bot makes {picture.width} of it, the others {side}")
    return len(picture.data)


def pillow(data: bytes, side: int) -> int:
    """Decode all of it, then scale all of it."""
    image = Image.open(io.BytesIO(data)).resize((side, side), Image.Resampling.HAMMING)
    out = io.BytesIO()
    if side == SIDES["transparent"]:
        image.save(out, "WEBP", quality=QUALITY, method=0)
    else:
        image.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return len(out.getvalue())


def pyvips(data: bytes, side: int) -> int:
    """Read it in order, with the filter that is nearest to Pillow's."""
    os.environ["VIPS_CONCURRENCY"] = "1"
    vips: Any = import_module("pyvips")
    image = vips.Image.new_from_buffer(data, "", access="sequential")
    image = image.resize(side / image.width, kernel="linear")
    transparent = side == SIDES["transparent"]
    return len(image.webpsave_buffer(Q=QUALITY, effort=0) if transparent else image[0:3].jpegsave_buffer(Q=QUALITY))


def imagecodecs(data: bytes, side: int) -> int:
    """Decode all of it and leave out every other pixel."""
    codecs: Any = import_module("imagecodecs")
    pixels = codecs.png_decode(data)[::2, ::2]
    if side == SIDES["transparent"]:
        return len(codecs.webp_encode(pixels.copy(), level=QUALITY, method=0))
    return len(codecs.jpeg8_encode(pixels[:, :, :3].copy(), level=QUALITY))


WAYS: Final = {"the bot": here, "pillow": pillow, "pyvips": pyvips, "imagecodecs": imagecodecs}


def run(way: str, path: Path) -> None:
    """Be one run: print the CPU time in seconds, the peak of memory in MB, and the length of what was made."""
    length = WAYS[way](path.read_bytes(), SIDES[path.name])
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text()  # not ru_maxrss, which a process has of the one that started it
    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(used.ru_utime + used.ru_stime, peak_kb / 1000, length)


def main() -> None:
    """Run all, each some times, and print the best of each."""
    if len(sys.argv) == 3:
        run(sys.argv[1], Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in SIDES:
            path = Path(folder) / name
            path.write_bytes(large(transparent=name == "transparent"))
            for way in WAYS:
                if way in ("pyvips", "imagecodecs") and find_spec(way) is None:
                    continue
                command = [sys.executable, "-m", "benchmarks.picture_libraries", way, str(path)]
                found = [
                    tuple(map(float, subprocess.run(command, check=True, capture_output=True).stdout.split()))
                    for _ in range(RUNS)
                ]
                cpu_s, peak_mb, length = (min(each) for each in zip(*found, strict=True))
                print(f"{name:12} {way:12} {cpu_s:6.2f} s CPU {peak_mb:6.0f} MB  {length / 1e6:5.1f} MB", flush=True)


if __name__ == "__main__":
    main()
