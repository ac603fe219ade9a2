"""Keeps secure values out of stored data and responses.

A deployment's secure values live in memory only. All data to be stored is filtered here: members of a resource that hold
such a value are dropped (a real provider does not return them either), and in text they are masked. After a restart the
values are lost: placeholders replace them, and a resource whose body would contain one cannot be written
(`SecureValueLostError`); everything else continues.

A value in the name of a resource is public by that: it is part of ids, host names and outputs, as Resource Manager shows them.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

from installer.arm_templates.to_text import to_json
from installer.emulator.providers.registry import secret_members
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.arm_templates import Plan
    from installer.jsontypes import Json

MASK = "(secure)"
_MIN_SEARCHED = 4  # shorter secrets are recognised only as the whole text
_RECOGNISED = 16  # characters that identify a placeholder
_SECURE_TYPES = {"securestring", "secureobject"}
_OBJECT = "secureobject"
_MAX_DEPTH = 32
_LISTED = {"microsoft.web/sites/config", "microsoft.web/sites/slots/config"}
"""Types whose provider returns secure values to a POST request: their members remain, with masked values."""


class SecureValueLostError(Exception):
    """A resource needs a secure value that was lost at a restart."""

    def __init__(self) -> None:
        super().__init__(
            "The values of secure parameters are kept in memory only and were lost when the rehearsal's Azure was "
            "restarted. Send the deployment again to continue."
        )


class SecureValues:
    """The secure values of one run, nested deployments included."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: set[str] = set()
        self._names: set[str] = set()
        self._public: set[str] = set()
        self._placeholder = f"withheld{uuid.uuid4().hex}"

    def learn(self, plan: Plan, template: JsonObject) -> None:
        """Register the secure values of a plan: whole parameters, and the secure parts of typed ones."""
        declared = {name.lower(): item for name, item in as_object(template.get("parameters")).items()}
        for name, parameter in plan.parameters.items():
            value = to_json(parameter.value)
            for text in (
                _texts(value) if parameter.secure else secure_texts(template, declared.get(name.lower()), value)
            ):
                self.add(text)
        self.publish({node.name.lower() for node in plan.resources})

    def add(self, secret: str) -> None:
        """Register one secure value; the placeholder is ignored."""
        if not secret or self._placeholder in secret:
            return
        self._secrets.add(secret)
        if len(secret) >= _MIN_SEARCHED:
            plain = secret.encode()
            self._forms |= {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], base64.b64encode(plain).decode()}

    def publish(self, names: set[str]) -> None:
        """Register the lower-case names of resources; secure values in them are public."""
        self._names |= names
        found = {
            secret for secret in self._secrets - self._public if any(secret.lower() in name for name in self._names)
        }
        self._public |= found
        self._forms -= {form for secret in found for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])}

    def tainted(self, text: str) -> bool:
        """Whether a text is a secure value, or contains one that is not public."""
        return text in self._secrets or any(form in text for form in self._forms)

    def masked(self, value: Json, *, names: bool = False) -> Json:
        """The same JSON with every secure value in it masked; with `names`, not where a whole text is a public one."""
        if isinstance(value, str):
            if value in self._secrets:
                return value if names and value in self._public else MASK
            for form in sorted(self._forms, key=len, reverse=True):
                value = value.replace(form, MASK)
            return value
        if isinstance(value, list):
            return [self.masked(item, names=names) for item in value]
        if isinstance(value, dict):
            return {
                as_text(self.masked(name, names=names)): self.masked(item, names=names) for name, item in value.items()
            }
        return value

    def without_secrets(self, body: JsonObject, resource_type: str) -> JsonObject:
        """A resource body without secure values and without members that its provider never returns."""
        listed = resource_type.lower() in _LISTED
        result = as_object(self.masked(body) if listed else self._dropped(body))
        for path in secret_members(resource_type):
            _remove(result, path.split("."))
        return result

    def placeholder(self, declaration: Json) -> Json:
        """A placeholder for a lost secure parameter: recognisable, and of a valid length.

        Raises SecureValueLostError where no recognisable value is valid for the parameter.
        """
        if member(declaration, "allowedValues") is not None or declared_type(declaration) not in _SECURE_TYPES:
            raise SecureValueLostError
        if declared_type(declaration) == _OBJECT:
            return {"value": self._placeholder}
        minimum, maximum = member(declaration, "minLength"), member(declaration, "maxLength")
        text = self._placeholder.ljust(minimum if isinstance(minimum, int) else 0, "0")
        if isinstance(maximum, int) and maximum < _RECOGNISED:
            raise SecureValueLostError
        return text[:maximum] if isinstance(maximum, int) else text

    def lost(self, value: Json) -> bool:
        """Whether a value contains a placeholder."""
        return any(self._placeholder[:_RECOGNISED] in text for text in _texts(value))

    def _dropped(self, value: Json) -> Json:
        if isinstance(value, list):
            return [MASK if isinstance(item, str) and self.tainted(item) else self._dropped(item) for item in value]
        if isinstance(value, dict):
            kept = {name: item for name, item in value.items() if not (isinstance(item, str) and self.tainted(item))}
            return {name: self._dropped(item) for name, item in kept.items()}
        return value


