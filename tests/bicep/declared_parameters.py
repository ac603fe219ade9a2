"""What a compiled template declares of its parameters, read as ARM reads it: does a value fit?"""

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
    """A declaration with its `$ref` followed; what stands beside the reference, such as `nullable`, is kept."""
    assert isinstance(declaration, dict)
    reference = declaration.get("$ref")
    if not isinstance(reference, str):
        return declaration
    return {**resolved(definitions[reference.removeprefix("#/definitions/")], definitions), **declaration}


def misfits(value: Json, declaration: Json, definitions: Mapping[str, Json], path: str) -> Iterator[str]:
    """Why a value does not fit a declaration: one line for each reason."""
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
        least, most = declared.get(low), declared.get(high)
        if size is not None and isinstance(least, int) and size < least:
            yield f"{path} is below {low} {least}"
        if size is not None and isinstance(most, int) and size > most:
            yield f"{path} is above {high} {most}"
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
