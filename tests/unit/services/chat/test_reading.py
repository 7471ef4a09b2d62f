"""One call of the model: every kind of event, and what the reply ends with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.drawing.chunk import recipe_chunk
from bot.domain.drawing.denial import DrawingDenial
from bot.domain.drawing.plan import Commission, DrawPlan
from bot.domain.model.events import (
    DrawingIntent,
    Failure,
    Finish,
    FinishReason,
    PictureBytes,
    PictureUrl,
    Progress,
    ReasoningDelta,
    Retraction,
    Retrying,
    TextDelta,
    Usage,
)
from bot.domain.model.messages import PromptMessage, Role
from bot.domain.model.request import Mode, ModelRequest
from bot.domain.people import Place
from bot.domain.picture.files import KeptPicture, Picture, PictureFile
from bot.domain.picture.parameters import MAX_PICTURES, DrawingParameters, Recipe
from bot.domain.picture.ports import Errand
from bot.domain.reply.ending import Ending
from bot.domain.settings.catalogue import Settings
from bot.domain.settings.choices import Reasoning
from bot.domain.settings.in_force import InForce
from bot.domain.turn.ask import Ask
from bot.domain.turn.record import TurnState
from bot.errors import ErrorKind, ProviderError
from bot.services.model.answer import Answer
from bot.services.model.collector import PictureCollector
from bot.services.model.metering import Metering
from bot.services.model.reader import Conversation
from bot.services.model.registry import Models
from bot.services.model.round import Round
from bot.services.picture.keeper import Keeping, PictureKeeper
from tests.fakes.asks import ANN, BOB, HERE, ask
from tests.fakes.clock import FakeClock
from tests.fakes.model import FakeModel, FakePictures, Step
from tests.fakes.reply.replies import FakeReply
from tests.fakes.stores.calibrations import FakeCalibrationStore
from tests.fakes.stores.drawings import FakeDrawingStore, FakePictureFiles

DONE = Finish(reason=FinishReason.STOP)
REQUEST = ModelRequest(
    mode=Mode.CHAT,
    messages=(PromptMessage(role=Role.USER, content="hello"),),
    user_key="somebody",
    drawing=DrawingParameters(steps=20),
)


class PartlyFailing(FakePictures):
    """Pictures of which some fail, by URL; no fetch returns before ``awaited`` of them are under way."""

    def __init__(self, faults: dict[str, ProviderError]) -> None:
        super().__init__()
        self.awaited = 0
        self._faults = faults
        self._all = asyncio.Event()

    async def fetch(self, url: str, *, limit_bytes: int, errand: Errand) -> Picture:
        picture = await super().fetch(url, limit_bytes=limit_bytes, errand=errand)
        if len(self.fetched) >= self.awaited:
            self._all.set()
        await self._all.wait()
        if url in self._faults:
            raise self._faults[url]
        return picture


@dataclass(kw_only=True)
class Talk:
    """One conversation and what comes of it."""

    model: FakeModel = field(default_factory=FakeModel)
    pictures: FakePictures = field(default_factory=FakePictures)
    reply: FakeReply = field(default_factory=lambda: FakeReply(9000, lambda: None))
    answer: Answer = field(default_factory=Answer)
    files: FakePictureFiles = field(default_factory=FakePictureFiles)
    drawings: FakeDrawingStore = field(default_factory=FakeDrawingStore)
    settings: Settings = field(default_factory=Settings)
    request: ModelRequest = REQUEST

    async def __call__(self, *steps: Step, asked: Ask | None = None, denial: DrawingDenial | None = None) -> Ending:
        """Ask once; fails where a second request is wanted."""
        ending = await self.once(*steps, asked=asked, denial=denial)
        assert ending is not None
        return ending

    async def once(self, *steps: Step, asked: Ask | None = None, denial: DrawingDenial | None = None) -> Ending | None:
        self.model.script(*steps)
        asked = asked or ask()
        keeper = PictureKeeper(self.files, self.drawings, FakeClock(), Keeping())
        models = Models({"fusion": self.model}, default="fusion")
        collector = PictureCollector(self.pictures, keeper, FakeClock())
        metering = Metering(FakeCalibrationStore(), models, FakeClock())
        conversation = Conversation(models, collector, metering, FakeClock())
        commission = Commission(plan=DrawPlan(pictures=(REQUEST.drawing,)), prompt=asked.text)
        settings = InForce(place=self.settings, user=Settings())
        turn = Round(ask=asked, settings=settings, reply=self.reply, answer=self.answer)
        return await conversation.ask(turn, self.request, commission, denial=denial)

    def got(self, ending: Ending) -> list[tuple[str, bytes]]:
        """The files that are to be uploaded, as they are kept."""
        return [(file.filename, self._bytes(file)) for file in ending.pictures]

    def _bytes(self, file: PictureFile) -> bytes:
        assert isinstance(file.picture, KeptPicture)
        data = self.files.files[file.picture.path.name]
        chunk = recipe_chunk(Recipe(prompt=file.alt, parameters=REQUEST.drawing))
        assert chunk in data
        return data.replace(chunk, b"")


@pytest.fixture
async def talk() -> Talk:
    return Talk()


def kind(ending: Ending) -> ErrorKind:
    assert ending.state is TurnState.FAILED
    assert isinstance(ending.problem, ProviderError)
    return ending.problem.kind


@pytest.mark.parametrize("reason", [FinishReason.STOP, FinishReason.LENGTH, FinishReason.UNKNOWN])
async def test_words_come_through_as_they_come(talk: Talk, reason: FinishReason) -> None:
    usage = Usage(prompt_tokens=3, completion_tokens=2)
    ending = await talk(1.0, TextDelta(text="Hel"), 1.0, TextDelta(text="lo"), usage, Finish(reason=reason))
    assert ending == Ending(state=TurnState.COMPLETE, reason=reason)
    assert talk.reply.text == talk.answer.text == "Hello"
    assert talk.answer.usage == usage
    assert talk.answer.first_event_at == pytest.approx(1.0, abs=0.01)
    assert talk.model.open_streams == 0


async def test_a_note_that_the_model_copies_is_neither_shown_nor_kept(talk: Talk) -> None:
    told = PromptMessage(role=Role.USER, content="draw\n[A picture was drawn for this and sent on 2026-02-01]")
    talk.request = replace(REQUEST, messages=(told, *REQUEST.messages))
    copied = ("Sure. [A picture was drawn for this and sent on 2026", "-03-0", "1: a fox]", " Else?")
    await talk(*(TextDelta(text=text) for text in copied), DONE)
    assert talk.reply.text == talk.answer.text == "Sure.  Else?"
    unanswered = PromptMessage(role=Role.ASSISTANT, content="[no answer was given]")
    whole = Talk(request=replace(REQUEST, messages=(*REQUEST.messages, unanswered, *REQUEST.messages)))
    assert kind(await whole(TextDelta(text="[no answer was "), TextDelta(text="given]"), DONE)) is ErrorKind.EMPTY
    assert whole.reply.text == ""


async def test_an_answer_like_a_note_that_was_not_told_stands(talk: Talk) -> None:
    await talk(TextDelta(text="Here you "), TextDelta(text="are!"), DONE)
    assert talk.reply.text == talk.answer.text == "Here you are!"


async def test_what_was_held_back_comes_before_the_end(talk: Talk) -> None:
    drawn = PromptMessage(role=Role.USER, content="[A picture was drawn for this and sent on 2026-02-01]")
    talk.request = replace(REQUEST, messages=(drawn,))
    await talk(TextDelta(text="Half [A pic"), Failure(error=ProviderError(ErrorKind.TRUNCATED)))
    assert talk.answer.text == "Half [A pic"


async def test_what_a_model_thinks_is_not_shown_but_is_a_sign_of_life(talk: Talk) -> None:
    await talk(1.0, ReasoningDelta(text="hmm"), 5.0, TextDelta(text="Hi"), DONE)
    assert talk.reply.text == "Hi"
    assert talk.answer.first_event_at == pytest.approx(1.0, abs=0.01)


async def test_text_that_turns_out_to_be_reasoning_is_taken_back(talk: Talk) -> None:
    await talk(TextDelta(text="hm, "), TextDelta(text="so"), Retraction(), TextDelta(text="Hi"), DONE)
    assert talk.reply.text == talk.answer.text == "Hi"


async def test_an_answer_of_which_all_is_taken_back_is_empty(talk: Talk) -> None:
    assert kind(await talk(TextDelta(text="hm"), Retraction(), DONE)) is ErrorKind.EMPTY
    assert talk.reply.text == ""


async def test_thoughts_alone_are_no_answer(talk: Talk) -> None:
    assert kind(await talk(ReasoningDelta(text="hmm"), DONE)) is ErrorKind.EMPTY


@pytest.mark.parametrize("text", [" ", "\n\n"])
async def test_blank_text_is_no_answer(talk: Talk, text: str) -> None:
    assert kind(await talk(TextDelta(text=text), DONE)) is ErrorKind.EMPTY


async def test_text_that_was_filtered_stands_and_is_explained(talk: Talk) -> None:
    ending = await talk(TextDelta(text="Half"), Finish(reason=FinishReason.FILTERED))
    assert kind(ending) is ErrorKind.CONTENT_FILTERED
    assert talk.reply.text == "Half"


async def test_a_failure_after_text_leaves_the_text(talk: Talk) -> None:
    error = ProviderError(ErrorKind.TRUNCATED)
    ending = await talk(TextDelta(text="Half"), Failure(error=error))
    assert ending == Ending(state=TurnState.FAILED, problem=error)
    assert talk.answer.text == "Half"


async def test_a_picture_that_came_before_a_failure_is_delivered(talk: Talk) -> None:
    """It is made and paid for; that the answer broke off is said below it."""
    error = ProviderError(ErrorKind.TRUNCATED)
    ending = await talk(PictureUrl(url="http://h/1"), Failure(error=error))
    assert (ending.state, ending.problem) == (TurnState.FAILED, error)
    assert talk.got(ending) == [("drawing-5000-1.png", b"http://h/1")]
    assert talk.answer.recipes == (REQUEST.drawing,)


async def test_a_failure_where_no_picture_may_be_shown_fetches_nothing(talk: Talk) -> None:
    steps = (PictureUrl(url="http://h/1"), Failure(error=ProviderError(ErrorKind.TRUNCATED)))
    ending = await talk(*steps, denial=DrawingDenial.SWITCHED_OFF)
    assert kind(ending) is ErrorKind.TRUNCATED
    assert (ending.pictures, talk.pictures.fetched) == ((), [])


async def test_a_stream_that_says_no_end_is_a_fault_of_the_endpoint(talk: Talk) -> None:
    assert kind(await talk(TextDelta(text="Half"))) is ErrorKind.PROTOCOL


async def test_the_connection_is_closed_when_whoever_reads_is_cancelled(talk: Talk) -> None:
    task = asyncio.create_task(talk(TextDelta(text="Half"), asyncio.Event()))
    await asyncio.sleep(1)
    assert talk.model.open_streams == 1
    task.cancel()
    await asyncio.wait((task,))
    assert talk.model.open_streams == 0
    assert talk.answer.text == "Half"


async def test_a_picture_is_fetched_within_the_place_s_limit(talk: Talk) -> None:
    asked = ask(text="a fox", place=Place(channel_id=1000, guild_id=1, file_limit_bytes=1234))
    ending = await talk(Progress(text="drawing"), PictureUrl(url="http://h/1"), DONE, asked=asked)
    assert talk.reply.drawing
    room = 1234 - len(recipe_chunk(Recipe(prompt="a fox", parameters=REQUEST.drawing)))
    assert talk.pictures.fetched == [("http://h/1", room)]
    assert talk.got(ending) == [("drawing-5000-1.png", b"http://h/1")]
    assert ending.pictures[0].alt == "a fox"
    assert (ending.state, ending.problem) == (TurnState.COMPLETE, None)
    assert talk.answer.recipes == (REQUEST.drawing,)


@pytest.mark.parametrize(
    ("changes", "errand"),
    [
        ({}, Errand(asker_id=ANN.id, guild_id=HERE.guild_id)),
        ({"payer": BOB}, Errand(asker_id=BOB.id, guild_id=HERE.guild_id)),
        ({"place": Place(channel_id=1)}, Errand(asker_id=ANN.id)),
    ],
    ids=["asker", "who pays", "direct message"],
)
async def test_a_picture_is_fetched_for_who_pays(talk: Talk, changes: dict[str, Any], errand: Errand) -> None:
    events = (PictureUrl(url="http://h/1"), PictureUrl(url="http://h/2", named=True))
    await talk(*events, DONE, asked=ask(**changes))
    assert talk.pictures.errands == [errand, replace(errand, named=True)]


async def test_several_pictures_of_both_kinds_in_their_order_and_no_more_than_a_message_holds(talk: Talk) -> None:
    events: list[Step] = [PictureBytes(data=b"first"), *(PictureUrl(url=f"http://h/{n}") for n in range(MAX_PICTURES))]
    ending = await talk(TextDelta(text="Here: "), *events, DONE)
    assert len(ending.pictures) == MAX_PICTURES
    assert [data for _, data in talk.got(ending)[:2]] == [b"first", b"http://h/0"]
    assert len({file.filename for file in ending.pictures}) == MAX_PICTURES
    assert talk.answer.text == "Here: "


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ErrorKind.PICTURE_FETCH, ErrorKind.PICTURE_FETCH),
        (ErrorKind.PICTURE_HOST, ErrorKind.PICTURE_HOST),
        (ErrorKind.PICTURE_NAMED, ErrorKind.PICTURE_NAMED),
        (ErrorKind.PICTURE_BUSY, ErrorKind.PICTURE_BUSY),
        (ErrorKind.PICTURE_SLOW, ErrorKind.PICTURE_SLOW),
        (ErrorKind.TOO_LARGE, ErrorKind.TOO_LARGE),
        (ErrorKind.CANCELLED, ErrorKind.CANCELLED),
        (ErrorKind.NETWORK, ErrorKind.PICTURE_FETCH),
        (ErrorKind.TIMEOUT_FIRST_BYTE, ErrorKind.PICTURE_FETCH),
    ],
)
async def test_an_only_picture_that_does_not_come_fails_the_turn(talk: Talk, fault: ErrorKind, told: ErrorKind) -> None:
    """A fault of the network on the way to a picture is not told as the model's."""
    talk.pictures.failing = ProviderError(fault)
    ending = await talk(PictureUrl(url="http://h/1"), DONE)
    assert kind(ending) is told
    assert ending.pictures == ()
    assert talk.answer.made == {}


