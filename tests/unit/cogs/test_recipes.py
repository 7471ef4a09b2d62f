"""The context menus: what a message says is drawn, and how a picture was made is told."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, cast

import discord
import pytest
from discord import app_commands

from bot.domain.drawing.chunk import AFTER_HEADER, recipe_chunk
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import DrawWish, Origin
from bot.domain.model.request import Mode
from bot.domain.people import Place, User
from bot.domain.picture.parameters import PARAMETER_FIELDS, DrawingParameters, Recipe, Size, SizeCeiling
from bot.errors import StorageError, Trouble
from bot.presentation.inbound.attachments import DiscordAttachments
from bot.presentation.reply.desk import ReplyDesk
from bot.presentation.words.drawings import RECIPE_NONE, CardWords
from bot.presentation.words.notices import notice
from bot.presentation.words.replies import Words
from bot.services.drawing.cards import Card, CardService, FoundRecipe
from bot.services.drawing.service import DrawService
from cogs.recipes import RecipesCog
from tests.fakes.words import worded_in
from tests.unit.cogs.interactions import Answers, FakeDesk, FakeDraw, heard, told_alone
from tests.unit.presentation.discord_objects import ANN, BOB, CHANNEL, ME, Offline, forwarded, mentioned, payload, user

LOCALE = "zh-TW"


def small_png() -> bytes:
    """A PNG's first and last chunk: nothing in between is looked at."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b"")


RECIPE = Recipe(prompt="a fox", parameters=DrawingParameters(seed=5))
CARD = Card(
    turn_id=7,
    recipe=RECIPE,
    recipes=(RECIPE,),
    count=1,
    ceiling=SizeCeiling(sides=Size(width=64, height=64), pixels=64 * 64),
    honoured=PARAMETER_FIELDS,
)
FOUND = FoundRecipe(
    recipe=RECIPE, recipes=(RECIPE,), card=CARD, asker_id=ANN, chain=(Origin(channel_id=CHANNEL, message_id=3),)
)
PLAIN = small_png()
WRITTEN = PLAIN[:AFTER_HEADER] + recipe_chunk(RECIPE) + PLAIN[AFTER_HEADER:]


class FakeCards:
    def __init__(self) -> None:
        self.found: FoundRecipe | None = FOUND
        self.asked: list[int] = []
        self.failing: StorageError | None = None

    async def recipe_of(self, place: Place, user: User, message_id: int) -> FoundRecipe | None:
        assert (place.channel_id, user.id) == (CHANNEL, ANN)
        self.asked.append(message_id)
        if self.failing is not None:
            raise self.failing
        return self.found


class FakeAttachments:
    def __init__(self) -> None:
        self.data: tuple[bytes, ...] = ()

    async def find(self, message: discord.Message, read: Callable[[bytes], Recipe | None]) -> Recipe | None:
        return next((found for data in self.data if (found := read(data)) is not None), None)


class Stage:
    """The cog between fakes."""

    def __init__(self) -> None:
        self.offline = Offline()
        self.tree = app_commands.CommandTree(self.offline.client)
        self.answers = Answers()
        self.desk = FakeDesk(self.answers)
        self.cards = FakeCards()
        self.service = FakeDraw()
        self.attachments = FakeAttachments()
        self.cog = RecipesCog(
            self.tree,
            cast("CardService", self.cards),
            cast("DrawService", self.service),
            cast("DiscordAttachments", self.attachments),
            cast("ReplyDesk", self.desk),
        )

    def said(self, content: str, **changes: Any) -> discord.Message:
        return self.offline.message(payload(50, content, **changes))

    async def draw_this(self, message: discord.Message) -> None:
        await self.cog.draw_this(heard(self.offline, self.answers), message)

    async def recipe(self, message: discord.Message) -> None:
        await self.cog.recipe(heard(self.offline, self.answers), message)


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_the_menus_come_and_go_with_the_cog(stage: Stage) -> None:
    await stage.cog.cog_load()
    menus = stage.tree.get_commands(type=discord.AppCommandType.message)
    assert [menu.name for menu in menus] == ["Draw this", "Recipe"]
    for menu in menus:
        sent = menu.to_dict(stage.tree)
        assert (sorted(sent["contexts"]), sorted(sent["integration_types"])) == ([0, 1, 2], [0, 1])
    await stage.cog.cog_unload()
    assert stage.tree.get_commands(type=discord.AppCommandType.message) == []


async def test_what_a_message_says_is_drawn_with_names_for_mentions(stage: Stage) -> None:
    await stage.draw_this(stage.said(f"a fox for <@{BOB}> ", mentions=[mentioned(BOB, "Bob")]))
    (ask,) = stage.service.asks
    assert (ask.id, ask.mode, ask.text, ask.user.id, ask.wish) == (5000, Mode.DRAW, "a fox for @Bob", ANN, DrawWish())


