"""Forms about a drawing: the modals that people fill in, and the messages that keep what was typed.

A form is known by its id alone, and what was typed stands in the message that says what is wrong with it: both work
after any restart, and in any process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.domain.drawing.form import OTHER_SIZE, DrawForm, WishField, option_values
from bot.domain.drawing.form_id import FormId, FormStep, form_id
from bot.domain.drawing.recipes import PROMPT_MAX_CHARS
from bot.domain.page.foreign import escaped, lines, one_line, unescaped
from bot.domain.picture.parameters import Recipe, Size
from bot.presentation.inbound.inputs import inputs_of
from bot.presentation.words import drawings as text
from bot.presentation.words.drawings import CardWords

MODEL_CHARS = 100
NUMBERS_CHARS = 200
SIZE_CHARS = 20
FIELD_CHARS = 1024
"""Discord's limit for a field of an embed."""
OPTIONS_LIMIT = 25
"""Discord's limit for the choices of a select menu."""
_NOTHING = "—"
_CUT = "…"
"""What stands behind a prompt of which only the beginning fits. With it, it is longer than one that may be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """What somebody typed, kept in the words that say why it is not drawn; ``about`` is what it is known by there."""

    form: DrawForm
    about: FormId


def edit_modal(found: FormId, form: DrawForm, words: CardWords) -> discord.ui.Modal:
    """Make the form with everything in it, filled in with what there is."""
    modal = _modal(found, words.say(text.EDIT_TITLE))
    help_ = None
    if len(form.prompt) > PROMPT_MAX_CHARS:
        longest = str(PROMPT_MAX_CHARS)
        help_ = words.say(text.PROMPT_CUT if found.turn_id else text.PROMPT_TOO_LONG, longest=longest)
    prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=WishField.PROMPT.value,
        style=discord.TextStyle.paragraph,
        default=form.prompt[:PROMPT_MAX_CHARS] or None,
        max_length=PROMPT_MAX_CHARS,
    )
    modal.add_item(discord.ui.Label(text=words.say(text.PROMPT_LABEL), description=help_, component=prompt))
    _add_text(modal, WishField.MODEL, words.say(text.MODEL_LABEL), form.model, MODEL_CHARS)
    _add_text(modal, WishField.SIZE, words.say(text.SIZE_LABEL), form.size, SIZE_CHARS, words.say(text.SIZE_HELP))
    numbers = words.say(text.NUMBERS_LABEL)
    _add_text(modal, WishField.NUMBERS, numbers, form.numbers, NUMBERS_CHARS, words.say(text.NUMBERS_HELP))
    options = [
        discord.SelectOption(
            label=words.option(control, enhance=enhance), value=value, default=value == form.options.strip()
        )
        for value, control, enhance in option_values()
    ]
    # Nothing chosen is the place's default, and stays so where nothing was.
    _add_select(modal, WishField.CONTROL, words.say(text.OPTIONS_LABEL), options, required=bool(form.options.strip()))
    return modal


def vary_modal(
    found: FormId, recipe: Recipe, recipes: Sequence[Recipe], count: int, words: CardWords
) -> discord.ui.Modal:
    """Make the form for the same seed with other steps or another scale."""
    made = recipe.parameters
    modal = _modal(found, words.say(text.VARY_TITLE))
    _add_text(modal, WishField.STEPS, words.say(text.STEPS_LABEL), str(made.steps), 10)
    _add_text(modal, WishField.SCALE, words.say(text.SCALE_LABEL), str(made.scale), 10, words.say(text.SCALE_HELP))
    _add_pictures(modal, recipes, count, words)
    return modal


def size_modal(found: FormId, size: Size, sizes: Sequence[Size], words: CardWords) -> discord.ui.Modal:
    """Make the form for another size: one of the known ones, or any."""
    modal = _modal(found, words.say(text.SIZE_TITLE))
    options = [
        discord.SelectOption(label=words.size(one), value=str(one), default=one == size)
        for one in sizes[:OPTIONS_LIMIT]
    ]
    if options:
        _add_select(modal, WishField.SIZE, words.say(text.SIZE_LABEL), options, required=False)
    other = words.say(text.OTHER_SIZE_LABEL) if options else words.say(text.SIZE_LABEL)
    _add_text(modal, OTHER_SIZE, other, "", SIZE_CHARS, words.say(text.SIZE_HELP))
    return modal


def upscale_modal(
    found: FormId, recipes: Sequence[Recipe], count: int, size: Size, words: CardWords
) -> discord.ui.Modal:
    """Make the form that asks which one of several pictures is drawn larger."""
    modal = _modal(found, words.say(text.UPSCALE_TITLE, size=str(size)))
    _add_pictures(modal, recipes, count, words)
    return modal


def typed(interaction: discord.Interaction) -> dict[str, str]:
    """Read what was filled in, by the fields' ids; untrusted."""
    found: dict[str, str] = {}
    for one in inputs_of(interaction):
        name, value, values = one.get("custom_id"), one.get("value"), one.get("values")
        if isinstance(name, str) and isinstance(value, str):
            found[name] = value
        elif isinstance(name, str) and isinstance(values, list) and values:
            found[name] = str(values[0])
    return found


