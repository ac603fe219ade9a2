"""Contents of a support bundle: all records of a run, as text, without secrets.

Reproducible byte by byte. Unreadable parts are omitted and listed, because a damaged run needs a bundle most.
"""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import installer
from installer.answers.draft import flatten
from installer.answers.files import dump
from installer.answers.model import Answers
from installer.answers.questions import all_questions
from installer.engine.events import Event
from installer.engine.journal import Journal
from installer.errors import InstallerError, UsageError
from installer.estate.parameters.context import Installation
from installer.estate.parameters.vault_secrets import secret_sources
from installer.estate.resources import Stage, estate
from installer.jsontypes import Json
from installer.regular_files import refuse_special
from installer.runs.run import read_facts
from installer.secret_store import Secrets
from installer.shipped_files import compiled_templates
from installer.steps.secret_fingerprints import MADE, kept_reference
from installer.support_bundle.pseudonyms import Pseudonyms
from installer.support_bundle.redaction import Redaction
from installer.support_bundle.run_records import RunRecords, learn_identifiers

MAX_LOG_BYTES: Final = 2_000_000
FACTS: Final = ("format", "installer", "created", "state", "target", "given")


@dataclass(frozen=True)
class Entry:
    """A file of the bundle with its description."""

    name: str
    holds: str
    content: bytes


def read(directory: Path) -> RunRecords:
    """Read the directory of a run. Raises InstallerError only if there is no journal."""
    kept = RunRecords(directory.name, directory)
    with Journal(directory, write=False) as journal:
        for name in FACTS:
            with _RecordingFailures(kept, f"fact {name}"):
                kept.facts[name] = journal.fact(name)
        with _RecordingFailures(kept, "answers"):
            kept.answers = read_facts(journal)
            kept.stages = _stages(kept.answers.answers)
        with _RecordingFailures(kept, "records"):
            kept.records = journal.records()
        with _RecordingFailures(kept, "events"):
            kept.events = journal.events()
            if journal.unreadable_events:
                kept.unreadable.append(f"events: {journal.unreadable_events} are damaged")
    with _RecordingFailures(kept, "installer.log"):
        path = directory / "installer.log"
        if path.exists():
            refuse_special(path)
            with path.open("rb") as file:
                file.seek(max(path.stat().st_size - MAX_LOG_BYTES, 0))
                kept.log = file.read(MAX_LOG_BYTES).decode("utf-8", "replace")
    return kept


def _stages(answers: Answers) -> Sequence[Stage]:
    """The stages of the answers; a failure is recorded and does not prevent the bundle."""
    try:
        return estate(answers)
    except Exception as error:
        raise UsageError(f"the answers have no valid plan: {error}") from error


class _RecordingFailures:
    """Records a part that cannot be read, and continues."""

    def __init__(self, kept: RunRecords, what: str) -> None:
        self._kept, self._what = kept, what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _at: object) -> bool:
        if isinstance(error, (InstallerError, OSError)):
            self._kept.unreadable.append(f"{self._what}: {str(error).splitlines()[0]}")
            return True
        return False


def secrets_of(kept: RunRecords) -> Secrets:
    """The available secrets of the run, for redaction."""
    secrets = Secrets()
    if kept.answers is not None:
        it = Installation(kept.answers.answers)
        flat = flatten(it.answers)
        prefix = it.answers.subscription.prefix
        made = [
            kept_reference(source).replace(":", f":{prefix}/", 1)
            for site in it.sites
            for source in secret_sources(it, site).values()
            if source.startswith(MADE)
        ]
        references = [
            str(flat[key]) for key, question in all_questions().items() if question.ask.secret and flat.get(key)
        ]
        for reference in (*references, *made):
            secrets.known(reference)
    return secrets


def entries(kept: RunRecords, redaction: Redaction, pseudonyms: Pseudonyms | None) -> list[Entry]:
    """The files of the bundle; with pseudonyms for identifiers if `pseudonyms` is given."""
    if pseudonyms is not None:
        learn_identifiers(kept, pseudonyms.identities)

    def value(content: Json) -> Json:
        clean = redaction.value(content)
        return pseudonyms.value(clean) if pseudonyms else clean

    def text(content: str) -> str:
        clean = redaction.text(content)
        return pseudonyms.text(clean) if pseudonyms else clean

    def lines(rows: Iterator[Json]) -> bytes:
        return "".join(json.dumps(value(row), ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")

    def document(content: Json) -> bytes:
        return (json.dumps(value(content), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")

    answers = dump(kept.answers.draft, explicit=True) if kept.answers else ""
    return [
        Entry("versions.json", "installer, Python, packages, system, digest of the templates", document(_versions())),
        Entry("answers.yaml", "answers, including defaults; secrets only by reference", text(answers).encode()),
        Entry("plan.json", "steps with dependencies and state; resources", document(_plan(kept))),
        Entry("journal.jsonl", "journal, one line for each fact and record", lines(_journal(kept))),
        Entry("events.jsonl", "events, one per line", lines(_events(kept.events))),
        Entry(
            "installer.log",
            "warnings and errors of the installer and of libraries",
            text(kept.log).encode("utf-8", "replace"),
        ),
    ]


def _events(events: Sequence[Event]) -> Iterator[Json]:
    return (json.loads(event.to_json()) for event in events)


def _journal(kept: RunRecords) -> Iterator[Json]:
    for name, content in kept.facts.items():
        yield {"fact": name, "value": content}
    for record in kept.records:
        yield {"record": {**asdict(record), "outputs": dict(record.outputs)}}


def _plan(kept: RunRecords) -> Json:
    declared = [event.data.get("steps") for event in kept.events if event.kind == "run.started"]
    newest = {record.step: record for record in kept.records}
    steps: list[Json] = []
    for raw in declared[-1] if declared and isinstance(declared[-1], list) else []:
        if isinstance(raw, Mapping):
            record = newest.get(str(raw.get("key")))
            steps.append({**raw, "state": record.state if record else "", "attempt": record.attempt if record else 0})
    stages: list[Json] = []
    for stage in kept.stages:
        resources: list[Json] = [{"type": it.type, "name": it.name, "id": it.id} for it in stage.resources]
        stages.append({"stage": stage.spec.key, "deployment": stage.spec.deployment_name, "resources": resources})
    return {"steps": steps, "stages": stages}


@cache
def _versions() -> Json:
    digest = hashlib.sha256()
    for path in compiled_templates():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    packages: dict[str, Json] = dict(sorted((str(it.name), str(it.version)) for it in distributions()))
    return {
        "installer": installer.__version__,
        "templates": digest.hexdigest(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": packages,
    }
