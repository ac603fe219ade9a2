"""Schemas of types: the bounds and members that a body may have."""

from typing import TYPE_CHECKING

from installer.type_schemas.schemas import TypeSchema, members_of, shape_of

if TYPE_CHECKING:
    from installer.jsontypes import Json


def test_a_value_outside_its_bounds_is_reported_with_them() -> None:
    types: list[Json] = [
        {"$type": "ObjectType", "name": "X", "properties": {"count": [1, 0], "text": [2, 0], "share": [3, 0]}},
        {"$type": "IntegerType", "minValue": 3},
        {"$type": "StringType", "minLength": 2},
        {"$type": "IntegerType", "maxValue": 9},
    ]
    schema = TypeSchema(types, 0)
    problems = schema.problems("it", {"count": 2, "text": "a", "share": 10})
    assert [(problem.fault, problem.path, problem.allowed) for problem in problems] == [
        ("out of bounds", "count", ("at least 3",)),
        ("out of bounds", "text", ("at least 2 characters",)),
        ("out of bounds", "share", ("0 to 9",)),
    ]
    assert schema.problems("it", {"count": 3, "text": "ab", "share": 9}) == []


def test_versions_and_members_come_from_the_files() -> None:
    storage = "Microsoft.Storage/storageAccounts"
    shape = shape_of(storage, "2024-01-01")
    assert {"location", "tags"} <= members_of(storage)
    assert members_of("Unknown.Namespace/things") == frozenset()
    assert shape is None or shape.has(("properties", "minimumTlsVersion"))
