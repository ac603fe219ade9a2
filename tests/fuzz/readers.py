"""Readers of the program, in this process: each succeeds, or raises one of the installer's errors."""

import contextlib
import io
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from installer.answers.files import dump, parse
from installer.cli.commands import answers_file, stored_runs
from installer.cli.commands.support_bundle import replay
from installer.cloud.errors import refused_by
from installer.durations import remaining_text
from installer.engine.events import Event
from installer.engine.lines import line
from installer.engine.progress import Progress
from installer.errors import InstallerError
from installer.estate.resources import estate
from installer.jsontypes import Json
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.sanitize import clean_json
from installer.secret_store import Secrets
from installer.support_bundle import contents
from installer.support_bundle.pseudonyms import Pseudonyms
from installer.support_bundle.recording import load
from installer.support_bundle.redaction import Redaction
from screens.run.details import DetailsDialog
from screens.run.row_lines import lines_of
from tests.e2e.conftest import ANSWERS
from tests.fuzz.mutator import damaged, rewritten, twisted

CALM: Final = "\n"
"""Unprintable characters allowed in an error message."""
LONGEST_LINE: Final = 2000
OFTEN: Final = 0.3
"""Share of the files with which what takes longer is done too."""
ERRORS: Final[tuple[Json, ...]] = (
    {"error": {"code": "SkuNotAvailable", "message": "no D4 here", "target": "/subscriptions/x/aks"}},
    {
        "error": {
            "code": "DeploymentFailed",
            "message": "At least one failed.",
            "details": [
                {
                    "code": "Conflict",
                    "message": json.dumps(
                        {
                            "error": {
                                "code": "DeploymentFailed",
                                "details": [{"code": "QuotaExceeded", "message": "4 more"}],
                            }
                        }
                    ),
                },
                {
                    "code": "BadRequest",
                    "message": "Policy",
                    "details": [{"code": "RequestDisallowedByPolicy", "message": "x"}],
                },
            ],
        }
    },
    {
        "Error": {
            "Code": "StorageAccountAlreadyTaken",
            "Message": "[bold]st\x1b[31m[/] is taken",
            "innererror": {"code": "X"},
        }
    },
)


def ended(call: Callable[[], object]) -> str:
    """The error message, "" on success. Exceptions other than InstallerError are passed on."""
    said = io.StringIO()
    refused: InstallerError | None = None
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            call()
    except InstallerError as error:
        refused = error
    assert "Traceback" not in said.getvalue()
    if refused is None:
        return ""
    text = str(refused)
    assert refused.exit_code not in (0, 1), text
    assert text.strip()
    assert all(char.isprintable() or char in CALM for char in text), ascii(text)
    assert len(text.splitlines()[0]) < LONGEST_LINE, text[:300]
    return text


def answers(chance: random.Random) -> str:
    """An answers file is checked, planned offline, and exported."""
    text = chance.choice(FILES).read_text(encoding="utf-8")
    raw = rewritten(text, chance) if chance.random() < 0.7 else damaged(text.encode(), chance)

    def read() -> None:
        loaded = parse(raw, "answers.yaml")
        estate(loaded.answers)
        if chance.random() < OFTEN:
            assert parse(dump(loaded.draft).encode(), "again.yaml").answers == loaded.answers

    return ended(read)


FILES: Final = sorted(ANSWERS.glob("*.yaml"))


def journal(chance: random.Random, made: Path, state: StateDirectory) -> str:
    """A damaged journal is listed, exported, bundled for support, and resumed."""
    directory = state.runs / "contoso-1"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(made, directory)
    file = directory / "journal.sqlite"
    if chance.random() < 0.4:
        file.write_bytes(damaged(file.read_bytes(), chance))
    else:
        spoil_rows(file, chance)
    settings = {"state_dir": str(state.path)}
    told = [ended(lambda: stored_runs.runs(settings)), ended(lambda: Session(state, TargetOptions()).newest())]
    if chance.random() < OFTEN:
        told += [
            ended(lambda: answers_file.export(settings, "contoso-1", None, None, explicit=True)),
            ended(lambda: packed(directory)),
        ]
    else:
        told += [ended(lambda: contents.read(directory))]
    told += [ended(lambda: taken_up(directory))]
    return "\n".join(told)


def spoil_rows(file: Path, chance: random.Random) -> None:
    """Invalid content in some rows."""
    database = sqlite3.connect(file)
    try:
        for _ in range(chance.randint(1, 3)):
            table, column = chance.choice(
                (
                    ("facts", "value"),
                    ("events", "line"),
                    ("events", "line"),
                    ("records", "outputs"),
                    ("records", "state"),
                )
            )
            rows = database.execute(f"SELECT rowid, {column} FROM {table}").fetchall()  # noqa: S608  fixed names
            number, text = chance.choice(rows)
            try:
                spoiled = json.dumps(twisted(json.loads(text), chance))
            except ValueError:
                spoiled = chance.choice(("", "begun", "x", "\x00", "9" * 400))
            if chance.random() < 0.2:
                spoiled = damaged(text.encode(), chance).decode("utf-8", "replace")
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (spoiled, number))  # noqa: S608
        database.commit()
    finally:
        database.close()


def packed(directory: Path) -> None:
    """As support-bundle does, but for the disk."""
    kept = contents.read(directory)
    contents.entries(kept, Redaction(), Pseudonyms("contoso"))


def taken_up(directory: Path) -> None:
    """As resume does, until Azure would be asked; and what the live page makes of the events."""
    run = Run.reopen(directory, Secrets(), attended=False)
    try:
        events: list[Event] = []
        run.listen(events.append, past=True)
        seen(events)
        for record in run.journal.records():
            run.journal.recall(record.step)
    finally:
        run.journal.close()


def seen(events: list[Event]) -> None:
    """Every renderer has shown them."""
    progress = Progress()
    for event in events:
        progress.take(event)
        assert line(event).isprintable()
    now = progress.last_heard + 10
    assert remaining_text(progress.left(now))
    assert 0 <= progress.fraction(now) <= 1
    progress.critical(now)
    for row in lines_of(progress, everything=True):
        DetailsDialog(row, progress)
        row.row.elapsed(now)


def refusal(chance: random.Random, folder: Path) -> str:
    """An error of Azure is explained, as a file and as an answer to a request."""
    error = twisted(chance.choice(ERRORS), chance)
    raw = json.dumps(error).encode()
    if chance.random() < 0.3:
        raw = damaged(raw, chance)
    file = folder / "error.json"
    file.write_bytes(raw)
    settings = {"output": chance.choice(("text", "json"))}
    told = ended(lambda: answers_file.explain(settings, str(file)))
    assert str(refused_by(clean_json(error), "a test"))
    return told


def recording(chance: random.Random, bundle: Path, folder: Path) -> str:
    """A bundle, or its events alone, is shown again."""
    file = folder / "replayed"
    if chance.random() < 0.5:
        file.write_bytes(damaged(bundle.read_bytes(), chance))
    else:
        lines = [event.to_json() for event in load(bundle).events]
        at = chance.randrange(len(lines))
        lines[at] = json.dumps(twisted(json.loads(lines[at]), chance))
        raw = "\n".join(lines).encode()
        file.write_bytes(damaged(raw, chance) if chance.random() < 0.3 else raw)

    def show() -> None:
        seen(list(load(file).events))
        replay({"plain": True}, file, 1.0)

    return ended(show)
