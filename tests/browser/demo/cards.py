"""The small test bot's messages and forms: one of every part that Discord's bots can send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import discord
from discord import ui
from PIL import Image

ACCENT = 0xE8623D
COLOURS = ((232, 98, 61), (63, 122, 168), (87, 150, 92), (190, 150, 60), (120, 90, 160))
STYLES = ("watercolour", "woodcut", "pixels")
NO_ANSWER = "no answer"
README = "# Foxes\n\nA fox is a small omnivorous mammal.\n"
SCRIPT = "def fox(times: int) -> str:\n    return 'ring-ding-ding' * times  # what it says\n"


def picture(
    name: str = "fox.png",
    description: str | None = "a fox in the snow",
    size: tuple[int, int] = (320, 240),
    colour: int = 0,
    *,
    spoiler: bool = False,
) -> discord.File:
    """Return a small PNG with words for those who can't see it."""
    out = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour % len(COLOURS)]).save(out, "PNG")
    out.seek(0)
    return discord.File(out, name, description=description, spoiler=spoiler)


def text_file(name: str, text: str) -> discord.File:
    """Return a text file."""
    return discord.File(io.BytesIO(text.encode()), name)


def rich_embed() -> discord.Embed:
    """Return an embed with every part; its pictures are attachments of the names used here."""
    embed = discord.Embed(
        title="The **fox**",
        url="https://example.com/fox",
        description="Lives in `forests`.\n> and in towns",
        colour=ACCENT,
        timestamp=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    )
    embed.set_author(name="A naturalist", url="https://example.com/", icon_url="attachment://mark.png")
    embed.set_footer(text="Field notes", icon_url="attachment://mark.png")
    embed.set_image(url="attachment://large.png")
    embed.set_thumbnail(url="attachment://small.png")
    for name, value in (("Length", "60 cm"), ("Weight", "5 kg"), ("Tail", "40 cm")):
        embed.add_field(name=name, value=value)
    return embed.add_field(name="Diet", value="- mice\n- berries", inline=False)


