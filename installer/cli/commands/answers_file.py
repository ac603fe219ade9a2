"""Commands that only read local files: validate, schema, export, explain. They return exit codes."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.conventions.counts import counted
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.cloud.error_causes import Cause
    from installer.engine.journal import Journal

Settings = dict[str, Any]
MAX_BYTES = 5_000_000
UNKNOWN_ERROR = 3


def validate(settings: Settings, path: Path) -> int:
    """Print all problems of a file, or one line if it is valid."""
    from installer.answers.files import load
    from installer.errors import InvalidAnswers

    try:
        loaded = load(path)
    except InvalidAnswers as refused:
        if settings.get("output") == "json":
            problems = [
                {"file": str(path), "line": p.line, "column": p.column, "key": p.key, "message": p.message}
                for p in refused.problems
            ]
            print(json.dumps({"valid": False, "problems": problems}, ensure_ascii=False))
            return refused.exit_code
        raise
    notes = (*loaded.notes, *(f"warning: {caution.located()}" for caution in loaded.draft.cautions()))
    if settings.get("output") == "json":
        print(json.dumps({"valid": True, "problems": [], **({"notes": notes} if notes else {})}))
    else:
        print(f"{path}: {counted(len(loaded.draft.given()), 'answer')}, all valid", *notes, sep="\n")
    return 0


def schema(*, starter: bool) -> int:
    """Print the schema, or a starter file."""
    if starter:
        from installer.answers.starter import starter as starter_file

        print(starter_file(), end="")
    else:
        from installer.answers.schema import json_schema

        print(json.dumps(json_schema(), indent=2))
    return 0


def export(settings: Settings, name: str | None, out: Path | None, parameters: Path | None, *, explicit: bool) -> int:
    """Export the answers of a run, or the parameter files of its deployments to the directory `parameters`."""
    from installer.answers.files import dump, save
    from installer.engine.journal import Journal
    from installer.runs.run import read_facts

    if parameters is not None and (out is not None or explicit):
        raise UsageError("--parameters writes the answers to its directory, with defaults: leave out -o and --explicit")
    state = StateDirectory.to_read(settings.get("state_dir"))
    with Journal(state.run(name or _newest(state)), write=False) as journal:
        if parameters is not None:
            return _export_parameters(settings, journal, parameters)
        text = dump(read_facts(journal).draft, explicit=explicit)
    if out is None:
        print(text, end="")
    else:
        save(out, text)
        print(f"{out}: written")
    return 0


def _export_parameters(settings: Settings, journal: "Journal", directory: Path) -> int:
    from installer.handover.export import INSTRUCTIONS, export_parameters

    exported = export_parameters(journal, directory)
    if settings.get("output") == "json":
        print(json.dumps(exported.as_json(), ensure_ascii=False))
    else:
        count = len(exported.deployments)
        print(f"{directory}: parameter files of {counted(count, 'deployment')}; begin with {directory / INSTRUCTIONS}")
    return 0


def explain(settings: Settings, what: str) -> int:
    """Print cause and remedy of an error code, or of every innermost error in a file or on standard input.

    Returns 3 if none of them is known.
    """
    from installer.cloud.error_causes import Cause
    from installer.cloud.error_explanations import explained, meanings, nearest
    from installer.cloud.error_texts import causes_of_text
    from installer.sanitize import clean, one_line

    is_input = what == "-" or os.path.exists(what)  # noqa: PTH110  a whole error may be too long for a path
    if is_input:
        raw = _standard_input() if what == "-" else _bytes_of(Path(what))
        found = causes_of_text(clean(_text_of(raw), MAX_BYTES))
        where = "standard input" if what == "-" else what
        unknown = f"{one_line(where)}: this error is not known" if found else f"{one_line(where)}: there is no text"
    else:
        text = clean(what)
        found = [Cause(text, "")] if meanings(Cause(text, "")) else causes_of_text(text)
        near = [one for one in nearest(text) if one != text]
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        unknown = f"{one_line(text)}: neither a file nor a known error{hint}"
    known = any(meanings(cause) for cause in found)
    if settings.get("output") == "json":
        print(json.dumps([_explained(cause) for cause in found], ensure_ascii=False, indent=2))
    elif known or is_input:
        print("\n\n".join("\n".join(explained(cause)) for cause in found))
    if not known:
        print(unknown, file=sys.stderr)
    return 0 if known else UNKNOWN_ERROR


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(MAX_BYTES) if sys.stdin is not None else b""


def _text_of(raw: bytes) -> str:
    """Text of a file; Windows PowerShell writes UTF-16."""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return raw.decode(encoding, "replace")


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            beginning = file.read(MAX_BYTES // 2)
            size = file.seek(0, 2)
            file.seek(max(size - MAX_BYTES // 2, len(beginning)))
            return beginning + file.read()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _explained(cause: "Cause") -> dict[str, Json]:
    from installer.cloud.error_explanations import meanings

    result = {"code": cause.code, "message": cause.message, "target": cause.target}
    known: list[dict[str, Json]] = [
        {"cause": one.cause, "remedy": one.remedy, "retry": one.retry, "link": one.link} for one in meanings(cause)
    ]
    return (
        {**result, **known[0]}
        if len(known) == 1
        else {**result, "meanings": list[Json](known)}
        if known
        else {**result}
    )


def _newest(state: StateDirectory) -> str:
    """The newest run that installs; one that was stopped at once is named, so that its error is shown."""
    from installer.runs.started_runs import newest_installation

    names = state.run_names()
    if not names:
        raise UsageError("no run exists yet")
    return newest_installation(state) or names[-1]
