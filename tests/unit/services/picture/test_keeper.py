"""Pictures on disk: kept with their recipe, delivered, forgotten, and put right after a kill."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.drawing.chunk import read_recipe
from bot.domain.picture.files import Drawing, KeptPicture, Picture, PictureFormat
from bot.domain.picture.parameters import DrawingParameters, Recipe
from bot.errors import StorageError
from bot.services.picture.keeper import TIDY_S, Keeping, KeptDrawing, PictureKeeper
from tests.fakes.clock import START, FakeClock, settle
from tests.fakes.stores.drawings import FakeDrawingStore, FakePictureFiles

MADE = DrawingParameters(seed=42)


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4), (1, 2, 3)).save(out, "PNG")
    return out.getvalue()


PICTURE = Picture(data=png(), format=PictureFormat.PNG, width=4, height=4)


def drawing(turn_id: int, index: int = 0) -> Drawing:
    return Drawing(
        turn_id=turn_id,
        index=index,
        channel_id=1,
        message_id=None,
        prompt="a fox",
        parameters=MADE,
        filename=f"drawing-{turn_id}-{index + 1}.png",
        created_at=START,
        guild_id=7,
    )


class Shelf:
    """A keeper with its disk and its database."""

    def __init__(self, keeping: Keeping | None = None) -> None:
        self.files = FakePictureFiles()
        self.drawings = FakeDrawingStore()
        self.clock = FakeClock()
        self.keeping = keeping or Keeping()
        self.restart()

    def restart(self) -> None:
        self.keeper = PictureKeeper(self.files, self.drawings, self.clock, self.keeping)

    async def keep(self, turn_id: int, index: int = 0, picture: Picture = PICTURE) -> KeptDrawing:
        return await self.keeper.keep(drawing(turn_id, index), picture)

    async def settle(self, made: list[KeptDrawing], message_id: int | None) -> None:
        """End the way of pictures as a turn's close does: to a message, or to none."""
        if message_id is not None:
            for each in self.keeper.delivered(made, message_id):
                await self.drawings.add(each)
        await self.keeper.settle(made, delivered=message_id is not None)

    @property
    def stored(self) -> set[str | None]:
        return {one.stored for one in self.drawings.drawings.values()}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def test_a_picture_is_kept_with_its_recipe_before_anybody_has_it(shelf: Shelf) -> None:
    made = await shelf.keep(5)
    data = shelf.files.files["5-0.png"]
    assert read_recipe(data) == Recipe(prompt="a fox", parameters=MADE)
    with Image.open(BytesIO(data)) as image:
        assert image.getpixel((0, 0)) == (1, 2, 3)
    assert isinstance(made.file.picture, KeptPicture)
    assert len(data) == len(PICTURE.data) + shelf.keeper.recipe_bytes(drawing(5))
    assert shelf.drawings.drawings == {(5, 0): replace(drawing(5), stored="5-0.png")}


@pytest.mark.parametrize(
    "picture",
    [replace(PICTURE, format=PictureFormat.JPEG), replace(PICTURE, format=PictureFormat.WEBP, reduced=True)],
    ids=["jpeg", "reduced"],
)
async def test_only_a_png_carries_its_recipe(shelf: Shelf, picture: Picture) -> None:
    await shelf.keep(5, picture=picture)
    assert list(shelf.files.files.values()) == [PICTURE.data]