@pytest.mark.parametrize("event", [PictureUrl(url="http://h/1"), PictureBytes(data=b"no picture")])
async def test_words_stand_although_the_picture_in_them_does_not_come(talk: Talk, event: Step) -> None:
    talk.pictures.failing = ProviderError(ErrorKind.PICTURE_FETCH)
    ending = await talk(TextDelta(text="A fox is red."), event, Finish(reason=FinishReason.LENGTH))
    assert (ending.state, ending.reason) == (TurnState.COMPLETE, FinishReason.LENGTH)
    assert isinstance(ending.problem, ProviderError)
    assert ending.problem.kind is ErrorKind.PICTURE_FETCH
    assert talk.reply.text == talk.answer.text == "A fox is red."
    assert talk.answer.made == {}


async def test_of_several_pictures_those_that_come_are_delivered_and_the_others_told(talk: Talk) -> None:
    talk.pictures = PartlyFailing({"http://h/2": ProviderError(ErrorKind.TIMEOUT_IDLE)})
    ending = await talk(*(PictureUrl(url=f"http://h/{number}") for number in (1, 2, 3)), DONE)
    assert ending.state is TurnState.COMPLETE
    assert talk.got(ending) == [
        ("drawing-5000-1.png", b"http://h/1"),
        ("drawing-5000-3.png", b"http://h/3"),
    ]
    assert isinstance(ending.problem, ProviderError)
    assert ending.problem.kind is ErrorKind.PICTURE_FETCH