def declared_type(declaration: Json) -> str:
    """The lower-case type of a parameter's declaration, or ''."""
    return as_text(member(declaration, "type")).lower()


def secure_names(template: JsonObject) -> set[str]:
    """The lower-case names of the template's parameters that are secure or have a secure part."""
    declared = as_object(template.get("parameters"))
    return {name.lower() for name, declaration in declared.items() if _is_secure(template, declaration)}


def resolved(template: JsonObject, declaration: Json) -> Json:
    """A declaration with its `$ref` followed; None where a reference cannot be resolved."""
    for _ in range(_MAX_DEPTH):
        target = as_text(member(declaration, "$ref"))
        if not target:
            return declaration
        declaration = member(template, *target.removeprefix("#/").split("/"))
    return None


def _parts(declaration: Json) -> list[Json]:
    """The declarations nested in one, of all variants."""
    inside = [*as_object(member(declaration, "properties")).values()]
    inside += as_list(member(declaration, "prefixItems"))
    inside += as_object(member(declaration, "discriminator", "mapping")).values()
    inside += [member(declaration, name) for name in ("items", "additionalProperties")]
    return [one for one in inside if isinstance(one, dict)]


def _is_secure(template: JsonObject, declaration: Json, seen: set[str] | None = None) -> bool:
    """Whether a type is secure in whole or part; an unreadable one counts as secure. Types may be recursive."""
    seen, target = set() if seen is None else seen, as_text(member(declaration, "$ref"))
    if target in seen:
        return False
    seen |= {target} if target else set()
    found = resolved(template, declaration)
    if not isinstance(found, dict) or declared_type(found) in _SECURE_TYPES:
        return True
    return any(_is_secure(template, part, seen) for part in _parts(found))


def secure_texts(template: JsonObject, declaration: Json, value: Json, depth: int = 0) -> list[str]:
    """All texts in the secure parts of a value."""
    found = resolved(template, declaration)
    if depth > _MAX_DEPTH or declared_type(found) in _SECURE_TYPES:
        return _texts(value)
    texts: list[str] = []
    chosen = as_text(member(value, as_text(member(found, "discriminator", "propertyName"))))
    if (variant := member(found, "discriminator", "mapping", chosen)) is not None:
        texts += secure_texts(template, variant, value, depth + 1)
    if isinstance(value, list):
        prefix, rest = as_list(member(found, "prefixItems")), member(found, "items")
        for place, item in enumerate(value):
            texts += secure_texts(template, prefix[place] if place < len(prefix) else rest, item, depth + 1)
    if isinstance(value, dict):
        declared = {name.lower(): part for name, part in as_object(member(found, "properties")).items()}
        others = member(found, "additionalProperties")
        for name, item in value.items():
            texts += secure_texts(template, declared.get(name.lower(), others), item, depth + 1)
    return texts


def withheld(parameters: JsonObject, names: Iterable[str], *, marker: Json = None) -> JsonObject:
    """Parameters as sent, with every value of the secure ones replaced by `{"value": marker}`."""
    secure = set(names)
    return {name: {"value": marker} if name.lower() in secure else entry for name, entry in parameters.items()}


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return []


def _remove(value: Json, path: list[str]) -> None:
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        for item in value:
            _remove(item, rest if head == "*" else path)
    elif isinstance(value, dict):
        matching = [name for name in value if head == "*" or name.lower() == head.lower()]
        for name in matching:
            if rest:
                _remove(value[name], rest)
            else:
                del value[name]
