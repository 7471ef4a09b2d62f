"""The course of a reply: what is wanted of it, what stands, and what was decided about what Discord did not take."""

from __future__ import annotations

from bot.domain.reply.closing import curtailed
from bot.domain.reply.ending import Ending
from bot.errors import Trouble
from bot.presentation.outbound.faults import DeliveryError
from bot.presentation.reply.composition import Composition
from bot.presentation.reply.growing.messages import Change, ReplyMessage, StandingMessages
from bot.presentation.reply.growing.verdict import Situation, Step, without_pictures


class Course:
    """Takes each step that ``verdict`` decides on, without talking to Discord."""

    def __init__(self, composition: Composition, messages: StandingMessages) -> None:
        self.messages = messages
        self.loss: Trouble | None = None
        """Why Discord does not take all of it."""
        self.ending: Ending | None = None
        """How it ended, or is to end: other than was given if Discord did not take that."""
        self.pictures_refused = False
        self._composition = composition
        self._heading_stood = not composition.heading
        self._alone = False

    @property
    def stopped(self) -> bool:
        """Whether there is nothing to do until the end is known."""
        return self.loss is not None and self.ending is None

    def end(self, ending: Ending) -> None:
        """Set the last state; a further call replaces it."""
        if self.loss is None and self._composition.full:
            self.loss = Trouble.NO_MORE_MESSAGES
        # What could not be written for a while may be written now, all of it.
        for_good = self.loss is not Trouble.UNWRITABLE or self.messages.left
        self.ending = curtailed(ending, self.loss) if for_good else ending
        self._composition.end(self.ending)

    def retract(self, text: str) -> None:
        """Go back to a beginning of the answer so far."""
        self._composition.retract(text)
        self.messages.take_back(len(text))
        if self._composition.held:
            self._composition.hold(self.messages.written)

    def next_change(self, now: float) -> Change | None:
        """Find the next request, at a time in monotonic seconds; None if there is none for now."""
        composition = self._composition
        if self.loss is None and self.ending is None and composition.full:
            self.loss = Trouble.NO_MORE_MESSAGES
        if self.stopped:
            return None
        if composition.tells_time:
            composition.tick(now)
        return self.messages.next_change(composition.pages(), ended=self.ending is not None)

    def note(self, index: int, message: ReplyMessage, made: int | None = None) -> None:
        """Note that Discord has taken a message, as a new one with the id ``made``."""
        if made is None:
            self.messages.note_edited(index, message)
        else:
            self.messages.note_made(made, message)
        self.messages.take_back(self._composition.text_chars)  # it may have been on its way when text was taken back
        self._heading_stood = True

    def situation(self, index: int, message: ReplyMessage | None, *, tries: int) -> Situation:
        """Say how things stand when Discord does not take ``message``; None was to go."""
        messages = self.messages
        return Situation(
            ended=self.ending is not None,
            making=index >= len(messages),
            stands=len(messages) > 0,
            inherited=messages.is_inherited(index),
            has_files=message is not None and bool(messages.files_for(index, message)),
            has_controls=message is not None and message.controls is not None,
            new_heading=not self._heading_stood and bool(self._composition.heading),
            held=self._composition.held,
            limited=self.loss is Trouble.NO_MORE_MESSAGES,
            alone=self._alone,
            apart=messages.left > 0,
            tries=tries,
        )

    def take(self, step: Step, error: DeliveryError, index: int) -> None:
        """Do what was decided about the message at ``index``."""
        composition, messages = self._composition, self.messages
        match step:
            case Step.FORGET:
                messages.forget(index)
                return
            case Step.WITHOUT_CONTROLS:
                composition.forbid_controls()
            case Step.WITHOUT_HEADING:
                composition.drop_heading()
            case Step.WITHOUT_FILES if self.ending is not None:
                # The words can still arrive where the file can't.
                composition.forbid_files()
                self.pictures_refused = self.pictures_refused or bool(self.ending.pictures)
                self.ending = without_pictures(self.ending, error.fault)
            case Step.STOP | Step.GIVE_UP:
                self._lose(Trouble.UNWRITABLE)
            case Step.HOLD:
                self._lose(Trouble.TEXT_REFUSED)
                composition.hold(messages.written)
            case Step.NO_MORE:
                self._lose(Trouble.NO_MORE_MESSAGES)
                composition.limit(len(messages))
            case Step.WORDS_ALONE:
                self._alone = True
                composition.hold(messages.written[:-1], joined=False)
                composition.drop_heading()
            case Step.APART:
                self._lose(Trouble.UNWRITABLE)
                messages.leave()
                composition.hold((), joined=False)
                composition.drop_heading()
        if step is Step.GIVE_UP and self.ending is not None:
            self.ending = curtailed(self.ending, self.loss)
        elif self.ending is not None:
            self.end(self.ending)

    def _lose(self, loss: Trouble) -> None:
        # A text that is refused, or messages that are, say more than that nothing can be written.
        if self.loss in (None, Trouble.UNWRITABLE):
            self.loss = loss
