"""New answers for a run: validated as a whole, on disk before it is resumed, with the former ones beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.answers.files import load
from installer.answers.model import Answers
from installer.engine.journal import Journal
from installer.engine.step import Record
from installer.errors import InvalidAnswers, UsageError
from installer.estate import keys
from installer.runs.facts import read_facts
from installer.runs.revision import FIXED, revise, revised
from installer.runs.run import Run
from installer.secret_store import Secrets
from tests.answers.answers_files import FOLDER
from tests.cloud.no_cloud import RECORDED
from tests.keyrings import NoKeyring, using

LOADED = load(FOLDER / "dev.yaml")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """The journal of a run that has failed."""
    directory = tmp_path / "contoso-1"
    directory.mkdir()
    with using(NoKeyring()):
        Run.new(directory, LOADED.answers, LOADED.draft, RECORDED, Secrets(), attended=False).journal.close()
    with Journal(directory, write=True) as journal:
        journal.set_facts(state="failed")
        yield journal


def test_a_new_answer_is_kept_with_the_former_ones_and_exported(journal: Journal) -> None:
    journal.remember(Record("network", 1, "done"))
    before = read_facts(journal)
    facts, sentences = revise(journal, before, {"sizing.worker_nodes": "7"})
    assert facts.answers.sizing.worker_nodes == 7
    assert read_facts(journal).answers == facts.answers
    assert any("is now 7 (sizing.worker_nodes)" in sentence for sentence in sentences)
    former = journal.fact("former")
    assert isinstance(former, dict)
    assert Answers.model_validate(former) == before.answers
    exported = load(facts.directory / "answers.yaml")
    assert exported.answers == facts.answers


def test_before_anything_was_sent_there_are_no_former_answers(journal: Journal) -> None:
    journal.remember(Record(keys.PREFLIGHT, 1, "failed"))
    revise(journal, read_facts(journal), {"sizing.worker_nodes": "7"})
    assert journal.fact("former") is None


def test_the_same_answer_changes_nothing(journal: Journal) -> None:
    facts = read_facts(journal)
    text = str(facts.answers.sizing.worker_nodes)
    assert revise(journal, facts, {"sizing.worker_nodes": text}) == (facts, [])


@pytest.mark.parametrize("key", sorted(FIXED))
def test_what_names_the_installation_cannot_change(journal: Journal, key: str) -> None:
    with pytest.raises(UsageError, match=f"{key} names the installation"):
        revised(read_facts(journal), {key: "other"})


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"sizing.worker_node": "7"},
            UsageError,
            "there is no answer sizing.worker_node; did you mean sizing.worker_nodes?",
        ),
        ({"nonsense": "7"}, UsageError, "there is no answer nonsense"),
        ({"sizing.worker_nodes": "many"}, InvalidAnswers, "many"),
        ({"sizing.worker_nodes": "0", "network.address_space": "x"}, InvalidAnswers, "address_space"),
        ({"prod.worker_nodes": "3"}, UsageError, "does not apply|there is no answer"),
    ],
)
def test_a_wrong_change_is_refused_and_the_run_stays_as_it_was(
    journal: Journal, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    before = read_facts(journal)
    with pytest.raises(error, match=words):
        revise(journal, before, changes)
    assert read_facts(journal).answers == before.answers


def test_a_run_that_has_succeeded_keeps_its_answers(journal: Journal) -> None:
    journal.set_facts(state="succeeded")
    with pytest.raises(UsageError, match="has succeeded: change its answers file"):
        revise(journal, read_facts(journal), {"sizing.worker_nodes": "7"})


def test_an_operation_has_no_answers_to_change(journal: Journal) -> None:
    journal.set_facts(operation={"rotate": "sign-on"})
    with pytest.raises(UsageError, match="has no answers to change"):
        revise(journal, read_facts(journal), {"sizing.worker_nodes": "7"})