@pytest.mark.parametrize(
    ("failing", "got"),
    [
        ((), b"http://h/full"),
        (("http://h/full",), b"http://h/small"),
        (("http://h/full", "http://h/small"), None),
    ],
    ids=["the picture", "its thumbnail", "neither"],
)
async def test_a_thumbnail_serves_where_the_picture_does_not_come(
    talk: Talk, failing: tuple[str, ...], got: bytes | None
) -> None:
    kinds = dict(zip(failing, (ErrorKind.PICTURE_HOST, ErrorKind.PICTURE_FETCH), strict=False))
    talk.pictures = PartlyFailing({url: ProviderError(kind) for url, kind in kinds.items()})
    ending = await talk(PictureUrl(url="http://h/full", thumbnail="http://h/small"), DONE)
    assert [data for _, data in talk.got(ending)] == ([] if got is None else [got])
    if got is None:
        assert kind(ending) is ErrorKind.PICTURE_HOST


async def test_pictures_are_fetched_side_by_side_and_keep_their_order(talk: Talk) -> None:
    """Their addresses expire: the last one does not wait for the first."""
    talk.pictures = pictures = PartlyFailing({})
    pictures.awaited = 3
    ending = await talk(*(PictureUrl(url=f"http://h/{number}") for number in (1, 2, 3)), DONE)
    assert [data for _, data in talk.got(ending)] == [b"http://h/1", b"http://h/2", b"http://h/3"]


