"""Keeping secure values out of everything that is stored or answered.

A deployment's secure values live in memory only. Whatever is about to be kept passes here: members of a resource
that hold such a value are dropped (a real provider does not give them back either), and in text they are masked.
After a restart the values are gone: stand-ins take their place, and a resource whose body would contain one cannot
be made any more (`SecureValueLostError`); everything else goes on.
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
_SHORTEST_SEARCHED = 4  # shorter secrets are recognised only when they are the whole text
_RECOGNISED = 16  # characters of a stand-in that tell it from anything else
_SECURE_TYPES = {"securestring", "secureobject"}
_OBJECT = "secureobject"
_DEEPEST = 32


class SecureValueLostError(Exception):
    """A resource needs a secure value that was lost with the server's memory."""

    def __init__(self) -> None:
        super().__init__(
            "The values of secure parameters are kept in memory only and were lost when the rehearsal's Azure was "
            "restarted. Send the deployment again to go on."
        )


class SecureValues:
    """The secure values of one run, nested deployments included."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._forms: set[str] = set()
        self._stand_in = f"withheld{uuid.uuid4().hex}"

    def learn(self, plan: Plan, template: JsonObject) -> None:
        """Note the secure values of a plan: whole parameters, and the secure parts of typed ones."""
        declared = {name.lower(): item for name, item in as_object(template.get("parameters")).items()}
        for name, parameter in plan.parameters.items():
            value = to_json(parameter.value)
            for text in (
                _texts(value) if parameter.secure else secure_texts(template, declared.get(name.lower()), value)
            ):
                self.add(text)

    def add(self, secret: str) -> None:
        """Note one secure value; the stand-in is not one."""
        if not secret or self._stand_in in secret:
            return
        self._secrets.add(secret)
        if len(secret) >= _SHORTEST_SEARCHED:
            plain = secret.encode()
            self._forms |= {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], base64.b64encode(plain).decode()}

    def tainted(self, text: str) -> bool:
        """Whether a text is or contains a secure value."""
        return text in self._secrets or any(form in text for form in self._forms)

    def masked(self, value: Json) -> Json:
        """The same JSON with every secure value in it masked."""
        if isinstance(value, str):
            if value in self._secrets:
                return MASK
            for form in sorted(self._forms, key=len, reverse=True):
                value = value.replace(form, MASK)
            return value
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        if isinstance(value, dict):
            return {as_text(self.masked(name)): self.masked(item) for name, item in value.items()}
        return value

    def without_secrets(self, body: JsonObject, resource_type: str) -> JsonObject:
        """A resource body that may be kept: no secure value, and nothing that its provider never gives back."""
        result = as_object(self._dropped(body))
        for path in secret_members(resource_type):
            _remove(result, path.split("."))
        return result

    def stand_in(self, declaration: Json) -> Json:
        """A value for a secure parameter whose own was lost: recognisable, and fitting the declared lengths.

        SecureValueLostError where no recognisable value would pass for the parameter.
        """
        if member(declaration, "allowedValues") is not None or declared_type(declaration) not in _SECURE_TYPES:
            raise SecureValueLostError
        if declared_type(declaration) == _OBJECT:
            return {"value": self._stand_in}
        least, most = member(declaration, "minLength"), member(declaration, "maxLength")
        text = self._stand_in.ljust(least if isinstance(least, int) else 0, "0")
        if isinstance(most, int) and most < _RECOGNISED:
            raise SecureValueLostError
        return text[:most] if isinstance(most, int) else text

    def lost(self, value: Json) -> bool:
        """Whether a stand-in has found its way into a value."""
        return any(self._stand_in[:_RECOGNISED] in text for text in _texts(value))

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
    """A declaration with what it refers to; None where a reference cannot be read."""
    for _ in range(_DEEPEST):
        target = as_text(member(declaration, "$ref"))
        if not target:
            return declaration
        declaration = member(template, *target.removeprefix("#/").split("/"))
    return None


def _parts(declaration: Json) -> list[Json]:
    """The declarations inside of one, whatever value they are for."""
    inside = [*as_object(member(declaration, "properties")).values()]
    inside += as_list(member(declaration, "prefixItems"))
    inside += as_object(member(declaration, "discriminator", "mapping")).values()
    inside += [member(declaration, name) for name in ("items", "additionalProperties")]
    return [one for one in inside if isinstance(one, dict)]


def _is_secure(template: JsonObject, declaration: Json, seen: set[str] | None = None) -> bool:
    """Whether a value or a part of it is secure; what cannot be read counts as secure. Types may contain themselves."""
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
    if depth > _DEEPEST or declared_type(found) in _SECURE_TYPES:
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
