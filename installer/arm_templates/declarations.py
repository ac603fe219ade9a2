"""Declarations of a template, checked before its parameters are bound: references to types, and defaults of nullable parameters.

Source: snapshots of the compiler with nested templates, whose declarations it leaves to the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.arm_templates.errors import Place, TemplateError, path_text
from installer.arm_templates.values import find_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

_HELP: Final = "Please see https://aka.ms/arm-syntax-parameters for usage details."
_ROOT: Final = "#"


def pointed_at(template: dict[str, Json], reference: Json) -> Json:
    """The part of a template that a reference such as `#/definitions/x` names, ignoring case.

    Raises:
        TemplateError: The text after `Invalid reference encountered at '…'.`

    """
    if not isinstance(reference, str) or not reference.startswith(_ROOT):
        raise TemplateError(
            "References must have a single '$ref' property whose value is a local URI that resolves to a schema node."
        )
    target: Json = template
    shown, *segments = reference.split("/")
    for segment in segments:
        shown = f"{shown}/{segment}"
        target = _step(target, segment.replace("~1", "/").replace("~0", "~"))
        if target is None:
            raise TemplateError(f"'{shown}' not found in template.")
    if not segments:
        raise TemplateError(f"The value at '{reference}' is not a schema node.")
    return target


def check_declarations(template: dict[str, Json], place: Place) -> None:
    """Refuse references that lead nowhere or back to themselves, and defaults of nullable parameters.

    Args:
        template: The template.
        place: Where it is in the template that is deployed.

    """
    for section in ("definitions", "parameters", "functions", "outputs"):
        for at, declaration in _declarations(template, section):
            _check_references(template, declaration, (*place, *at))
            if section == "parameters":
                _check_default(template, declaration, str(at[-1]), place)


def _declarations(template: dict[str, Json], section: str) -> Iterator[tuple[Place, dict[str, Json]]]:
    content = template.get(section)
    if isinstance(content, dict):
        yield from (((section, name), one) for name, one in content.items() if isinstance(one, dict))
    elif isinstance(content, list):
        yield from (((section, index), one) for index, one in enumerate(content) if isinstance(one, dict))


def _check_references(template: dict[str, Json], value: Json, place: Place) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _check_references(template, item, (*place, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                _check_reference(template, item, (*place, name))
            elif name not in ("defaultValue", "allowedValues", "metadata", "value"):
                _check_references(template, item, (*place, name))


def _check_reference(template: dict[str, Json], reference: Json, place: Place) -> None:
    followed: list[str] = []
    found: Json = reference
    while True:
        try:
            target = pointed_at(template, found)
        except TemplateError as problem:
            where = path_text(place)
            raise TemplateError(f"Invalid reference encountered at '{where}'. {problem.message} {_HELP}") from None
        name = str(found)
        if name in followed:
            raise _circular(name, [*followed[followed.index(name) :], name])
        followed.append(name)
        if not isinstance(target, dict) or "$ref" not in target:
            return
        found = target["$ref"]


def _circular(name: str, path: list[str]) -> TemplateError:
    if path[1:] == [name]:
        return TemplateError(f"The '{name}' symbol references itself in its own definition, which is not allowed.")
    return TemplateError(f"The '{name}' symbol's definition cycles back to itself ({' -> '.join(path)}).")


def _check_default(template: dict[str, Json], declaration: dict[str, Json], name: str, place: Place) -> None:
    if "defaultValue" not in declaration or (not place and declaration["defaultValue"] is None):
        return  # the compiler accepts null in the outer template
    merged, target = dict(declaration), declaration
    while "$ref" in target:
        found = pointed_at(template, target["$ref"])
        target = found if isinstance(found, dict) else {}
        merged = {**target, **merged}
    if merged.get("nullable") is True:
        raise TemplateError(
            f"The provided properties for the template parameter '{name}' are not valid, as 'nullable' and 'defaultValue' "
            "cannot be used on the same parameter declaration. Parameters with defined default values will use the default "
            f"value if no value is supplied at deploy time. {_HELP}"
        )


def _step(value: Json, segment: str) -> Json:
    if isinstance(value, list):
        return value[int(segment)] if segment.isdecimal() and int(segment) < len(value) else None
    key = find_key(value, segment) if isinstance(value, dict) else None
    return value[key] if isinstance(value, dict) and key is not None else None