async def test_a_filtered_answer_keeps_the_pictures_that_came(talk: Talk) -> None:
    ending = await talk(PictureUrl(url="http://h/1"), Finish(reason=FinishReason.FILTERED))
    assert kind(ending) is ErrorKind.CONTENT_FILTERED
    assert len(ending.pictures) == 1


@pytest.mark.parametrize("events", [(DrawingIntent(),), (PictureUrl(url="http://h/1"),), (PictureBytes(data=b"x"),)])
async def test_where_no_drawing_may_be_made_it_is_denied_in_words(talk: Talk, events: tuple[Step, ...]) -> None:
    ending = await talk(*events, DONE, denial=DrawingDenial.CANNOT_ATTACH)
    assert ending == Ending(state=TurnState.COMPLETE, problem=DrawingDenial.CANNOT_ATTACH)
    assert not talk.reply.drawing
    assert talk.pictures.fetched == []
    assert talk.pictures.accepted == []


async def test_a_denial_does_not_touch_an_answer_in_words(talk: Talk) -> None:
    ending = await talk(TextDelta(text="Hi"), DONE, denial=DrawingDenial.CANNOT_ATTACH)
    assert ending == Ending(state=TurnState.COMPLETE)


async def test_a_drawing_that_is_wanted_and_may_be_made_asks_for_a_second_request(talk: Talk) -> None:
    assert await talk.once(DrawingIntent(), Usage(prompt_tokens=3), DONE) is None
    await talk(PictureUrl(url="http://h/1"), Usage(prompt_tokens=4, pictures=1), DONE)
    assert talk.answer.usage == Usage(prompt_tokens=7, pictures=1)


