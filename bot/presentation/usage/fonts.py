"""Writing in a picture, with Pillow's own font and with fonts of the machine for what that one lacks.

Everything here blocks and belongs in a thread. Pillow is imported when the first chart is drawn: the bot's memory
without charts stays small. A font is in memory for as long as its ``Lettering`` is.
"""

from __future__ import annotations

import math
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

OTHER_FONTS: Final = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
"""Fonts with the letters of many languages, as their files are called on Linux, macOS and Windows."""
CHINESE_FONTS: Final = (
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "NotoSansCJK-Regular.ttc",
    "SourceHanSans.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "msyh.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "simhei.ttf",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "Arial Unicode.ttf",
)
"""Fonts with Chinese characters: of several on one machine, the first."""
LONGEST: Final = 80
"""Characters of a text that are looked at, whatever it is."""
_COLLECTED: Final = 12
"""Fonts that are looked at in a file that has several."""
_PROBE_PX: Final = 16
_NO_CHARACTER: Final = "\uffff"
"""Stands for no character, by definition (Unicode 16, 23.7): each font draws what it draws for those it lacks."""


def font_folders() -> tuple[Path, ...]:
    """Name the folders with fonts for everybody on this machine."""
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "Fonts"),)
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts")
    return Path("/usr/local/share/fonts"), Path("/usr/share/fonts")


def find_fonts(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Find the best font for other languages' letters and the best one for Chinese; neither has to be there."""
    found: dict[str, Path] = {}
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                found.setdefault(name.lower(), Path(where, name))
    kinds = ([found[name.lower()] for name in kind if name.lower() in found] for kind in (OTHER_FONTS, CHINESE_FONTS))
    return tuple(paths[0] for paths in kinds if paths)


class _Face:
    """One font in every size that is asked for. Raises ``OSError`` where the file is not one."""

    def __init__(self, path: Path | None) -> None:
        from PIL.ImageFont import Layout

        self._path = path
        self._index = _simplified(path) if path is not None else 0
        self._sizes: dict[int, FreeTypeFont] = {}
        self._known: dict[str, bool] = {}
        # By itself each character is what the font has for it: nothing is composed of others, no mark loses its width.
        self._plain = self._open(_PROBE_PX).font_variant(layout_engine=Layout.BASIC)
        self._lacking = self._drawn(_NO_CHARACTER)

    def at(self, size: int) -> FreeTypeFont:
        if size not in self._sizes:
            self._sizes[size] = self._open(size)
        return self._sizes[size]

    def has(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = self._drawn(character) != self._lacking
        return self._known[character]

    def blank(self, text: str) -> bool:
        return self._plain.getmask(text).getbbox() is None

    def _drawn(self, character: str) -> tuple[float, tuple[int, int], bytes]:
        mask = self._plain.getmask(character)
        return self._plain.getlength(character), mask.size, bytes(mask)

    def _open(self, size: int) -> FreeTypeFont:
        from PIL import ImageFont

        # The one that comes with Pillow is Aileron.
        font = ImageFont.truetype(self._path, size, self._index) if self._path else ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise OSError("Pillow was built without FreeType")
        return font


def _simplified(path: Path) -> int:
    """Say which of the fonts in one file has the shapes of simplified Chinese."""
    from PIL import ImageFont

    if path.suffix.lower() == ".ttc":
        for index in range(_COLLECTED):
            try:
                family, _ = ImageFont.truetype(path, _PROBE_PX, index).getname()
            except OSError:  # the file has no more
                break
            if {"SC", "GB"} & set((family or "").split()):
                return index
    return 0


class Lettering:
    """Writes with several fonts: each text with the first that has all of it, else each character with the first."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        from PIL import features

        self._shapes = bool(features.check("raqm"))
        """Whether letters are put in order and joined as Hebrew and Arabic want it."""
        self._faces = [_Face(None)]
        for path in fonts:
            try:
                self._faces.append(_Face(path))
            except OSError:
                continue  # a file by that name that is no font

    def readable(self, text: str, plain: str) -> str:
        """Leave out what can be done without and can't be written, such as emoji; ``plain`` where letters would go."""
        composed = unicodedata.normalize("NFC", text[:LONGEST]).replace("…", "...")
        clean = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
        known = " ".join("".join(c for c in clean if self._face(c)).split())
        lost = any(c.isalpha() and not self._face(c) for c in clean)
        return plain if lost or not self._legible(known) else known

    def width(self, text: str, size: int) -> float:
        """Measure a text in pixels."""
        return sum(face.at(size).getlength(run) for face, run in self._runs(text))

    def fitted(self, text: str, size: int, width: float) -> str:
        """Shorten a text until it is no wider."""
        short = text
        while self.width(short, size) > width and len(text) > 1:
            text = text[:-1].rstrip()
            short = f"{text}..."
        return short

    def write(
        self,
        picture: Image,
        text: str,
        size: int,
        colour: str,
        at: tuple[float, float],
        anchor: Literal["left", "middle", "right"] = "left",
    ) -> None:
        """Write one line; ``at`` is on its baseline. Nothing is drawn above or below the line, whatever the text."""
        from PIL import Image, ImageDraw

        width = self.width(text, size)
        above, below, beside = round(size * 1.1), round(size * 0.4), 4
        x, y = round(at[0] - {"left": 0, "middle": width / 2, "right": width}[anchor]), round(at[1])
        line = Image.new("L", (math.ceil(width) + 2 * beside, above + below))
        pen, done = ImageDraw.Draw(line), float(beside)
        for face, run in self._runs(text):
            font = face.at(size)
            pen.text((done, above), run, fill=255, font=font, anchor="ls")
            done += font.getlength(run)
        picture.paste(colour, (x - beside, y - above), line)

    def _face(self, character: str) -> _Face | None:
        return next((face for face in self._faces if face.has(character)), None)

    def _whole(self, text: str) -> _Face | None:
        return next((face for face in self._faces if all(map(face.has, text))), None)

    def _runs(self, text: str) -> list[tuple[_Face, str]]:
        if (whole := self._whole(text)) is not None:
            return [(whole, text)]
        return [(face or self._faces[0], "".join(run)) for face, run in groupby(text, self._face)]

    def _legible(self, text: str) -> bool:
        """Say whether anything of it would be seen, and in the right order."""
        if any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text):
            return self._shapes and self._whole(text) is not None
        return not all(face.blank(run) for face, run in self._runs(text))
