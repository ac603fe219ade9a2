"""Settings applied before, wanted now and found: changes of others win, and are named."""

import pytest

from installer.jsontypes import Json
from installer.prefect_setup.three_way import Merged, merge, record, recorded


@pytest.mark.parametrize(
    ("before", "now", "found", "value", "kept"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}, ()),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}, ("a",)),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, ("a",)),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, ()),
        ({"a": 1}, {}, {"a": 1}, {}, ()),
        ({}, {"a": 1}, {}, {"a": 1}, ()),
        ({}, {}, {"theirs": 1}, {"theirs": 1}, ("theirs",)),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}, {"a": {"b": 1, "c": 5}}, {"a": {"b": 2, "c": 5}}, ("a.c",)),
        ({"l": [{"x": 1}]}, {"l": [{"x": 2}]}, {"l": [{"x": 1, "y": 1}]}, {"l": [{"x": 2, "y": 1}]}, ("l[0].y",)),
        ({"l": [1]}, {"l": [1]}, {"l": [1, 2]}, {"l": [1, 2]}, ("l",)),
    ],
)
def test_changes_of_others_win(
    before: dict[str, Json], now: dict[str, Json], found: dict[str, Json], value: dict[str, Json], kept: tuple[str, ...]
) -> None:
    assert merge(before, now, found) == Merged(value, kept)


def test_what_others_have_removed_stays_away() -> None:
    assert merge({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}) == Merged({"a": 1}, ("b",))


def test_a_record_is_read_again() -> None:
    settings: dict[str, Json] = {"a": {"b": [1, None, "c"]}}
    assert recorded(dict[str, Json](record(settings))) == settings
    assert recorded({"applied": "no record"}) is None
    assert recorded(None) is None


def test_settings_that_are_too_long_are_not_recorded() -> None:
    import random

    noise = "".join(random.Random(1).choices("abcdefghijklmnop", k=20000))  # noqa: S311  no secret
    assert record({"a": noise}) == {}
