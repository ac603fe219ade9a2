"""Forms of the answers to questions of a run: every question declares one, and every client checks with the same function.

A form is a name, so that it reaches other processes in the data of the question's event.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from installer.engine.events import Event
from installer.resource_id import GUID
from installer.sanitize import hidden_character

Form = Literal["choice", "id", "digest", "text"]
MAX_SHOWN: Final = 40
"""Characters of a refused answer that are repeated."""


@dataclass(frozen=True)
class _Rule:
    """A form.

    Attributes:
        pattern: matches the whole of an answer in lower case.
        words: what is right, for people.

    """

    pattern: re.Pattern[str]
    words: str


_RULES: Final = {
    # Application (client) IDs are GUIDs: https://learn.microsoft.com/graph/api/resources/application (appId)
    "id": _Rule(GUID, "an ID of the form 00000000-0000-0000-0000-000000000000"),
    # https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
    "digest": _Rule(re.compile(r"sha256:[0-9a-f]{64}\Z"), "sha256: and 64 hexadecimal digits"),
}


def normalized(answer: str, form: str) -> str:
    """An answer as steps get it: without surrounding space; in lower case, unless it is free text."""
    text = answer.strip()
    return text if form == "text" else text.lower()


def refusal(answer: str, form: str, choices: Sequence[str] = ()) -> str:
    """Why an answer is not accepted and what would be, "" if it is accepted. A form of a newer version accepts any text."""
    if hidden := hidden_character(answer.strip()):
        return f"the answer has the hidden character {hidden}: type it again without it"
    text = normalized(answer, form)
    if choices:
        right = ", ".join(choices) if text not in {choice.lower() for choice in choices} else ""
        right = f"one of {right}" if right else ""
    elif rule := _RULES.get(form):
        right = "" if rule.pattern.match(text) else rule.words
    else:
        right = "" if text else "a text that is not empty"
    if not right:
        return ""
    shown = f'"{text[:MAX_SHOWN]}{"…" * (len(text) > MAX_SHOWN)}"' if text else "nothing"
    return f"{shown} is not accepted; expected: {right}"


def refusal_of(answer: str, question: Event) -> str:
    """`refusal` for the question of an event, which may come from another process or an older version."""
    choices = question.data.get("choices")
    offered = [str(one) for one in choices] if isinstance(choices, list) else []
    return refusal(answer, str(question.data.get("form") or "text"), offered)
