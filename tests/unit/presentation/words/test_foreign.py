"""Nothing of a stranger's is live in the bot's own lines: every one that takes foreign text, with all that is hostile.

What each renderer writes of a hostile text has the constructs that it has of a harmless one, and no others.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.drawing.form import DrawForm, WishFault, WishField
from bot.domain.drawing.plan import DrawingCard, DrawPlan
from bot.domain.drawing.wish import Origin
from bot.domain.page.small import small
from bot.domain.people import User
from bot.domain.picture.files import PictureFile
from bot.domain.picture.parameters import PARAMETER_FIELDS, DrawingParameters, Recipe, Size
from bot.domain.reply.ending import Ending, ReplyOptions
from bot.domain.settings.catalogue import CATALOGUE, Settings
from bot.domain.settings.document import DiffRow, ImportPlan
from bot.domain.settings.faults import FaultKind, SettingFault
from bot.domain.settings.layers import Explained, Operator
from bot.domain.settings.scopes import Change, Scope, Target
from bot.domain.turn.record import TurnState
from bot.domain.usage.counts import DayUsage, Shares, Used
from bot.domain.usage.quota import Cost
from bot.errors import ErrorKind, ProviderError
from bot.presentation.drawing.forms import form_embed
from bot.presentation.drawing.recipe import recipe_page
from bot.presentation.outbound.upload import Upload, to_file
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.desk import prompt_heading
from bot.presentation.settings.ids import Spot
from bot.presentation.settings.pages.audit_log import acts_of, render_audit_log
from bot.presentation.settings.pages.diff import render_changes, render_import
from bot.presentation.settings.pages.outcome import Outcome
from bot.presentation.settings.pages.shown import LayerLine, PanelPage
from bot.presentation.settings.pages.topics import render_panel
from bot.presentation.settings.typing.values import suggest_values
from bot.presentation.usage.report import UsageText, shown_name
from bot.presentation.words.drawings import CardWords
from bot.presentation.words.panel import PanelWords
from bot.presentation.words.replies import Words
from bot.services.drawing.cards import FoundRecipe
from bot.services.usage.report import Span, UsageReport, UsageScope
from tests.fakes.asks import ask
from tests.fakes.markdown import CONSTRUCTS, read_markdown
from tests.fakes.model import picture

ROOT = Path(__file__).parents[4]
HIDDEN = "\u202e\u2066\u200b\ufeff\xad\x1b\x00\u3164"
LOCALE = "en-US"
HERE, NOW = Target.guild(1), datetime(2026, 3, 1, tzinfo=UTC)
AT = Origin(channel_id=2, message_id=3)
PANEL, CARDS = PanelWords(LOCALE), CardWords(LOCALE)
MADE = DrawingParameters(model="", size=Size(width=512, height=768))
SPENT = Used(calls=1, total_tokens=1000)
SENTENCES = (ErrorKind.UNKNOWN_MODEL, ErrorKind.CONTENT_FILTERED, ErrorKind.INVALID_REQUEST, ErrorKind.QUOTA)


def made(text: str) -> Recipe:
    return Recipe(prompt=text, parameters=replace(MADE, model=text))


def card(text: str) -> list[str]:
    """Write a finished drawing whole, one that changes an earlier one."""
    pictures = (made(text).parameters,)
    drawn = DrawingCard(
        prompt=text, pictures=pictures, asker_id=11, took_s=1.0, plan=DrawPlan(pictures=pictures, origin=AT)
    )
    composition = Composition(Words(LOCALE), ReplyOptions(), guild_id=1)
    file = PictureFile(picture=picture(), filename="1.png", alt=text)
    composition.end(Ending(state=TurnState.COMPLETE, card=drawn, pictures=(file,)))
    return [page.content for page in composition.pages()]


def failed(kind: ErrorKind) -> Callable[[str], list[str]]:
    def write(text: str) -> list[str]:
        composition = Composition(Words(LOCALE), ReplyOptions(), heading=prompt_heading(ask(text=text)))
        composition.end(Ending(state=TurnState.FAILED, problem=ProviderError(kind, sentence=text)))
        return [page.content for page in composition.pages()]

    return write


def embed(found: discord.Embed) -> list[str]:
    return [found.description or "", *(field.value or "" for field in found.fields)]


def recipe(text: str) -> list[str]:
    page = recipe_page(FoundRecipe(recipe=made(text), recipes=(made(text),)), AT, 1, CARDS)
    return [page.content, *embed(page.embed)]


def form(text: str) -> list[str]:
    return embed(form_embed(DrawForm(prompt=text, model=text, size=text, numbers=text, options=text), CARDS))


def explained(text: str) -> dict[str, Explained]:
    return {
        key: Explained(key=key, value=value, written=entry.write(value), scope=Scope.GUILD, target=HERE)
        for key, entry in CATALOGUE.items()
        for value in [text if key in ("persona", "chat_model", "drawing_model") else entry.default]
    }


def on_page(view: discord.ui.LayoutView) -> Iterator[str]:
    return (one.content for one in view.walk_children() if isinstance(one, discord.ui.TextDisplay))


def in_selects(view: discord.ui.LayoutView) -> Iterator[str]:
    for one in view.walk_children():
        if isinstance(one, discord.ui.Select):
            for option in one.options:
                yield from (option.label, option.description or "")
        elif isinstance(one, discord.ui.Button):
            yield one.label or ""


def panel(text: str, key: str = "") -> discord.ui.LayoutView:
    shown = PanelPage(
        spot=Spot(target=HERE).at(key),
        explained=explained(text),
        set_here={"persona": text, "chat_model": text},
        places=((HERE, text), (Target.category(1, 6), text), (Target.channel(1, 5), text)),
        last=change("no_such_" + text, text),
        layers=(LayerLine(place="<#5>", written=text, holds=True),),
    )
    return render_panel(shown, PANEL)


def change(key: str, text: str) -> Change:
    who = User(id=9, name=text)
    return Change(id=1, target=HERE, key=key, old=text, new=text, by=who, changed_at=NOW, batch="b" * 16)


def logged(text: str) -> discord.ui.LayoutView:
    changes = [change("persona", text), change("no_such_" + text, text), change("forbidden_words", text)]
    return render_audit_log(Spot(target=HERE), acts_of(changes), 0, PANEL)


def imported(text: str) -> discord.ui.LayoutView:
    rows = tuple(DiffRow(target=HERE, key=key, old=text, new=text) for key in ("persona", "chat_model", "no_" + text))
    return render_import(Spot(target=HERE), ImportPlan(last_change=1, rows=rows), 0, "1.a", text, PANEL, said="x")


def done(text: str) -> discord.ui.LayoutView:
    return render_changes(Spot(target=HERE), Outcome(changes=(change("persona", text),)), PANEL)


def faults(text: str) -> list[str]:
    return [
        PANEL.faults((SettingFault(kind=kind, key=key, given=text, limit=text),))
        for kind in FaultKind
        for key in ("persona", "no_such_" + text)
    ]


def alternative(text: str) -> str:
    return to_file(Upload(data=b"", filename="a.png", alt=text)).description or ""


def costs(text: str) -> list[str]:
    return [small(Words(LOCALE).told(Cost(amount=1.0, currency=text)))]


def usage(text: str) -> list[str]:
    report = UsageReport(
        scope=UsageScope.GUILD,
        span=Span.DAY,
        days=(DayUsage(day=date(2026, 3, 1), used=SPENT),),
        total=SPENT,
        channels=Shares(),
        users=Shares(),
        rows=(),
        left=(),
        settings=Settings(cost_currency=text, cost_per_1000_tokens=1.0, cost_per_picture=1.0),
    )
    return [UsageText(LOCALE).message(report, name=shown_name(text), labels=lambda _kind, _id: text).content]


LINES: Mapping[str, Callable[[str], Iterable[str]]] = {
    "a command's prompt above its answer": lambda text: [prompt_heading(ask(text=text))],
    "a drawing's card": card,
    "how pictures were made": lambda text: [f"-# {CARDS.recipe([made(text).parameters], PARAMETER_FIELDS)}"],
    "what was filled in": lambda text: [CARDS.faults([WishFault(field=field, given=text) for field in WishField])],
    **{f"an endpoint's sentence, {kind}": failed(kind) for kind in SENTENCES},
    "the page of a recipe": recipe,
    "a form that is kept": form,
    "the settings panel": lambda text: on_page(panel(text)),
    "the page of a setting": lambda text: on_page(panel(text, "persona")),
    "the audit log": lambda text: on_page(logged(text)),
    "what an import would change": lambda text: on_page(imported(text)),
    "what was changed": lambda text: on_page(done(text)),
    "what is wrong with settings": faults,
    "a usage": usage,
    "what an answer cost": costs,
}
PLAIN: Mapping[str, Callable[[str], Iterable[str]]] = {
    "the panel's selects and buttons": lambda text: in_selects(panel(text)),
    "those of a setting": lambda text: in_selects(panel(text, "persona")),
    "suggested values": lambda text: [
        one.name
        for key in ("persona", "chat_model")
        for one in suggest_values(key, "", PANEL, now=text, operator=Operator(defaults={}, available={}), guild=None)
    ],
    "a picture's alternative text": lambda text: [
        to_file(Upload(data=b"", filename="a.png", alt=text)).description or ""
    ],
}

NEXT = st.sampled_from((*CONSTRUCTS, *"\\*_~`|>#[]()<@:/.-! 1a", "\n", " ", "狐", *HIDDEN))
HOSTILE = st.lists(NEXT, max_size=5).map("".join)


def live(texts: Iterable[str]) -> list[list[str]]:
    return [read_markdown(text).live for text in texts]


def hidden_in(texts: Iterable[str]) -> set[str]:
    return {char for text in texts for char in text if char in HIDDEN}


@pytest.mark.parametrize("name", LINES)
async def test_no_construct_is_live_in_a_line_of_the_bot_s(name: str) -> None:
    harmless = live(LINES[name]("xxy"))
    for construct in CONSTRUCTS:
        assert live(LINES[name](f"x {construct} y")) == harmless, construct
        assert live(LINES[name](f"x\n{construct}\ny")) == harmless, construct
        assert live(LINES[name](f"{construct} y")) == harmless, construct
    assert not hidden_in(LINES[name](f"x{HIDDEN}y"))


@pytest.mark.parametrize("name", LINES)
@settings(deadline=None)  # one example is dozens of lines
@given(text=HOSTILE)
async def test_nothing_that_is_put_together_is_live_in_a_line_of_the_bot_s(name: str, text: str) -> None:
    written = list(LINES[name](f"x{text}y"))
    assert live(written) == live(LINES[name]("xxy"))
    assert not hidden_in(written)


@pytest.mark.parametrize("name", PLAIN)
async def test_nothing_is_hidden_where_discord_knows_no_markdown(name: str) -> None:
    written = list(PLAIN[name](f"x{HIDDEN}\\ *y*"))
    assert not hidden_in(written)
    assert not any("\n" in text for text in written)
    assert any("*y*" in text for text in written), "it is shown as it is"


def test_the_library_s_escape_is_used_nowhere() -> None:
    """It leaves links, mentions, timestamps, emoji and format characters live."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr.startswith("escape_"))
        or (isinstance(node, ast.ImportFrom) and any(one.name.startswith("escape_") for one in node.names))
    ]
    assert not found
