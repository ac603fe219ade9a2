"""Answers to the questions of a run: given in advance, by the attending user, or from another terminal."""

import queue
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from installer.engine.answer_forms import refusal_of
from installer.engine.events import Event
from installer.engine.inbox import take
from installer.engine.step import Question, Stop
from installer.errors import UsageError

POLL_SECONDS = 0.2
"""Poll interval for answers from another terminal and for the stop signal."""


def check_replies(replies: Mapping[str, str], past: Iterable[Event]) -> None:
    """Refuse a reply to a question that an earlier attempt asked, if its form is wrong (UsageError)."""
    asked = {str(event.data.get("key")): event for event in past if event.kind == "question"}
    for key, answer in replies.items():
        if key in asked and (refused := refusal_of(answer, asked[key])):
            raise UsageError(f"--answer {key}: {refused}")


class Prompts:
    """Answers for one run. Thread-safe; one question is open at a time.

    Args:
        given: answers in advance, by question key.
        attended: a user can be asked.

    """

    def __init__(self, directory: Path, given: Mapping[str, str], *, attended: bool) -> None:
        self.attended = attended
        self.question: Question | None = None
        self._directory = directory
        self._given = dict(given)
        self._unasked: set[str] = set()
        self._answers: queue.Queue[str] = queue.Queue()
        self._asking = threading.Lock()

    def answer(self, text: str) -> None:
        """Answer the question that is open."""
        self._answers.put(text)

    def reply(self, replies: Mapping[str, str]) -> None:
        """Answer questions, by their keys, before they are asked."""
        self._given.update(replies)
        self._unasked.update(replies)

    def assume(self, replies: Mapping[str, str]) -> None:
        """Replies to questions that may never be asked; a given reply wins."""
        self._given = {**replies, **self._given}

    @property
    def unasked(self) -> list[str]:
        """Keys of replies whose question was never asked."""
        return sorted(self._unasked)

    def ask(self, question: Question, stop: Stop) -> str | None:
        """The answer; blocks until it is given. None in an unattended run, or when the run is to stop."""
        self._unasked.discard(question.key)
        if (given := self._given.pop(question.key, None)) is not None:
            return given
        if not self.attended:
            return None
        with self._asking:  # one question at a time: the answer that comes is the answer to this one
            return self._asked(question, stop)

    def _asked(self, question: Question, stop: Stop) -> str | None:
        while not self._answers.empty():
            self._answers.get_nowait()
        take(self._directory, question.key)
        self.question = question
        try:
            while not stop.requested:
                try:
                    return self._answers.get(timeout=POLL_SECONDS)
                except queue.Empty:
                    if (posted := take(self._directory, question.key)) is not None:
                        return posted
            return None
        finally:
            self.question = None
