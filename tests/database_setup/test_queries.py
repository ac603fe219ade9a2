"""Queries name the schema of whatever PostgreSQL would find by a search path, which the owner of a database may set."""

import re
from typing import Final

import pytest

from installer.database_setup import apply, queries

QUERIES: Final = {
    "lock": apply._LOCK,
    **{name: text for name, text in vars(queries).items() if name.isupper() and isinstance(text, str)},
}
SYNTAX: Final = frozenset({"ANY", "AND", "ARRAY", "AS", "AS o", "COALESCE", "EXISTS", "FROM", "OPERATOR", "WHERE"})
"""Words before a parenthesis that are no functions."""


@pytest.mark.parametrize("name", QUERIES)
def test_each_function_operator_type_and_table_names_its_schema(name: str) -> None:
    text = re.sub(r"'[^']*'", "''", QUERIES[name])
    called = {match[1] for match in re.finditer(r"((?:AS )?[\w.]+) ?\(", text)}
    assert {one for one in called if not one.startswith("pg_catalog.")} <= SYNTAX
    assert not re.search(r"::(?!pg_catalog\.)", text)
    assert not re.search(r"[=<>~!+*/|&]", text.replace("OPERATOR(pg_catalog.=)", ""))
    assert not re.search(r"\b(IN|LIKE|BETWEEN|DISTINCT FROM|USING|CAST)\b|\bCASE\s+(?!WHEN)", text)
    read = {match[1] for match in re.finditer(r"\b(?:FROM|JOIN|LATERAL) ([\w.]+)", text)}
    assert {one for one in read if not one.startswith("pg_catalog.")} <= {"grants"}
