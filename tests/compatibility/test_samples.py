"""Answers files, journals and support bundles of earlier versions still load, and mean the same."""

import gzip
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from installer.answers.draft import Draft, answers_as_json
from installer.answers.files import dump, load
from installer.answers.model import Answers
from installer.engine.events import Event
from installer.engine.journal import Journal
from installer.engine.progress import Progress
from installer.errors import InvalidAnswers
from installer.estate.parameters import stages
from installer.estate.parameters.context import Installation
from installer.runs.facts import read_facts
from installer.support_bundle.recording import load as load_recording

if TYPE_CHECKING:
    from installer.jsontypes import Json

SAMPLES: Final = Path(__file__).parent / "samples" / "version-0"
ANSWERS: Final = sorted((SAMPLES / "answers").glob("*.yaml"))


def journal(tmp_path: Path, name: str) -> Journal:
    """A sample journal, in a directory of a run."""
    directory = tmp_path / "contoso-1"
    directory.mkdir()
    with gzip.open(SAMPLES / f"{name}-journal.sqlite.gz") as packed, (directory / "journal.sqlite").open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return Journal(directory, write=False)


def progress_of(events: tuple[Event, ...]) -> Progress:
    """How far a run is by its events."""
    found = Progress()
    for event in events:
        found.take(event)
    return found


def test_there_are_samples() -> None:
    assert len(ANSWERS) == 16


REFUSED = "14-existing-networks-zones-theirs"
"""Accepted by earlier versions, refused by Azure: Container Apps in a network of another subscription."""


def test_answers_that_azure_always_refused_are_refused_now() -> None:
    with pytest.raises(InvalidAnswers, match="require a network in the same subscription"):
        load(SAMPLES / "answers" / f"{REFUSED}.yaml")


@pytest.mark.parametrize("path", [path for path in ANSWERS if path.stem != REFUSED], ids=lambda path: path.stem)
def test_an_answers_file_loads_and_its_export_loads_to_the_same_answers(path: Path, tmp_path: Path) -> None:
    loaded = load(path)
    again = tmp_path / "answers.yaml"
    again.write_text(dump(loaded.draft, explicit=True), encoding="utf-8")
    assert load(again).answers == loaded.answers
    assert len(stages(loaded.answers)) >= 5


def test_values_of_earlier_versions_are_accepted_with_a_note() -> None:
    loaded = load(SAMPLES / "answers" / "11-existing-hub.yaml")
    assert loaded.answers.network.dns == "existing"
    assert loaded.notes == ("network.dns: theirs is now called existing",)
    assert "theirs" not in dump(loaded.draft)


def test_the_journal_of_a_complete_run_loads(tmp_path: Path) -> None:
    with journal(tmp_path, "complete") as kept:
        facts, events = read_facts(kept), tuple(kept.events())
        assert kept.fact("state") == "succeeded"
        assert kept.recall("grants") is not None
    assert facts.name == "contoso-1"
    assert facts.target["kind"] == "rehearsal"
    assert facts.draft.answers() == load(SAMPLES / "answers" / "dev.yaml").answers
    progress = progress_of(events)
    assert progress.state == "succeeded"
    assert {step.state for step in progress.steps.values()} == {"done"}


def test_an_export_repeats_a_default_that_has_changed(tmp_path: Path) -> None:
    """Production had no dedicated server unless it was asked for; a new run would begin with an empty one."""
    draft = load(SAMPLES / "answers" / "prod.yaml").draft
    earlier = Draft.of(draft.answers(), only=draft.given())
    earlier.give("data.prod_server", value=False)
    with journal(tmp_path, "complete") as kept:
        directory = kept.directory
    with Journal(directory, write=True) as writable:
        given: dict[str, Json] = {key: one.source for key, one in draft.given().items()}
        writable.set_facts(answers=answers_as_json(earlier.answers()), given=given)
    with Journal(directory, write=False) as kept:
        facts = read_facts(kept)
    assert not Installation(facts.answers).site("prod").own_server
    assert "prod_server: false" in dump(facts.draft)
    assert facts.draft.answers() == facts.answers


def test_the_journal_of_an_interrupted_run_loads_with_what_was_begun(tmp_path: Path) -> None:
    with journal(tmp_path, "interrupted") as kept:
        assert kept.fact("state") == "running"
        begun = kept.recall("data")
        events = tuple(kept.events())
    assert begun is not None
    assert (begun.state, begun.attempt, bool(begun.name and begun.digest)) == ("begun", 1, True)
    assert progress_of(events).steps["foundation"].state == "done"


def test_steps_of_a_journal_are_steps_of_today(tmp_path: Path) -> None:
    with journal(tmp_path, "complete") as kept:
        facts = read_facts(kept)
        known = progress_of(tuple(kept.events())).steps
    assert {spec.key for spec in stages(facts.answers)} <= known.keys()


@pytest.mark.parametrize(("name", "state"), [("complete", "succeeded"), ("interrupted", "running")])
def test_a_support_bundle_is_replayed(name: str, state: str) -> None:
    recording = load_recording(SAMPLES / f"{name}-bundle.zip")
    assert recording.run == "contoso-1"
    assert progress_of(recording.events).state == state


def test_a_file_of_events_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(gzip.decompress((SAMPLES / "complete-events.jsonl.gz").read_bytes()))
    recording = load_recording(path)
    assert progress_of(recording.events).state == "succeeded"


def test_answers_in_the_journal_are_answers_of_today(tmp_path: Path) -> None:
    with journal(tmp_path, "interrupted") as kept:
        assert isinstance(read_facts(kept).answers, Answers)
