"""Types of parameters and outputs: built-in ones, the template's own definitions, and their constraints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.arm_templates.declarations import pointed_at
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Access, Expression, Literal, render
from installer.arm_templates.to_text import to_expression
from installer.arm_templates.utf16 import length
from installer.arm_templates.values import Unresolved, Value, as_value, equal, find_key, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.jsontypes import Json

REFERENCE_LIMIT = 64
SYNTAX_HELP = " Please see https://aka.ms/arm-syntax-parameters for usage details."
FILE_HELP = " Please see https://aka.ms/arm-create-parameter-file for usage details."
KINDS = {
    "string": "String",
    "securestring": "SecureString",
    "int": "Int",
    "bool": "Bool",
    "array": "Array",
    "object": "Object",
    "secureobject": "SecureObject",
}
_KINDS_OF_VALUES = {"String": "String", "Integer": "Int", "Boolean": "Bool", "Array": "Array"}
_ENGINE_NAMES = {
    "String": "String, Uri",
    "SecureString": "String, Uri",
    "Int": "Integer",
    "Bool": "Boolean",
    "Array": "Array",
    "Object": "Object",
    "SecureObject": "Object",
}


@dataclass(frozen=True, slots=True)
class Types:
    """The types that a template declares."""

    template: dict[str, Json]

    def resolved(self, definition: Mapping[str, Json]) -> dict[str, Json]:
        """A definition with every ``$ref`` followed; siblings of a ``$ref`` take precedence."""
        merged = dict(definition)
        for _ in range(REFERENCE_LIMIT):
            reference = merged.pop("$ref", None)
            if reference is None:
                return merged
            target = pointed_at(self.template, reference)
            merged = {**(target if isinstance(target, dict) else {}), **merged}
        raise TemplateError(f"The template type definition '{definition.get('$ref')}' is circular.")

    def kind(self, definition: Mapping[str, Json], value: Value = None) -> str:
        """ARM's name of the type, ``String`` to ``SecureObject``; TemplateError when it is no type.

        A declaration may leave the type open, as Bicep's does for one that is taken from a resource (``resourceInput<>``):
        it is the type of the value then.
        """
        resolved = self.resolved(definition)
        found = resolved.get("type")
        if "type" not in resolved:
            return _KINDS_OF_VALUES.get(type_name(value), "Object")
        if str(found).lower() not in KINDS:
            raise TemplateError(f"The template type '{found}' is not valid.{SYNTAX_HELP}")
        return KINDS[str(found).lower()]

    def without_secure_values(self, definition: Mapping[str, Json], value: Value, place: Expression) -> Value:
        """A value whose secure parts, at any depth, are replaced by the expressions that yield them.

        ``place`` is the expression of the value itself. Variants of a discriminated type are not searched.
        """
        resolved = self.resolved(definition)
        if value is None or isinstance(value, Unresolved):
            return value
        if str(resolved.get("type")).lower().startswith("secure"):
            return Unresolved(place)
        if isinstance(value, list):
            prefix, rest = resolved.get("prefixItems"), resolved.get("items")
            fixed = prefix if isinstance(prefix, list) else []
            elements = [fixed[index] if index < len(fixed) else rest for index in range(len(value))]
            return [
                self.without_secure_values(element, item, Access(place, Literal(index)))
                if isinstance(element, dict)
                else item
                for index, (element, item) in enumerate(zip(elements, value, strict=True))
            ]
        if isinstance(value, dict):
            declared, others = resolved.get("properties"), resolved.get("additionalProperties")
            known = declared if isinstance(declared, dict) else {}
            members = {name: known[found] if (found := find_key(known, name)) else others for name in value}
            return {
                name: self.without_secure_values(member, value[name], Access(place, Literal(name)))
                if isinstance(member, dict)
                else value[name]
                for name, member in members.items()
            }
        return value

    def check(self, definition: Mapping[str, Json], value: Value, path: str, what: str = "parameter") -> None:
        """Check a value against its type; unresolved values pass.

        Args:
            definition: The declaration of the parameter or output.
            value: The value to check.
            path: Names the value in the error (``p.tags[0]``).
            what: ``parameter`` or ``output``.

        Raises:
            TemplateError: The value does not match; the text is the engine's.

        """
        _Check(self, what).value(definition, value, path)


@dataclass(frozen=True, slots=True)
class _Check:
    types: Types
    what: str

    def _refusal(self, path: str, reason: str, usage: str = SYNTAX_HELP) -> TemplateError:
        return TemplateError(f"The provided value for the template {self.what} '{path}' is not valid. {reason}{usage}")

    def value(self, definition: Mapping[str, Json], value: Value, path: str) -> None:
        resolved = self.types.resolved(definition)
        if isinstance(value, Unresolved) or (value is None and resolved.get("nullable") is True):
            return
        if "type" in resolved:
            wanted, actual = _ENGINE_NAMES[self.types.kind(resolved)], type_name(value)
            if wanted != actual and wanted.partition(",")[0] != actual:
                reason = f"Expected a value of type '{wanted}', but received a value of type '{actual}'."
                raise self._refusal(path, reason, FILE_HELP)
        self._choice(resolved, value, path)
        if isinstance(value, int) and not isinstance(value, bool):
            self._bounds(resolved, value, path, "Value", "Value")
        if isinstance(value, str | list):
            size = length(value) if isinstance(value, str) else len(value)
            self._bounds(resolved, size, path, "Length", "Length of the value")
        if isinstance(value, list):
            self._items(resolved, value, path)
        if isinstance(value, dict):
            self._members(resolved, value, path)

    def _choice(self, definition: Mapping[str, Json], value: Value, path: str) -> None:
        allowed = definition.get("allowedValues")
        if not isinstance(allowed, list):
            return
        choices = [as_value(choice) for choice in allowed]
        if any(_matches(value, choice) for choice in choices):
            return
        if isinstance(value, list) and all(any(_matches(item, choice) for choice in choices) for item in value):
            return
        names = ",".join(str(choice) for choice in choices)
        shown = value if isinstance(value, str) else f"[{render(to_expression(value))}]"
        raise self._refusal(path, f"The value '{shown}' is not part of the allowed value(s): '{names}'.", "")

    def _bounds(self, definition: Mapping[str, Json], size: int, path: str, key: str, subject: str) -> None:
        minimum, maximum = definition.get(f"min{key}"), definition.get(f"max{key}")
        if isinstance(minimum, int) and size < minimum:
            raise self._refusal(path, f"{subject} should be greater than or equal to '{minimum}'.")
        if isinstance(maximum, int) and size > maximum:
            raise self._refusal(path, f"{subject} should be less than or equal to '{maximum}'.")

    def _items(self, definition: Mapping[str, Json], value: list[Value], path: str) -> None:
        prefix = definition.get("prefixItems")
        fixed = prefix if isinstance(prefix, list) else []
        rest = definition.get("items")
        if len(value) < len(fixed):
            raise self._refusal(
                path,
                f"All elements of an array prefix are required, but no value was provided at index {len(value)}.",
            )
        if rest is False and len(value) > len(fixed):
            raise self._refusal(
                path, f"The array expects exactly {len(fixed)} item(s), but additional items were present."
            )
        for index, item in enumerate(value):
            element = fixed[index] if index < len(fixed) else rest
            if isinstance(element, dict):
                self.value(element, item, f"{path}[{index}]")

    def _members(self, definition: Mapping[str, Json], value: dict[str, Value], path: str) -> None:
        chosen = self._variant(definition, value, path)
        properties = chosen.get("properties")
        declared = properties if isinstance(properties, dict) else {}
        for name, member in declared.items():
            if not isinstance(member, dict):
                continue
            found = find_key(value, name)
            if found is not None and value[found] is not None:
                self.value(member, value[found], f"{path}.{name}")
            elif self.types.resolved(member).get("nullable") is not True:
                raise self._refusal(
                    path,
                    f"A non-null value for the property '{name}' must be provided, but the property was null or "
                    "missing.",
                )
        others = chosen.get("additionalProperties")
        unknown = [name for name in value if find_key(declared, name) is None]
        if others is False and unknown:
            names = ", ".join(f"'{name}'" for name in unknown)
            raise self._refusal(
                path,
                "The object does not allow values with properties not defined in the schema, but the following "
                f"unknown properties were present: [{names}].",
            )
        if isinstance(others, dict):
            for name in unknown:
                self.value(others, value[name], f"{path}.{name}")

    def _variant(self, definition: Mapping[str, Json], value: dict[str, Value], path: str) -> Mapping[str, Json]:
        rule = definition.get("discriminator")
        if not isinstance(rule, dict):
            return definition
        name, mapping = str(rule.get("propertyName")), rule.get("mapping")
        found = find_key(value, name)
        if found is None:
            raise self._refusal(path, f"No value was provided for the discriminator property '{name}'.")
        if isinstance(value[found], Unresolved):
            return {}
        variants = mapping if isinstance(mapping, dict) else {}
        variant = variants.get(str(value[found]))
        if not isinstance(variant, dict):
            names = ", ".join(f"'{key}'" for key in variants)
            raise self._refusal(
                path,
                f"The value provided for the discriminator property '{name}' did not match any known variant. "
                f"Valid discriminator property values are: {names}.",
            )
        return self.types.resolved(variant)


def _matches(value: Value, choice: Value) -> bool:
    return isinstance(value, Unresolved) or equal(value, choice)
