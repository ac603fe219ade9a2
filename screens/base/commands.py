"""Commands of the menu (Ctrl+P): found by their title, or by the words of what they are about."""

from functools import partial
from typing import Protocol, cast

from textual.command import Hit, Hits
from textual.content import Content
from textual.system_commands import SystemCommandsProvider
from typing_extensions import override


class FindsWords(Protocol):
    """An app whose commands are found by more words than those of their titles."""

    def words_of(self, title: str) -> str:
        """Further words of the command with a title."""


class Commands(SystemCommandsProvider):
    """The commands of the app. A match of the title comes before one of the words beside it."""

    @override
    async def search(self, query: str) -> Hits:
        matcher, words = self.matcher(query), query.lower().split()
        app = cast("FindsWords", self.app)
        for title, about, callback, *_ in self.app.get_system_commands(self.screen):
            if (score := matcher.match(title)) > 0:
                yield Hit(1 + score, matcher.highlight(title), partial(callback), help=about)
            elif words and all(word in f"{title} {about} {app.words_of(title)}".lower() for word in words):
                yield Hit(1, Content(title), partial(callback), title, about)
