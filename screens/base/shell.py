"""Interface of the app as seen by every page."""

from collections.abc import Mapping
from typing import Protocol, cast

from textual.dom import DOMNode


class Shell(Protocol):
    """The app as used by the frame.

    Attributes:
        seen_pages: pages of questions that have been opened.
        problem_counts: page to the number of answers on it that are missing or not accepted.

    """

    seen_pages: set[str]
    problem_counts: Mapping[str, int]

    @property
    def badge(self) -> str:
        """Shown in reverse video on every page: REHEARSAL, REPLAY, or ""."""

    @property
    def subtitle_text(self) -> str:
        """Installation and subscription, for the top line."""

    @property
    def page_keys(self) -> tuple[str, ...]:
        """The pages of questions, in order."""


def shell_of(node: DOMNode) -> Shell:
    """The app of a widget or screen. Every screen of this package is shown by an app that is a Shell."""
    return cast("Shell", node.app)