async def test_a_failure_with_an_intent_is_a_failure(talk: Talk) -> None:
    ending = await talk(DrawingIntent(), Failure(error=ProviderError(ErrorKind.QUOTA)))
    assert kind(ending) is ErrorKind.QUOTA


# --- while it waits ------------------------------------------------------------------------------------------------

THOUGHT = ReasoningDelta(text="hm")


@pytest.mark.parametrize(
    ("reasoning", "steps", "thoughts"),
    [
        (Reasoning.LINE, (THOUGHT, THOUGHT, TextDelta(text="Hi")), 1),
        (Reasoning.LINE, (TextDelta(text="Hi"), THOUGHT), 0),
        (Reasoning.LINE, (TextDelta(text="Hi"),), 0),
        (Reasoning.HIDDEN, (THOUGHT, THOUGHT, TextDelta(text="Hi")), 0),
    ],
)
async def test_a_model_that_thinks_is_told_of_once_and_as_set(
    talk: Talk, reasoning: Reasoning, steps: tuple[Step, ...], thoughts: int
) -> None:
    talk.settings = Settings(reasoning=reasoning)
    await talk(*steps, DONE)
    assert (talk.reply.thoughts, talk.reply.text, talk.answer.text) == (thoughts, "Hi", "Hi")


async def test_thoughts_before_a_drawing_that_is_certain_leave_its_progress_alone(talk: Talk) -> None:
    talk.request = replace(REQUEST, certain=True)
    await talk(THOUGHT, PictureUrl(url="http://h/1"), DONE)
    assert (talk.reply.thoughts, talk.reply.drawing) == (0, True)


async def test_another_try_is_told_and_is_nothing_of_the_answer(talk: Talk) -> None:
    error = ProviderError(ErrorKind.RATE_LIMITED)
    await talk(Retrying(error=error, after_s=40.0), 40.0, TextDelta(text="Hi"), DONE)
    assert talk.reply.retries == [(ErrorKind.RATE_LIMITED, 40.0)]
    assert talk.answer.text == "Hi"
    assert talk.answer.first_event_at == pytest.approx(40.0, abs=0.1)
