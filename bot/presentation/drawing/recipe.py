"""A recipe as people read it: everything that is needed to make a picture again."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.domain.drawing.form import form_of
from bot.domain.drawing.form_id import FormId, FormStep
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.drawing.wish import Origin
from bot.domain.page.foreign import one_line
from bot.domain.page.pager import PAGE_LIMIT, units
from bot.domain.picture.parameters import PARAMETER_FIELDS, Recipe
from bot.presentation.drawing.forms import form_buttons, form_embed
from bot.presentation.words import drawings as text
from bot.presentation.words.drawings import CardWords, jump_link
from bot.services.drawing.cards import FoundRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipePage:
    """A recipe as a message: ``file`` holds the command where it is too long for the text, else it is empty."""

    content: str
    embed: discord.Embed
    buttons: discord.ui.View
    file: bytes


def recipe_page(found: FoundRecipe, at: Origin, guild_id: int | None, words: CardWords) -> RecipePage:
    """Write what a picture was made with; ``at`` is the message that it stands in."""
    card = found.card
    count = card.count if card is not None else 1
    facts = [f"**{words.say(text.RECIPE_TITLE)}** · {words.say(text.PICTURE_LINK, link=jump_link(guild_id, at))}"]
    if card is None:
        facts.append(words.say(text.RECIPE_READ))
    if found.asker_id:
        facts.append(words.asked_by(found.asker_id))
    lines = [
        " · ".join(facts),
        f"-# {words.recipe([one.parameters for one in found.recipes], PARAMETER_FIELDS)}",
    ]
    if found.chain:
        links = [
            words.say(text.EARLIER_LINK, number=str(number), link=jump_link(guild_id, origin))
            for number, origin in enumerate(found.chain, 1)
        ]
        lines.append(f"-# {words.say(text.RECIPE_FROM, links=' · '.join(links))}")
    # Of a card that is known all of the prompt is, whatever of it fits here.
    too_long = card is None and len(found.recipe.prompt.strip()) > PROMPT_MAX_CHARS
    if too_long:
        length, longest = str(len(found.recipe.prompt.strip())), str(PROMPT_MAX_CHARS)
        lines.append(words.say(text.RECIPE_TOO_LONG, length=length, longest=longest))
    command = draw_line(found.recipe, count)
    shown = "\n".join((*lines, words.say(text.RECIPE_LINE), f"```\n{_fenced(command)}\n```"))
    fits = units(shown) <= PAGE_LIMIT
    about = FormId(step=FormStep.REFILL, turn_id=card.turn_id if card is not None else 0, message_id=at.message_id)
    return RecipePage(
        content=shown if fits else "\n".join(lines),
        embed=form_embed(form_of(found.recipe, count, words.number_names), words),
        buttons=form_buttons(about, words, redraw=not too_long),
        file=b"" if fits else command.encode(),
    )


def draw_line(recipe: Recipe, count: int) -> str:
    """Write a recipe as the command that makes it, in one line."""
    made = recipe.parameters
    values = {
        "prompt": recipe.prompt,
        "model": made.model,
        "size": str(made.size),
        "steps": str(made.steps),
        "scale": str(made.scale),
        "seed": str(made.seed),
        "enhance": str(made.enhance),
        "control": made.control.value or "off",
        "count": str(count),
    }
    return " ".join(("/draw", *(f"{name}:{one_line(value)}" for name, value in values.items())))


def _fenced(line: str) -> str:
    """Keep a line from closing the block that it stands in."""
    return line.replace("```", "ʼʼʼ")