async def test_a_full_disk_does_not_keep_the_picture_from_going_out(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.files.failing = OSError(28, "No space left on device")
    made = await shelf.keep(5)
    assert isinstance(made.file.picture, Picture)
    assert read_recipe(made.file.picture.data) == Recipe(prompt="a fox", parameters=MADE)
    assert shelf.drawings.drawings == {(5, 0): drawing(5)}
    assert "No space left" in caplog.text
    await shelf.settle([made], 900)
    assert shelf.drawings.drawings[5, 0].message_id == 900


async def test_a_database_that_fails_does_not_keep_the_picture_from_going_out(shelf: Shelf) -> None:
    shelf.drawings.failing = StorageError("gone")
    made = await shelf.keep(5)
    assert isinstance(made.file.picture, KeptPicture)
    shelf.drawings.failing = None
    await shelf.settle([made], 900)
    assert (shelf.drawings.drawings[5, 0].message_id, shelf.stored) == (900, {"5-0.png"})


async def test_what_is_delivered_is_found_no_more_and_what_is_not_is(shelf: Shelf) -> None:
    one, two = await shelf.keep(5), await shelf.keep(6)
    await shelf.settle([one], 900)
    await shelf.settle([two], None)
    assert await shelf.keeper.undelivered(5) == ()
    (found,) = await shelf.keeper.undelivered(6)
    assert found == two


async def test_pictures_that_are_kept_until_they_are_delivered_go_then() -> None:
    shelf = Shelf(Keeping(keep=timedelta(0)))
    one, two = await shelf.keep(5), await shelf.keep(6)
    await shelf.settle([one], 900)
    await shelf.settle([two], None)
    assert set(shelf.files.files) == {"6-0.png"}
    assert shelf.stored == {None, "6-0.png"}


async def test_what_is_forgotten_is_gone_from_both(shelf: Shelf) -> None:
    for index in (0, 1):
        await shelf.keep(5, index)
    await shelf.keep(6)
    await shelf.keeper.forget(5)
    assert set(shelf.files.files) == {"6-0.png"}
    assert set(shelf.drawings.drawings) == {(6, 0)}


# --- bounds --------------------------------------------------------------------------------------------------------


async def test_the_oldest_go_where_there_is_more_than_is_to_be_kept() -> None:
    each = len(PICTURE.data) + PictureKeeper.recipe_bytes(drawing(1))
    shelf = Shelf(Keeping(most_bytes=each * 2))
    for turn_id in range(1, 6):
        made = await shelf.keep(turn_id)
        await shelf.settle([made], 900 + turn_id)
    assert set(shelf.files.files) == {"4-0.png", "5-0.png"}
    assert [one.stored for one in shelf.drawings.drawings.values()] == [None, None, None, "4-0.png", "5-0.png"]


async def test_what_is_on_its_way_is_never_taken_away() -> None:
    shelf = Shelf(Keeping(most_bytes=1))
    made = [await shelf.keep(turn_id) for turn_id in (1, 2)]
    await shelf.keeper.tidy()
    assert set(shelf.files.files) == {"1-0.png", "2-0.png"}
    await shelf.settle(made, 900)
    await shelf.keeper.tidy()
    assert shelf.files.files == {}


async def test_once_an_hour_what_is_kept_long_enough_goes(shelf: Shelf) -> None:
    for turn_id in (1, 2):
        await shelf.settle([await shelf.keep(turn_id)], 900)
    long_ago = (START - timedelta(days=8)).timestamp()
    shelf.files.changed_at = {"1-0.png": long_ago, "2-0.png": START.timestamp()}
    task = asyncio.create_task(shelf.keeper.keep_tidy())
    await asyncio.sleep(TIDY_S + 1)
    await settle()
    task.cancel()
    await asyncio.wait((task,))
    assert set(shelf.files.files) == {"2-0.png"}
    assert shelf.stored == {None, "2-0.png"}


# --- after a kill --------------------------------------------------------------------------------------------------


async def test_after_a_kill_the_disk_and_the_database_agree_and_nothing_of_others_is_touched(shelf: Shelf) -> None:
    for turn_id in (1, 2, 3):
        await shelf.keep(turn_id)
    del shelf.drawings.drawings[1, 0]  # killed before the row was there
    del shelf.files.files["2-0.png"]  # the file is lost
    shelf.files.files["holiday.png"] = b"a person's own"
    shelf.restart()
    await shelf.keeper.reconcile()
    assert set(shelf.files.files) == {"3-0.png", "holiday.png"}
    assert [(one.turn_id, one.stored) for one in shelf.drawings.drawings.values()] == [(2, None), (3, "3-0.png")]
    (made,) = await shelf.keeper.undelivered(3)
    assert made.file.filename == "drawing-3-1.png"
    assert isinstance(made.file.picture, KeptPicture)
    assert made.file.picture.path == Path("/pictures/3-0.png")
    assert await shelf.keeper.undelivered(2) == ()


async def test_processes_that_share_a_folder_leave_each_other_s_alone() -> None:
    shelf = Shelf(Keeping(shared=True, ours=lambda guild_id: guild_id == 7))
    for turn_id in (1, 2, 3, 4):
        await shelf.keep(turn_id)
    for turn_id in (1, 2):
        del shelf.drawings.drawings[turn_id, 0]
    now = START.timestamp()
    shelf.files.changed_at = {"1-0.png": now - 5, "2-0.png": now - 3600}
    shelf.drawings.drawings[4, 0] = replace(shelf.drawings.drawings[4, 0], guild_id=8)
    for turn_id in (3, 4):
        del shelf.files.files[f"{turn_id}-0.png"]
    shelf.restart()
    await shelf.keeper.reconcile()
    assert set(shelf.files.files) == {"1-0.png"}
    assert [(one.turn_id, one.stored) for one in shelf.drawings.drawings.values()] == [(3, None), (4, "4-0.png")]


async def test_a_disk_that_can_not_be_looked_at_changes_nothing(shelf: Shelf) -> None:
    await shelf.keep(1)

    async def fail() -> tuple[()]:
        raise PermissionError(13, "Permission denied")

    shelf.files.present = fail  # type: ignore[method-assign]  # a folder that may not be read
    shelf.restart()
    await shelf.keeper.reconcile()
    await shelf.keeper.tidy()
    assert shelf.stored == {"1-0.png"}
    assert set(shelf.files.files) == {"1-0.png"}
