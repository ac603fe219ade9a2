"""Commands for support: support-bundle and replay. They return exit codes."""

import sys
from pathlib import Path
from typing import Any

from installer.cli.commands.output import attended, listeners, on_screen, wants_plain
from installer.errors import Interrupted, UsageError
from installer.runs.state_directory import StateDirectory

Settings = dict[str, Any]


def support_bundle(settings: Settings, name: str | None, out: Path | None, *, pseudonymise: bool, yes: bool) -> int:
    """List the contents, ask for confirmation, write the bundle."""
    from installer.support_bundle import archive, contents
    from installer.support_bundle.pseudonyms import Pseudonyms
    from installer.support_bundle.redaction import Redaction

    state = StateDirectory.to_read(settings.get("state_dir"))
    names = state.run_names()
    if name is None and not names:
        raise UsageError("no run exists yet")
    kept = contents.read(state.run(name or names[-1]))
    prefix = kept.name.rpartition("-")[0]
    pseudonyms = Pseudonyms(prefix) if pseudonymise else None
    redaction = Redaction(contents.secrets_of(kept).redact)
    entries = contents.entries(kept, redaction, pseudonyms)
    hide = pseudonyms.text if pseudonyms else str
    first = archive.manifest(
        hide(kept.name), entries, [hide(redaction.text(text)) for text in kept.unreadable], pseudonymised=pseudonymise
    )
    path = out or Path(f"flowforge-support-{hide(kept.name)}.zip")
    quiet = settings.get("output") == "json"
    if quiet:
        print(first.content.decode(), end="")
    else:
        _list(kept.name, path, [first, *entries], kept.unreadable, pseudonymised=pseudonymise)
    if not yes:
        _ask()
    archive.write(path, [first, *entries])
    if not quiet:
        print(f"{path}: written, readable only by you")
    return 0


def _list(run: str, path: Path, entries: "list[Any]", unreadable: list[str], *, pseudonymised: bool) -> None:
    named = (
        "identifiers replaced by pseudonyms"
        if pseudonymised
        else "identifiers unchanged (--pseudonymise replaces them)"
    )
    print(f"Contents of the bundle of run {run}, without secrets, {named}:")
    for entry in entries:
        print(f"  {entry.name:<14} {len(entry.content):>9,} bytes  {entry.holds}")
    for text in unreadable:
        print(f"  left out, because it cannot be read: {text}")
    print(f"File: {path}; nothing is sent.")


def _ask() -> None:
    if not attended():
        raise UsageError("no terminal to ask on: add --yes to write the bundle")
    print("Write it? [no] > ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Interrupted("nothing was written")


def replay(settings: Settings, path: Path, speed: float) -> int:
    """Show a recording on the live page, or print all its lines."""
    from installer.support_bundle.recording import load

    recording = load(path)
    if wants_plain(settings) or settings.get("output") == "json":
        for listener in listeners(settings):
            for event in recording.events:
                listener(event)
        return 0
    from installer.runs.session import Session, TargetOptions
    from screens.run.replay import run_replay

    session = Session(StateDirectory.to_read(settings.get("state_dir")), TargetOptions())
    return run_replay(session, recording, speed, on_screen(settings))