def form_embed(form: DrawForm, words: CardWords) -> discord.Embed:
    """Show a form as it was typed, so that it can be read back from the message.

    A prompt that is too long is read back as one that is too long.
    """
    prompt = lines(form.prompt)
    if len(prompt) > PROMPT_MAX_CHARS:
        prompt = prompt[:PROMPT_MAX_CHARS] + _CUT
    embed = discord.Embed(description=escaped(prompt) or _NOTHING)
    for field, value in (
        (WishField.MODEL, form.model),
        (WishField.SIZE, form.size),
        (WishField.NUMBERS, form.numbers),
        (WishField.CONTROL, form.options),
    ):
        embed.add_field(
            name=words.say(text.FIELDS[field]), value=escaped(one_line(value)[: FIELD_CHARS // 2]) or _NOTHING
        )
    return embed


def form_in(message: discord.Message | None) -> DrawForm | None:
    """Read the form that a message of the bot's shows; None where it shows none."""
    if message is None or not message.embeds or len(message.embeds[0].fields) != 4:  # as above
        return None
    embed = message.embeds[0]
    model, size, numbers, options = (_plain(field.value) for field in embed.fields)
    return DrawForm(prompt=_plain(embed.description), model=model, size=size, numbers=numbers, options=options)


def form_buttons(about: FormId, words: CardWords, *, redraw: bool) -> discord.ui.View:
    """Make the buttons under a form that is shown: open it again and, with ``redraw``, draw it as it stands.

    ``about`` is what the form is about, whatever its step.
    """
    view = discord.ui.View(timeout=None)
    if redraw:
        again = form_id(replace(about, step=FormStep.REDRAW))
        view.add_item(discord.ui.Button(custom_id=again, emoji="🎨", label=words.say(text.DRAW_AGAIN)))
    refill = form_id(replace(about, step=FormStep.REFILL))
    label = words.say(text.EDIT if redraw else text.EDIT_AGAIN)
    view.add_item(discord.ui.Button(custom_id=refill, emoji="✏️", label=label))
    view.stop()
    return view


def _modal(found: FormId, title: str) -> discord.ui.Modal:
    """Make an empty form, finished from the start as the buttons of a reply are: the library does not keep it."""
    modal = discord.ui.Modal(title=title, custom_id=form_id(found))
    modal.stop()
    return modal


def _add_text(
    modal: discord.ui.Modal, field: str, label: str, value: str, longest: int, help_: str | None = None
) -> None:
    text_input: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=field, default=value[:longest] or None, max_length=longest, required=False
    )
    modal.add_item(discord.ui.Label(text=label, description=help_, component=text_input))


def _add_select(
    modal: discord.ui.Modal, field: WishField, label: str, options: list[discord.SelectOption], *, required: bool = True
) -> None:
    select: discord.ui.Select[Any] = discord.ui.Select(custom_id=field.value, options=options, required=required)
    modal.add_item(discord.ui.Label(text=label, component=select))


def _add_pictures(modal: discord.ui.Modal, recipes: Sequence[Recipe], count: int, words: CardWords) -> None:
    if len(recipes) < 2:  # there is nothing to choose
        return
    options = [discord.SelectOption(label=words.all_pictures(count), value="all", default=True)]
    options += (
        discord.SelectOption(label=words.picture(number, recipe.parameters.seed), value=str(number))
        for number, recipe in enumerate(recipes, 1)
    )
    _add_select(modal, WishField.PICTURE, words.say(text.PICTURE_LABEL), options)


def _plain(value: str | None) -> str:
    plain = unescaped(value or "")
    return "" if plain == _NOTHING else plain
