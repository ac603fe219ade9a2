"""Functions on objects. Keys are compared ignoring case; which spelling is kept differs by function."""

from __future__ import annotations

from installer.arm_templates.arguments import HELP, Arguments, function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Call
from installer.arm_templates.property_access import member, strict_member
from installer.arm_templates.to_text import to_expression, to_json
from installer.arm_templates.values import PendingError, Unresolved, Value, equal, find_key, fold, type_name


@function("createObject", 0, None)
def _create_object(arguments: Arguments) -> Value:
    count = len(arguments)
    if count % 2:
        raise TemplateError(
            f"The template language function '{arguments.name}' expects an even number of parameters. The number of "
            f"provided parameters was '{count}'. {HELP}"
        )
    keys = [arguments.value(index) for index in range(0, count, 2)]
    wrong = [(2 * index + 1, type_name(key)) for index, key in enumerate(keys) if not isinstance(key, str | Unresolved)]
    if wrong:
        raise TemplateError(
            f"The template language function '{arguments.name}' expects the parameters at an odd-numbered position "
            f"to be of type 'string'. The specified parameters at positions "
            f"'{', '.join(str(place) for place, _ in wrong)}' are of types "
            f"'{', '.join(kind for _, kind in wrong)}', respectively. {HELP}"
        )
    result: dict[str, Value] = {}
    for index, key in enumerate(keys):
        result[str(to_json(key))] = arguments.value(2 * index + 1)
    return result


def _ordered(mapping: dict[str, Value]) -> list[tuple[str, Value]]:
    return sorted(mapping.items(), key=lambda pair: fold(pair[0]))


@function("objectKeys", 1)
def _object_keys(arguments: Arguments) -> Value:
    return [key for key, _ in _ordered(arguments.object(0))]


@function("items", 1)
def _items(arguments: Arguments) -> Value:
    return [{"key": key, "value": value} for key, value in _ordered(arguments.object(0))]


@function("shallowMerge", 1)
def _shallow_merge(arguments: Arguments) -> Value:
    result: dict[str, Value] = {}
    parts = arguments.array(0)
    wrong = [(index, type_name(part)) for index, part in enumerate(parts) if not isinstance(part, dict | Unresolved)]
    if wrong:
        kinds = "', '".join(dict.fromkeys(kind for _, kind in wrong))
        places = ", ".join(str(index) for index, _ in wrong)
        raise TemplateError(
            f"The template language function '{arguments.name}' expects its first parameter to be an array only "
            "containing elements of type(s) 'Object'. The provided value contains elements with disallowed "
            f"type(s) '{kinds}' in index(es) {places}. {HELP}"
        )
    for part in parts:
        if not isinstance(part, dict):
            raise PendingError
        for key, value in part.items():
            result[find_key(result, key) or key] = value
    return result


@function("tryGet", 2, None)
def _try_get(arguments: Arguments) -> Value:
    """Only the first member may be missing (then the result is null); those after it must exist."""
    for index in range(1, len(arguments)):
        key = arguments.resolved(index)
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise arguments.refusal(index, "String, Integer", type_name(key))
    value = _tried(arguments.value(0), arguments.resolved(1))
    for index in range(2, len(arguments)):
        if value is None:
            return None
        key = arguments.resolved(index)
        value = member(value, key) if isinstance(value, Unresolved) else strict_member(value, key)
    return value


def _tried(value: Value, key: Value) -> Value:
    if isinstance(value, Unresolved):
        if isinstance(key, str) and find_key(value.known, key) is not None:
            return member(value, key)
        raise PendingError
    if isinstance(value, dict) and isinstance(key, str):
        found = find_key(value, key)
        return None if found is None else value[found]
    within = isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)
    return strict_member(value, key) if within else None


def unite_objects(left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    """union() of two objects: deep, arrays replaced, null on the right ignored, the later spelling kept."""
    result = dict(left)
    for key, value in right.items():
        found = find_key(result, key)
        if found is None:
            result[key] = value
            continue
        merged = _unite(result[found], value)
        if found == key:
            result[key] = merged
        else:
            result = {
                key if name == found else name: merged if name == found else item for name, item in result.items()
            }
    return result


def _unite(old: Value, new: Value) -> Value:
    if new is None:
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        return unite_objects(old, new)
    if isinstance(old, dict) and isinstance(new, Unresolved):
        kept, late = to_expression(old), new.expression
        unknown = Call("equals", (late, Call("null")))
        return Unresolved(Call("if", (unknown, kept, Call("union", (kept, late)))))
    if isinstance(old, dict) != isinstance(new, dict) and old is not None and not isinstance(old, Unresolved):
        raise TemplateError(
            "The template language function 'union' failed to evaluate due to a type mismatch between "
            f"'{type_name(old)}' and '{type_name(new)}'. Please see https://aka.ms/arm-function-union for usage "
            "details."
        )
    return new


def intersect_objects(left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    """intersection() of two objects: the members that are equal in both, keys compared with case."""
    return {key: value for key, value in left.items() if key in right and equal(value, right[key])}
