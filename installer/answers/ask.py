"""How a question is declared: `Ask` beside a field says all that a form, a prompt and a template need to know.

From one declaration in pages/ come the form field, its validation and message, the key in the answers file, its JSON
Schema entry, the review line, the plain-mode prompt and the Bicep parameter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

View = Mapping[str, object]
"""Effective values by dotted key, as far as they are known: what predicates and rules read."""


def always(_view: View) -> bool:
    """The question applies whatever else was answered."""
    return True


@dataclass(frozen=True)
class Ask:
    """One question.

    label: a few words, shown before the field.
    help: one or two sentences: what it decides.
    options: for choices: value to what it means, in a few words.
    source: name of a list that only the target knows ("tenants", "subscriptions", "regions"); typing always works too.
    bicep: the template parameter that carries the answer as it is, if one does.
    allowed: what is accepted, in words, for values that a pattern describes.
    example: a value that would do.
    applies: a pure predicate on the other answers.
    secret: the answer is a reference to a secret (`env:NAME`, `keyring:NAME`), never the secret.
    unit: of what a number is, in a word.
    optional: no answer is an answer too; so it is for every field that may be None.
    """

    label: str
    help: str
    options: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    bicep: str | None = None
    allowed: str = ""
    example: str = ""
    applies: Callable[[View], bool] = always
    secret: bool = False
    unit: str = ""
    optional: bool = False


class Page(BaseModel):
    """A page of questions. Field order is screen order; the docstring of a page is its heading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
