"""Pictures: how they are asked for, what comes back, and whether one may be made in a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.domain.messages import Place
from bot.errors import Shortage


class ControlNet(StrEnum):
    """``mh_controlnet_model`` (endpoints.md, section 1)."""

    OFF = ""
    OPENPOSE = "openpose"
    CANNY = "canny"
    DEPTH = "depth"
    FAKE_SCRIBBLE = "fake_scribble"
    SCRIBBLE = "scribble"
    HED = "hed"
    HOUGH = "hough"
    NORMAL = "normal"
    SEG = "seg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A picture's measure in pixels, width × height; each side 64…6240."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


DEFAULT_SIZE = Size(width=960, height=960)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingParameters:
    """How a picture is made; the defaults are the fusion document's (endpoints.md, section 1).

    ``model`` is passed on verbatim; ``seed`` -1 is random, else 0 or more; ``scale`` 1…``SCALE_MAX``;
    ``steps`` 1…``STEPS_MAX``.
    """

    model: str = "Artist_V0.1.3"
    size: Size = DEFAULT_SIZE
    steps: int = 50
    scale: int = 7
    seed: int = -1
    enhance: bool = False
    control: ControlNet = ControlNet.OFF


PARAMETER_FIELDS = frozenset(DrawingParameters.__dataclass_fields__)
"""The names of what a recipe says beside its prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that is needed to make a picture again."""

    prompt: str
    parameters: DrawingParameters


MAX_COUNT = 4
"""Pictures of one drawing."""
MAX_PICTURES = 10
"""Pictures of one answer: Discord takes no more files in one message."""
STEPS_MAX = 150
SCALE_MAX = 20
"""The ranges of steps and scale end there (endpoints.md, section 1); both begin with 1."""
SEED_MAX = 9_999_999
"""The largest seed seen (endpoints.md, section 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The card that a drawing came from: a Discord message of the bot's."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawWish:
    """What a person asked of a drawing beside its prompt; None is what the place has as its default.

    ``count`` 1…4 pictures. ``private``: only the asker sees the card. ``seed`` 0…9999999 is resolved (never -1) once
    the turn is kept, so that the same turn asked again gives the same picture.
    """

    model: str | None = None
    size: Size | None = None
    steps: int | None = None
    scale: int | None = None
    seed: int | None = None
    enhance: bool | None = None
    control: ControlNet | None = None
    count: int = 1
    spoiler: bool | None = None
    private: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamp:
    """A wish that a ceiling of the place made smaller: ``field`` is ``size``, ``steps`` or ``count``."""

    field: str
    asked: str
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPlan:
    """What is drawn: one entry of ``pictures`` for each picture, which differ in their seeds alone.

    ``honoured`` are the fields of ``DrawingParameters`` that the endpoint heeds: the others say nothing of the picture.
    ``unused`` are those that were asked for and that it does not heed. ``larger`` is the next known size, where the
    place allows one. ``origin_deleted``: nothing stands any more where ``origin`` is.
    """

    pictures: tuple[DrawingParameters, ...]
    spoiler: bool = False
    private: bool = False
    origin: Origin | None = None
    origin_deleted: bool = False
    clamps: tuple[Clamp, ...] = ()
    unused: tuple[str, ...] = ()
    honoured: frozenset[str] = PARAMETER_FIELDS
    larger: Size | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingCard:
    """What a finished drawing's card says: ``pictures`` are the recipes of those that came, in their order.

    ``missing`` is how many of the wished ones did not come, ``took_s`` how long they took together, in seconds.
    """

    prompt: str
    pictures: tuple[DrawingParameters, ...]
    asker_id: int
    took_s: float
    plan: DrawPlan
    missing: int = 0


class PictureFormat(StrEnum):
    """Formats that are known by their magic bytes; the value is the file extension."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    GIF = "gif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Bytes that are a picture, checked. ``reduced`` says that it was made smaller to fit the place's file limit."""

    data: bytes
    format: PictureFormat
    width: int
    height: int
    reduced: bool = False

    def __repr__(self) -> str:
        return f"Picture({self.format}, {self.width}x{self.height}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture on the bot's disk, whole and checked, to be uploaded from there."""

    path: Path
    reduced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOnDisk:
    """A file of a picture, as a look at the disk shows it; ``changed_at`` is in seconds since 1970."""

    name: str
    path: Path
    size_bytes: int
    changed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as it is kept: the key is (``turn_id``, ``index``).

    ``message_id`` is None until Discord has it. ``stored`` is the name of the file that holds its bytes, while the bot
    keeps them. ``took_s`` is how long the endpoint took, in seconds, as far as that is known. ``private``: only the
    asker sees it.
    """

    turn_id: int
    index: int
    channel_id: int
    message_id: int | None
    prompt: str
    parameters: DrawingParameters
    filename: str
    created_at: datetime
    guild_id: int | None = None
    asker_id: int = 0
    took_s: float | None = None
    stored: str | None = None
    spoiler: bool = False
    private: bool = False


class DrawingDenial(StrEnum):
    """Why no picture may be made; each has words for people in every language."""

    CANNOT_ATTACH = "cannot_attach"
    SWITCHED_OFF = "switched_off"
    QUEUE_FULL = "queue_full"
    CONFIRM = "confirm"
    """Nothing speaks against it; the person is asked first, since it has its price."""


Denial = DrawingDenial | Shortage
"""Why no picture may be made: also a quota of pictures that is used up."""


class IntentCheck(StrEnum):
    """When the endpoint is asked first whether a drawing is wanted, at the price of a second call if one is."""

    AUTO = "auto"
    """Where a picture would be refused."""
    ALWAYS = "always"
    NEVER = "never"
    """Never before a drawing that may be made; where none may, the request still says so."""
    CONFIRM = "confirm"
    """Always, and the person is asked before the picture is made."""


def drawing_denial(
    place: Place, *, allowed: bool, queue_full: bool = False, shortage: Shortage | None = None
) -> Denial | None:
    """Say why no drawing may be made here, or None where one may; ``allowed`` is the setting in force.

    ``queue_full``: the line of drawings takes no more. ``shortage`` is the quota that does not allow it. The one place
    that decides it.
    """
    if not allowed:
        return DrawingDenial.SWITCHED_OFF
    if not place.can_attach:
        return DrawingDenial.CANNOT_ATTACH
    if shortage is not None:
        return shortage
    return DrawingDenial.QUEUE_FULL if queue_full else None


def draws_at_once(denial: Denial | None, mode: IntentCheck, *, can_check: bool, changes: bool = False) -> bool:
    """Decide ``output_img`` of the first call: whether a drawing that is wanted is made by it.

    ``can_check`` is the endpoint's ``Capabilities.intent_check``: one that can't is not asked twice for nothing.
    ``changes``: the question replies to a picture; if it wants another, that one is drawn by a prompt of its own.
    """
    checks = mode in (IntentCheck.ALWAYS, IntentCheck.CONFIRM) or (changes and mode is IntentCheck.AUTO)
    return denial is None and not (checks and can_check)
