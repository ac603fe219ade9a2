"""The JSON Schema of the answers file: valid itself, and of one mind with `validate`."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from installer.answers.files import parse
from installer.answers.model import PAGES
from installer.answers.questions import all_questions
from installer.answers.schema import json_schema
from installer.answers.yamltree import read
from installer.errors import InvalidAnswers
from tests.answers.answers_files import EVERY_FILE, LEAST

SCHEMA: dict[str, Any] = json_schema()


def accepted_by_schema(text: str) -> bool:
    tree, problems = read(text)
    assert tree is not None
    assert not problems
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(tree.plain())


def accepted_by_us(text: str) -> bool:
    try:
        parse(text.encode(), "f")
    except InvalidAnswers:
        return False
    return True


def test_it_is_a_valid_schema_that_names_its_dialect() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["required"] == ["kind", "subscription", "version"]


@EVERY_FILE
def test_it_accepts_what_validate_accepts(path: Path) -> None:
    assert accepted_by_schema(path.read_text())


@pytest.mark.parametrize(
    "more",
    [
        "extra: 1",
        "network:\n  zzz: 1",
        "network: 5",
        "network:",
        "sizing:\n  worker_nodes: 51",
        "sizing:\n  worker_nodes: '3'",
        "sizing:\n  worker_nodes:",
        "sizing:\n  preset: huge",
        "platform:\n  private_api: yes",
        "platform:\n  runtime: [aks]",
        "network:\n  firewall_address: here",
        "network:\n  firewall_address: ''",
        "sign_on:\n  client_secret: hunter2",
        "sign_on:\n  client_id: ''",
        "",
        "network: {}",
        "network:\n  firewall_address: 10.0.0.4",
        "sizing:\n  postgres_storage_gb: 4096",
        "sign_on:\n  client_secret: keyring:contoso/sign_on.client_secret",
    ],
)
def test_both_say_the_same_of_what_one_answer_may_be(more: str) -> None:
    assert accepted_by_schema(LEAST + more) == accepted_by_us(LEAST + more)


@pytest.mark.parametrize("key", [key for key, question in all_questions().items()])
def test_every_question_is_described(key: str) -> None:
    page, _, name = key.partition(".")
    definition = SCHEMA["$defs"][SCHEMA["properties"][page]["$ref"].rpartition("/")[2]]
    field = definition["properties"][name]
    question = all_questions()[key]
    assert definition["additionalProperties"] is False
    assert (field["title"], field["description"]) == (question.ask.label, question.ask.help)
    if "default" in field:
        assert jsonschema.Draft202012Validator({**field, "$defs": SCHEMA["$defs"]}).is_valid(field["default"])
    for example in field.get("examples", ()):
        assert question.accepts(example)


def test_nothing_is_described_that_is_no_question() -> None:
    described = {
        f"{page}.{name}"
        for page in PAGES
        for name in SCHEMA["$defs"][SCHEMA["properties"][page]["$ref"].rpartition("/")[2]]["properties"]
    }
    assert described == set(all_questions())
    assert set(SCHEMA["properties"]) == {"kind", "version", *PAGES}
