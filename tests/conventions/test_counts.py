"""Numbers with their noun."""

import pytest

from installer.conventions.counts import counted


@pytest.mark.parametrize(
    ("number", "forms", "text"),
    [
        (0, ("node",), "0 nodes"),
        (1, ("node",), "1 node"),
        (1.0, ("node",), "1 node"),
        (2, ("node",), "2 nodes"),
        (1, ("finding blocks", "findings block"), "1 finding blocks"),
        (3, ("finding blocks", "findings block"), "3 findings block"),
        (2.5, ("capacity unit",), "2.5 capacity units"),
        (1234, ("resource",), "1,234 resources"),
        (1234567, ("resource",), "1,234,567 resources"),
    ],
)
def test_a_number_with_its_noun(number: float, forms: tuple[str, ...], text: str) -> None:
    assert counted(number, *forms) == text
