"""Functions on resource ids, and those that query resources: reference and list*."""

from __future__ import annotations

import re

from installer.arm_templates.arguments import Arguments, function, too_few
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Call
from installer.arm_templates.functions import references
from installer.arm_templates.to_text import from_text, to_expression
from installer.arm_templates.values import Unresolved, Value
from installer.resource_id import GUID, resource_id

_BARE_GUID = re.compile(r"[0-9a-fA-F]{32}\Z")
_LEAST_PARENT = 2
"""Segments that a parent resource id has at least."""


def _split(arguments: Arguments, limit: int, first: int = 0) -> tuple[list[str], str, str]:
    """The arguments from ``first`` on: those before the resource type (at most ``limit``), the type, and the name.

    TemplateError without exactly one type.
    """
    texts = [arguments.text(index) for index in range(first, len(arguments))]
    places = [index for index, text in enumerate(texts) if "/" in text]
    refusal = TemplateError(
        f"Unable to evaluate template language function '{arguments.name}': function requires exactly one "
        "multi-segmented argument which must be resource type including resource provider namespace. Current "
        f"function arguments '{','.join(texts)}'. Please see "
        f"https://aka.ms/arm-resource-functions/#{arguments.name.lower()} for usage details."
    )
    if len(places) != 1:
        raise refusal
    if places[0] > limit:
        raise TemplateError(
            f"Unable to evaluate template language function '{arguments.name}': function requires fully qualified "
            f"resource type '{texts[places[0]]}' as one of first {limit + 1} arguments. Please see "
            f"https://aka.ms/arm-resource-functions/#{arguments.name.lower()} for usage details."
        )
    kind = texts[places[0]].rstrip("/")
    names = texts[places[0] + 1 :]
    if kind.count("/") != len(names):
        raise TemplateError(
            f"Unable to evaluate template language function '{arguments.name}': the type '{kind}' requires "
            f"'{kind.count('/')}' resource name argument(s). Please see "
            f"https://aka.ms/arm-resource-functions/#{arguments.name.lower()} for usage details."
        )
    return texts[: places[0]], kind, "/".join(names)


def _id(base: str, kind: str, name: str) -> str:
    """The id of a resource. Of empty segments of the name, the engine keeps none, and types in their order."""
    segments = name.split("/")
    if all(segments):
        return resource_id(base, kind, name)
    namespace, *types = kind.split("/")
    pairs = [f"{one}/{segment}" for one, segment in zip(types, filter(None, segments), strict=False)]
    return f"{base}/providers/{namespace}/{'/'.join(pairs)}"


def _pending(arguments: Arguments, *scope: str | None) -> bool:
    """Whether an argument is unresolved, or a part of the scope that is implied."""
    return any(isinstance(value, Unresolved) for value in (*arguments.values, *_implied(arguments, *scope)))


def _implied(arguments: Arguments, *scope: str | None) -> list[Value]:
    """The parts of the scope of the deployment that the arguments leave out."""
    given = next((i for i, value in enumerate(arguments.values) if isinstance(value, str) and "/" in value), len(scope))
    return [from_text(part) for part in scope[: max(len(scope) - given, 0)] if part is not None]


def _deferred(arguments: Arguments, *scope: str | None) -> Unresolved:
    """The call with its implicit scope filled in, as the engine renders it."""
    head = [to_expression(part) for part in _implied(arguments, *scope)]
    return Unresolved(Call(arguments.name, (*head, *(to_expression(value) for value in arguments.values))))


def _subscription(text: str, function_name: str) -> str:
    if GUID.match(text.strip("{}()")) or _BARE_GUID.match(text):
        return text
    raise TemplateError(
        f"The provided value '{text}' is not valid subscription identifier. Please see "
        f"https://aka.ms/arm-resource-functions/#{function_name.lower()} for usage details."
    )


def _check_count(arguments: Arguments, own: str | None) -> None:
    """A function takes one argument more where the deployment itself has no subscription, or no management group."""
    minimum = 2 if own is not None else 3
    if len(arguments) < minimum:
        raise too_few(arguments.name, minimum)


@function("resourceId", 2, None)
def _resource_id(arguments: Arguments) -> Value:
    scope = arguments.frame.context.scope
    if _pending(arguments, scope.subscription_id, scope.resource_group):
        return _deferred(arguments, scope.subscription_id, scope.resource_group)
    head, kind, name = _split(arguments, 2)
    subscription, group = scope.subscription_id, scope.resource_group
    match head:
        case [given, group]:
            subscription = _subscription(given, arguments.name)
        case [group] if scope.resource_group is not None:
            pass
        case [given]:
            subscription = _subscription(
                given, "subscriptionResourceId"
            )  # the engine's name for it, whatever is called
    base = "" if subscription is None else f"/subscriptions/{subscription}"
    return _id(base + (f"/resourceGroups/{group}" if group is not None else ""), kind, name)


@function("subscriptionResourceId", 0, None)
def _subscription_resource_id(arguments: Arguments) -> Value:
    subscription = arguments.frame.context.scope.subscription_id
    if _pending(arguments, subscription):
        return _deferred(arguments, subscription)
    _check_count(arguments, subscription)
    head, kind, name = _split(arguments, 1)
    if head:
        subscription = _subscription(head[0], arguments.name)
    return _id(f"/subscriptions/{subscription}", kind, name)


@function("tenantResourceId", 2, None)
def _tenant_resource_id(arguments: Arguments) -> Value:
    _, kind, name = _split(arguments, 0)
    return _id("", kind, name)


@function("managementGroupResourceId", 0, None)
def _management_group_resource_id(arguments: Arguments) -> Value:
    own = arguments.frame.context.scope.management_group
    _check_count(arguments, own)
    head, kind, name = _split(arguments, 1)
    # At any other scope the first argument is the group, even where it is the only one with several segments.
    group = head[0] if head else own if own is not None else arguments.text(0)
    return _id(f"/providers/Microsoft.Management/managementGroups/{group}", kind, name)


@function("extensionResourceId", 3, None)
def _extension_resource_id(arguments: Arguments) -> Value:
    texts = [arguments.text(index) for index in range(len(arguments))]
    segments = [segment for segment in texts[0].split("/") if segment]
    if len(segments) < _LEAST_PARENT:
        raise TemplateError(
            f"Unable to evaluate template language function '{arguments.name}': the provided parent resource id "
            f"'{texts[0]}' is not a valid uri. Please see https://aka.ms/arm-resource-functions/#extensionresourceid "
            "for usage details."
        )
    _, kind, name = _split(arguments, 0, 1)
    return _id("/" + "/".join(segments), kind, name)


@function("reference", 1, 3)
def _reference(arguments: Arguments) -> Value:
    for index in range(len(arguments)):
        if not isinstance(arguments.value(index), str | Unresolved):
            arguments.text(index)
    return references.reference(arguments)


@function("resourceInfo", 1)
def _resource_info(arguments: Arguments) -> Value:
    return references.resource_info(arguments)


@function("references", 1, 3)
def _references(arguments: Arguments) -> Value:
    return references.references(arguments)


@function("list*", 0, None)
def _list(arguments: Arguments) -> Value:
    return references.listed(arguments)
