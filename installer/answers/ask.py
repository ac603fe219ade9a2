"""Declaration of a question: `Ask` in the annotation of a field.

One declaration in pages/ yields the form field, its validation and message, the key in the answers file, its JSON Schema
entry, the review line, the plain-mode prompt and the Bicep parameter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, model_validator

View = Mapping[str, object]
"""Known effective values by dotted key; input of predicates and rules."""


def always(_view: View) -> bool:
    """Predicate of a question that always applies."""
    return True


@dataclass(frozen=True)
class Ask:
    """One question.

    Attributes:
        label: Up to 19 characters, in the words of the Azure portal.
        help: One or two sentences about the effect of the answer.
        options: For choices: description by value.
        source: Name of a list read from the target ("tenants", "subscriptions", "regions", "networks"); typing a value
            works as well.
        names: Key of the question that takes the display name of the chosen item, "" if there is none.
        bicep: Template parameter that receives the answer unchanged, if there is one.
        allowed: Description of the accepted values, for fields with a pattern.
        example: A valid value.
        applies: Pure predicate on the other answers.
        secret: The answer is a reference to a secret (`env:NAME`, `keyring:NAME`), never the secret.
        unit: Unit of a number.
        optional: May stay empty; implied for every field that may be None.
        renamed: For choices: value of earlier versions to the value that replaced it.
        normal: Form of a text that is kept, if the text may be written in several ways; of a list, for each item.
        split: Items of a typed list, if spaces do not always separate them.

    """

    label: str
    help: str
    options: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    names: str = ""
    bicep: str | None = None
    allowed: str = ""
    example: str = ""
    applies: Callable[[View], bool] = always
    secret: bool = False
    unit: str = ""
    optional: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)
    normal: Callable[[str], str] | None = None
    split: Callable[[str], list[str]] | None = None

    def current(self, value: object) -> object:
        """The value itself in its normal form, or the one that replaced it."""
        if isinstance(value, list) and self.normal is not None:
            return [self.normal(item) if isinstance(item, str) else item for item in value]
        if not isinstance(value, str) or self.split is not None:
            return value  # a text in place of a list is refused as it was written
        kept = self.normal(value) if self.normal is not None else value
        return self.renamed.get(kept, kept)


class Page(BaseModel):
    """A page of questions. Field order is screen order; the docstring is the heading of the page."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _accept_renamed(cls, data: object) -> object:
        """Replace values of earlier versions, as old journals and answers files have them."""
        if not isinstance(data, dict):
            return data
        asks = {
            name: meta for name, info in cls.model_fields.items() for meta in info.metadata if isinstance(meta, Ask)
        }
        return {name: asks[name].current(value) if name in asks else value for name, value in data.items()}
