"""Follows a run to its end: on a screen or in lines."""

from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import WATCHED, listeners, on_screen, wants_plain

if TYPE_CHECKING:
    from installer.engine.runner import Result
    from installer.runs.run import Run

Settings = dict[str, Any]


def followed(settings: Settings, run: "Run", *, brief: bool = False) -> "Result":
    """Follow a run to its end: on a screen if the user has confirmed its plan on this terminal, else in lines."""
    if settings.get(WATCHED) and not wants_plain(settings):
        from installer.runs.state_directory import StateDirectory
        from screens.run.operation import run_operation

        return run_operation(StateDirectory.at(settings.get("state_dir")), run, on_screen(settings))
    from installer.cli.watch import watch

    return watch(run, listeners(settings, brief=brief))
