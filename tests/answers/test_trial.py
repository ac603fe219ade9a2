"""Answers with some of them changed: the draft itself stays as it is."""

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.trial import take, tried
from tests.answers.answers_files import FOLDER

DRAFT = load(FOLDER / "dev.yaml").draft


def with_nodes(number: int) -> Draft:
    draft = Draft(DRAFT.given())
    draft.give("sizing.worker_nodes", number)
    return draft


def test_a_preset_replaces_what_was_given_on_its_page() -> None:
    draft = with_nodes(5)
    take(draft, [("sizing.preset", "team")])
    assert (draft.value("sizing.worker_nodes"), draft.source("sizing.worker_nodes")) == (3, "preset")
    assert draft.value("subscription.prefix") == DRAFT.value("subscription.prefix")


def test_in_the_wizard_what_was_given_wins_over_another_preset() -> None:
    draft = with_nodes(5)
    before = draft.given()
    replaced, kept = (tried(draft, [("sizing.preset", "team")], explicit_wins=wins) for wins in (False, True))
    assert replaced is not None
    assert kept is not None
    assert (replaced.sizing.worker_nodes, kept.sizing.worker_nodes) == (3, 5)
    assert draft.given() == before


def test_what_needs_another_answer_is_none() -> None:
    assert tried(DRAFT, [("sizing.postgres_ha", True)]) is None
    assert tried(DRAFT, [("sizing.worker_nodes", "many")]) is None
    assert tried(DRAFT, []) == DRAFT.answers()