async def test_what_a_forwarded_message_says_is_drawn(stage: Stage) -> None:
    await stage.draw_this(stage.said("", message_snapshots=[forwarded("a lighthouse")]))
    assert [ask.text for ask in stage.service.asks] == ["a lighthouse"]


async def test_of_a_card_its_prompt_is_drawn(stage: Stage) -> None:
    await stage.draw_this(stage.said("> a fox\n-# Artist · seed 5", author=user(ME, "Fusion")))
    assert stage.cards.asked == [50]
    assert [ask.text for ask in stage.service.asks] == ["a fox"]


async def test_the_small_print_of_the_bot_s_is_not_drawn(stage: Stage) -> None:
    stage.cards.found = None
    await stage.draw_this(stage.said("A lighthouse.\n-# Stopped.", author=user(ME, "Fusion")))
    assert [ask.text for ask in stage.service.asks] == ["A lighthouse."]


async def test_a_card_that_can_not_be_looked_up_is_told(stage: Stage) -> None:
    stage.cards.failing = StorageError("gone")
    await stage.draw_this(stage.said("> a fox", author=user(ME, "Fusion")))
    assert told_alone(stage.answers) == notice(Words(LOCALE).problem(Trouble.STORAGE))
    assert stage.service.asks == []


async def test_a_message_without_text_is_told(stage: Stage) -> None:
    await stage.draw_this(stage.said("  "))
    assert worded_in("zh-CN", "drawing.no_text") in told_alone(stage.answers)
    assert stage.desk.acknowledged == []


async def test_a_message_that_is_too_long_is_told(stage: Stage) -> None:
    await stage.draw_this(stage.said("x" * (PROMPT_MAX_CHARS + 1)))
    assert str(PROMPT_MAX_CHARS) in told_alone(stage.answers)
    assert stage.service.asks == []


@pytest.mark.parametrize(("menu", "author"), [("draw_this", user(BOB, "Bob")), ("recipe", user(ME, "Fusion"))])
async def test_a_menu_that_comes_too_late_is_left(stage: Stage, menu: str, author: dict[str, Any]) -> None:
    stage.desk.acknowledges = False
    await getattr(stage, menu)(stage.said("a fox", author=author))
    assert (stage.service.asks, stage.answers.told, stage.cards.asked) == ([], [], [])


async def test_the_recipe_of_a_picture_of_the_bot_s_is_told_to_one_alone(stage: Stage) -> None:
    await stage.recipe(stage.said("", author=user(ME, "Fusion")))
    ((content, how),) = stage.answers.told
    assert stage.desk.acknowledged == [{"private": True}]
    assert how["ephemeral"] is True
    assert "/draw prompt:a fox model:Artist_V0.1.3 size:960x960 steps:50 scale:7 seed:5" in content
    assert f"/channels/1/{CHANNEL}/50)" in content
    assert f"/channels/1/{CHANNEL}/3)" in content
    assert [button.custom_id for button in how["view"].children] == ["draw:redraw:7:50", "draw:refill:7:50"]


async def test_the_recipe_of_a_picture_that_was_posted_again_is_read_from_it(stage: Stage) -> None:
    stage.attachments.data = (PLAIN, b"no picture", WRITTEN)
    await stage.recipe(stage.said("look!"))
    assert stage.cards.asked == []
    ((content, how),) = stage.answers.told
    assert "seed:5" in content
    assert [button.custom_id for button in how["view"].children] == ["draw:redraw:0:50", "draw:refill:0:50"]


async def test_a_picture_of_the_bot_s_that_is_no_longer_known_is_read_too(stage: Stage) -> None:
    stage.cards.found = None
    stage.attachments.data = (WRITTEN,)
    await stage.recipe(stage.said("", author=user(ME, "Fusion")))
    assert stage.cards.asked == [50]
    assert "seed:5" in stage.answers.told[0][0]


async def test_a_message_without_a_recipe_is_told(stage: Stage) -> None:
    stage.attachments.data = (PLAIN,)
    await stage.recipe(stage.said("hello"))
    assert told_alone(stage.answers) == notice(CardWords(LOCALE).say(RECIPE_NONE))


async def test_a_database_that_is_gone_is_told(stage: Stage) -> None:
    stage.cards.failing = StorageError("gone")
    await stage.recipe(stage.said("", author=user(ME, "Fusion")))
    assert told_alone(stage.answers) == notice(Words(LOCALE).problem(Trouble.STORAGE))
