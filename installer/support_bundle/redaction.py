"""Redaction of a support bundle: known secrets, and text that matches a pattern of secrets.

Known secrets are redacted before they reach any file. This is the second line of defence: messages of Azure and libraries,
and manual input, may contain unknown secrets.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from installer.jsontypes import Json
from installer.secret_store import HIDDEN
from installer.support_bundle.secret_patterns import KEY, REFERENCE, without_secrets
from installer.support_bundle.spellings import BASE64, base64_text, plain_spelling

_WORD: Final = re.compile(r"[^\s\"'<>]+")
_LAYERS: Final = 3
"""Encodings in one another that are undone."""


class Redaction:
    """Redacts text and JSON. `known` redacts the secrets of the session."""

    def __init__(self, known: Callable[[str], str] = lambda text: text) -> None:
        self._known = known
        self._seen: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text without secrets; cached, because texts repeat often."""
        if text not in self._seen:
            self._seen[text] = self._clean(text, _LAYERS)
        return self._seen[text]

    def _clean(self, text: str, layers: int) -> str:
        if layers and (plain := plain_spelling(text)) != text and (clean := self._clean(plain, layers - 1)) != plain:
            return clean
        text = self._known(text)
        if layers:
            text = BASE64.sub(lambda found: self._encoded(found[0], base64_text(found[0]), layers), text)
            if "%" in text:
                text = _WORD.sub(lambda found: self._encoded(found[0], unquote(found[0]), layers), text)
        return without_secrets(text)

    def _encoded(self, word: str, plain: str | None, layers: int) -> str:
        """A word whose plain text has a secret: hidden, or in plain text if it was in URL encoding."""
        if plain is None or plain == word or (clean := self._clean(plain, layers - 1)) == plain:
            return word
        return clean if "%" in word else HIDDEN

    def value(self, value: Json) -> Json:
        """A JSON value without secrets; a value with the name of a secret is hidden completely."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, Mapping):
            if isinstance(value.get("value"), str) and isinstance(name := value.get("name") or value.get("key"), str):
                value = {**value, "value": self._named(name, value["value"])}  # as a list of settings has them
            return {self.text(name): self._named(name, item) for name, item in value.items()}
        return value

    def _named(self, name: str, value: Json) -> Json:
        if isinstance(value, str) and KEY.match(name) and not re.match(REFERENCE, value):
            return HIDDEN if value else value
        return self.value(value)
