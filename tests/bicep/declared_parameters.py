"""Checks values against the parameter declarations of a compiled template, as ARM does."""

from collections.abc import Iterator, Mapping

from installer.jsontypes import Json

KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "securestring": (str,),
    "int": (int,),
    "bool": (bool,),
    "array": (list,),
    "object": (dict,),
}


def resolved(declaration: Json, definitions: Mapping[str, Json]) -> dict[str, Json]:
    """A declaration with its `$ref` resolved; siblings of the reference, such as `nullable`, are kept."""
    assert isinstance(declaration, dict)
    reference = declaration.get("$ref")
    if not isinstance(reference, str):
        return declaration
    return {**resolved(definitions[reference.removeprefix("#/definitions/")], definitions), **declaration}


def misfits(value: Json, declaration: Json, definitions: Mapping[str, Json], path: str) -> Iterator[str]:
    """Reasons why a value does not match a declaration, one line each."""
    declared = resolved(declaration, definitions)
    if value is None:
        if declared.get("nullable") is not True:
            yield f"{path} is null"
        return
    kind = str(declared["type"]).lower()
    if not isinstance(value, KINDS[kind]) or (kind == "int" and isinstance(value, bool)):
        yield f"{path} is no {kind}"
        return
    allowed = declared.get("allowedValues")
    if isinstance(allowed, list) and value not in allowed:
        yield f"{path} is {value!r}, not one of {allowed}"
    for low, high, size in (
        ("minLength", "maxLength", len(value) if isinstance(value, str | list) else None),
        ("minValue", "maxValue", value if isinstance(value, int) else None),
    ):
        minimum, maximum = declared.get(low), declared.get(high)
        if size is not None and isinstance(minimum, int) and size < minimum:
            yield f"{path} is below {low} {minimum}"
        if size is not None and isinstance(maximum, int) and size > maximum:
            yield f"{path} is above {high} {maximum}"
    if isinstance(value, list) and "items" in declared:
        for index, item in enumerate(value):
            yield from misfits(item, declared["items"], definitions, f"{path}[{index}]")
    if isinstance(value, dict):
        yield from _object_misfits(value, declared, definitions, path)


def _object_misfits(
    value: dict[str, Json], declared: dict[str, Json], definitions: Mapping[str, Json], path: str
) -> Iterator[str]:
    properties = declared.get("properties", {})
    assert isinstance(properties, dict)
    others = declared.get("additionalProperties")
    for name, item in value.items():
        if name in properties:
            yield from misfits(item, properties[name], definitions, f"{path}.{name}")
        elif isinstance(others, dict):
            yield from misfits(item, others, definitions, f"{path}.{name}")
        else:
            yield f"{path}.{name} is not declared"
    for name, declaration in properties.items():
        if name not in value and resolved(declaration, definitions).get("nullable") is not True:
            yield f"{path}.{name} is missing"