class EditModal(ui.Modal, title="Edit the drawing"):
    """Asks for a text and a choice."""

    prompt: ui.Label[EditModal] = ui.Label(
        text="Prompt", description="What to draw", component=ui.TextInput(custom_id="prompt", default="a fox")
    )
    size: ui.Label[EditModal] = ui.Label(
        text="Size",
        component=ui.Select(
            custom_id="size",
            options=[discord.SelectOption(label=one, value=one) for one in ("512x512", "960x960")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, size = self.prompt.component, self.size.component
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(size, ui.Select)
        if prompt.value == NO_ANSWER:
            raise LookupError(prompt.value)  # logged, and left unanswered
        await interaction.response.send_message(f"Edited: {prompt.value}, {size.values[0]}")


class Questions(ui.Modal, title="Many questions"):
    """Has a text and one field of each kind that is not in the other modal."""

    words: ui.TextDisplay[Any] = ui.TextDisplay("Tell us **about foxes**.")
    story: ui.Label[Questions] = ui.Label(
        text="Story",
        component=ui.TextInput(custom_id="story", style=discord.TextStyle.paragraph, min_length=10, max_length=200),
    )
    friend: ui.Label[Questions] = ui.Label(text="Friend", component=ui.UserSelect(custom_id="friend"))
    colour: ui.Label[Questions] = ui.Label(
        text="Colour",
        component=ui.RadioGroup(
            custom_id="colour",
            options=[discord.RadioGroupOption(label=one.title(), value=one) for one in ("red", "white")],
        ),
    )
    places: ui.Label[Questions] = ui.Label(
        text="Places",
        component=ui.CheckboxGroup(
            custom_id="places",
            min_values=1,
            max_values=2,
            options=[discord.CheckboxGroupOption(label=one.title(), value=one) for one in ("forest", "town", "field")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        story, friend = self.story.component, self.friend.component
        colour, places = self.colour.component, self.places.component
        assert isinstance(story, ui.TextInput)
        assert isinstance(friend, ui.UserSelect)
        assert isinstance(colour, ui.RadioGroup)
        assert isinstance(places, ui.CheckboxGroup)
        words = f"{story.value}; {friend.values[0].name}; {colour.value}; {', '.join(places.values)}"
        await interaction.response.send_message(words)


class Upload(ui.Modal, title="Send a file"):
    """Asks for a file and a consent."""

    file: ui.Label[Upload] = ui.Label(text="File", component=ui.FileUpload(custom_id="file"))
    agreed: ui.Label[Upload] = ui.Label(text="I made it myself", component=ui.Checkbox(custom_id="agreed"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        file, agreed = self.file.component, self.agreed.component
        assert isinstance(file, ui.FileUpload)
        assert isinstance(agreed, ui.Checkbox)
        sent = file.values[0]
        await interaction.response.send_message(f"{sent.filename}, {sent.size} bytes, {agreed.value}")


class Card(ui.View):
    """A button that edits its message, one that opens a modal, one that never answers, and a select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Again", style=discord.ButtonStyle.primary, custom_id="again")
    async def again(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        await interaction.response.edit_message(content="Drawn again.")

    @ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        await interaction.response.send_modal(EditModal())

    @ui.button(label="Broken", custom_id="broken")
    async def broken(self, interaction: discord.Interaction, button: ui.Button[Card]) -> None:
        """Never answer."""

    @ui.select(
        placeholder="Style",
        custom_id="style",
        options=[discord.SelectOption(label=one, value=one, description=f"As {one}") for one in STYLES],
    )
    async def style(self, interaction: discord.Interaction, select: ui.Select[Card]) -> None:
        await interaction.response.send_message(f"Style: {select.values[0]}", ephemeral=True)


class Buttons(ui.View):
    """A button of every style."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for style in ("primary", "secondary", "success", "danger"):
            self.add_item(Told(label=style.title(), style=discord.ButtonStyle[style], custom_id=f"told-{style}"))
        self.add_item(Told(emoji="🦊", custom_id="told-fox"))
        self.add_item(ui.Button(label="Read on", url="https://example.com/"))
        self.add_item(ui.Button(label="Off", custom_id="told-off", disabled=True))


class Told(ui.Button[Buttons]):
    """Says by which button it was pressed."""

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"Pressed: {self.label or self.emoji}")


class Selects(ui.View):
    """A select of every kind that Discord fills."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(cls=ui.UserSelect, placeholder="People", custom_id="users", min_values=2, max_values=2)
    async def users(self, interaction: discord.Interaction, select: ui.UserSelect[Selects]) -> None:
        await tell(interaction, [one.name for one in select.values])

    @ui.select(cls=ui.RoleSelect, placeholder="Role", custom_id="roles")
    async def roles(self, interaction: discord.Interaction, select: ui.RoleSelect[Selects]) -> None:
        await tell(interaction, [one.name for one in select.values])

    @ui.select(
        cls=ui.ChannelSelect, placeholder="Channel", custom_id="channels", channel_types=[discord.ChannelType.text]
    )
    async def channels(self, interaction: discord.Interaction, select: ui.ChannelSelect[Selects]) -> None:
        await tell(interaction, [one.name for one in select.values])

    @ui.select(cls=ui.MentionableSelect, placeholder="Anyone", custom_id="anyone")
    async def anyone(self, interaction: discord.Interaction, select: ui.MentionableSelect[Selects]) -> None:
        await tell(interaction, [one.name for one in select.values])


async def tell(interaction: discord.Interaction, names: Sequence[str]) -> None:
    """Say what was chosen."""
    await interaction.response.edit_message(content=f"Chosen: {', '.join(sorted(names))}")


class Panel(ui.LayoutView):
    """Every component of the second kind. Its pictures and its file are attachments: see `panel_files`."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        link: ui.Button[Panel] = ui.Button(label="Read on", url="https://example.com/")
        items: list[ui.Item[Panel]] = [
            ui.Section(
                "## Panel\nA **section** with a button",
                accessory=ui.Button(label="Press", custom_id="press", disabled=True),
            ),
            ui.Section(
                "A section with a thumbnail", accessory=ui.Thumbnail("attachment://small.png", description="a paw")
            ),
            ui.Separator(),
            ui.MediaGallery(
                discord.MediaGalleryItem("attachment://large.png", description="a fox asleep"),
                discord.MediaGalleryItem("attachment://other.png", spoiler=True),
            ),
            ui.File("attachment://foxes.md"),
            ui.ActionRow(ui.Button(label="Count", custom_id="count", style=discord.ButtonStyle.success), link),
            ui.Separator(visible=False, spacing=discord.SeparatorSpacing.large),
            ui.TextDisplay("-# small print"),
        ]
        self.add_item(ui.Container(*items, accent_colour=ACCENT))
        self.add_item(ui.Container(ui.TextDisplay("the end of the story"), spoiler=True))


def panel_files() -> list[discord.File]:
    """Return the files that a panel shows."""
    return [
        picture("small.png", None, (96, 96), 1),
        picture("large.png", None, (640, 480), 2),
        picture("other.png", None, (480, 640), 3),
        text_file("foxes.md", README),
    ]
