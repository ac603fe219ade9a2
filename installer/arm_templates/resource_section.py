"""The resources section of a template as written: its entries with their places, and the errors about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.arm_templates.errors import Place, TemplateError, path_text
from installer.arm_templates.expressions import is_expression, quoted_expression
from installer.arm_templates.to_text import to_json
from installer.arm_templates.values import Value, type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.arm_templates.nodes import Node, OwningPlan
    from installer.jsontypes import Json

USAGE = "Please see https://aka.ms/arm-syntax-resources for usage details."


@dataclass(slots=True)
class Source:
    """One resource of the template: its definition, symbolic name and parent instance."""

    symbol: str | None
    definition: dict[str, Json]
    place: Place
    parent: Node | None = None


def sources(section: Json, place: Place, parent: Node | None) -> Iterator[Source]:
    """The entries of a resources section, which is an object with symbolic names or an array."""
    if isinstance(section, dict):
        for symbol, item in section.items():
            yield Source(symbol, _object(item, (*place, symbol)), (*place, symbol), parent)
    elif isinstance(section, list):
        for index, item in enumerate(section):
            yield Source(None, _object(item, (*place, index)), (*place, index), parent)
    elif section is not None:
        raise TemplateError("The template section 'resources' is not valid: it is neither an object nor an array.")


def _object(item: Json, place: Place) -> dict[str, Json]:
    if not isinstance(item, dict):
        raise TemplateError(f"The template resource '{place[-1]}' is not valid: it is not an object. {USAGE}")
    return item


def bad_count(plan: OwningPlan, source: Source, copy: dict[str, Json], error: TemplateError) -> TemplateError:
    """The error of a copy loop with an invalid count, with its position."""
    literal = isinstance(copy.get("count"), str)
    line, column = plan.position((*source.place, "copy", "count") if literal else (*source.place, "copy"))
    text = error.message.replace(" has", f" at line '{line}' and column '{column}' has", 1)
    return error.wrapped(text).at(path_text((*source.place, "copy")), line, column)


def wrong_type(value: Value, expected: str = "String") -> TemplateError:
    """The error for a value that should be of another type."""
    shown = {"Array": "[array]", "Object": "[object]"}.get(type_name(value), str(to_json(value)))
    return TemplateError(
        f"Evaluation result of language expression '{shown}' is type '{type_name(value)}', expected type is '{expected}'."
    )


def shown_name(source: Source) -> str:
    """The name of a resource in errors: its symbolic name, or the expression of its name."""
    written = source.definition.get("name")
    if source.symbol is not None:
        return source.symbol
    if isinstance(written, str) and is_expression(written):
        return quoted_expression(written)
    return f"resources[{source.place[-1]}]" if written is None else str(written)


def missing_api_version(plan: OwningPlan, source: Source, name: str, kind: str) -> TemplateError:
    """The error for a resource without an API version."""
    line, column = plan.position(source.place)
    return TemplateError(
        f"The template resource '{name}' is not valid. The api-version property at line '{line}' and column "
        f"'{column}' is not defined. The api-profile '<null>' for the template does not match any valid api-version "
        f"for the resource type '{kind}'.  Either explicitly specify the api-version for the resource or specify "
        f"the correct api-profile for the template.. {USAGE}",
        path=path_text(source.place),
        line=line,
        column=column,
    )


def check_segments(plan: OwningPlan, source: Source, kind: str, name: str, *, relative: bool) -> None:
    """Refuse a name whose number of segments does not match its type."""
    expected, actual = kind.count("/") + relative, name.count("/") + 1
    if expected == actual:
        return
    line, column = plan.position((*source.place, "type"))
    parent = f" with parent resource '{source.parent.display_name}'" if source.parent is not None else ""
    wanted = expected if source.parent is None else kind.count("/") + 1
    raise TemplateError(
        f"The template resource '{name}' of type '{kind}' at line '{line}' and column '{column}'{parent} has an invalid "
        f"name. The name '{name}' contains '{actual}' name segment(s) separated by '/', but '{wanted}' segment(s) were "
        f"expected. {USAGE}"
    ).at(path_text(source.place), line, column)
