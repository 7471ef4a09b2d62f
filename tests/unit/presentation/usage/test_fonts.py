"""Which font writes what, and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from PIL import Image, features

from bot.presentation.usage.fonts import CHINESE_FONTS, LONGEST, Lettering, find_fonts, font_folders

PLAIN = "#1"
MACHINE = find_fonts(font_folders())
HAS_CHINESE = any(path.name in CHINESE_FONTS for path in MACHINE)
HAS_DEJAVU = any(path.name == "DejaVuSans.ttf" for path in MACHINE)


def put(folder: Path, *names: str) -> None:
    """Put files there that are no fonts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"no font")


def test_of_each_kind_the_best_font_is_found_wherever_it_is(tmp_path: Path) -> None:
    put(tmp_path / "a" / "deep", "wqy-microhei.ttc", "ARIAL.TTF", "Other.ttf")
    put(tmp_path / "b", "NotoSansCJK-Regular.ttc", "DroidSansFallback.ttf", "DejaVuSans.ttf")
    assert find_fonts((tmp_path / "a",)) == (tmp_path / "a/deep/ARIAL.TTF", tmp_path / "a/deep/wqy-microhei.ttc")
    assert find_fonts((tmp_path / "a", tmp_path / "none", tmp_path / "b")) == (
        tmp_path / "b/DejaVuSans.ttf",
        tmp_path / "b/NotoSansCJK-Regular.ttc",
    )
    assert find_fonts((tmp_path / "none",)) == ()


def test_a_file_that_is_no_font_is_done_without(tmp_path: Path) -> None:
    put(tmp_path, "DejaVuSans.ttf", "wqy-microhei.ttc")
    letters = Lettering(find_fonts((tmp_path,)))
    assert letters.readable("Ann", PLAIN) == "Ann"
    assert letters.readable("小明", PLAIN) == PLAIN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann", "Ann"),
        ("  Ann\n\tB.  ", "Ann B."),
        ("🎨 Ann 👨‍👩‍👧", "Ann"),
        ("\u202eAnn\u200b\x00", "Ann"),
        ("Ann…", "Ann..."),
        ("A" * 5000, "A" * LONGEST),
        ("小明", PLAIN),
        ("Ann 小明", PLAIN),
        ("علي", PLAIN),
        ("🎨", PLAIN),
        ("\ud800", PLAIN),
        ("", PLAIN),
    ],
    ids=ascii,
)
def test_what_pillow_s_own_font_can_write(text: str, expected: str) -> None:
    assert Lettering(()).readable(text, PLAIN) == expected


@pytest.mark.skipif(not HAS_CHINESE, reason="this machine has no font with Chinese characters")
@pytest.mark.parametrize("text", ["小明", "最近 7 天（UTC）", "Ann 的用量"])
def test_chinese_is_written_with_the_machine_s_font(text: str) -> None:
    assert Lettering(MACHINE).readable(text, PLAIN) == text


@pytest.mark.skipif(not HAS_DEJAVU, reason="this machine has no DejaVu Sans")
@pytest.mark.parametrize(
    ("text", "expected"), [("Zoe\u0308", "Zoë"), ("Олег", "Олег"), ("\U000133f6", PLAIN), ("\u3164", PLAIN)], ids=ascii
)
def test_letters_of_other_languages(text: str, expected: str) -> None:
    assert Lettering([path for path in MACHINE if path.name == "DejaVuSans.ttf"]).readable(text, PLAIN) == expected


@pytest.mark.skipif(not HAS_DEJAVU, reason="this machine has no DejaVu Sans")
@pytest.mark.parametrize(("shapes", "expected"), [(True, "علي"), (False, PLAIN)])
def test_arabic_is_not_written_with_its_letters_apart(
    monkeypatch: pytest.MonkeyPatch, shapes: bool, expected: str
) -> None:
    def check(_: str) -> bool:
        return shapes

    monkeypatch.setattr(features, "check", check)
    assert Lettering(MACHINE).readable("علي", PLAIN) == expected


@pytest.mark.parametrize("fonts", [(), MACHINE], ids=["pillow_s", "machine_s"])
def test_a_text_is_shortened_to_its_room(fonts: tuple[Path, ...]) -> None:
    letters = Lettering(fonts)
    assert letters.fitted("Ann", 20, 100) == "Ann"
    short = letters.fitted("W" * 80, 20, 100)
    assert short.startswith("WW")
    assert short.endswith("W...")
    assert letters.width(short, 20) <= 100 < letters.width("WWW" + short, 20)


@pytest.mark.parametrize("text", ["ÅÇ|_@" * 3, "Z" + "\u0300\u0323" * 40])
def test_nothing_is_drawn_above_or_below_its_line(text: str) -> None:
    picture = Image.new("RGB", (400, 200))
    Lettering(MACHINE).write(picture, text, 20, "#ffffff", (200, 100), "middle")
    box = picture.getbbox()
    assert box is not None
    _, upper, _, lower = box
    assert 100 - 22 <= upper < lower <= 100 + 8


@pytest.mark.parametrize(("anchor", "share"), [("left", 0), ("middle", 0.5), ("right", 1)])
def test_a_text_stands_where_it_is_wanted(anchor: Literal["left", "middle", "right"], share: float) -> None:
    letters, picture = Lettering(()), Image.new("RGB", (400, 200))
    letters.write(picture, "HHHH", 20, "#ffffff", (200, 100), anchor)
    left, _, right, base = picture.getbbox() or (0, 0, 0, 0)
    width = letters.width("HHHH", 20)
    assert (left, right) == pytest.approx((200 - width * share, 200 + width * (1 - share)), abs=3)
    assert base == 100
