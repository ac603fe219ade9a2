"""`completion SHELL`: the script with which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

from installer.errors import UsageError

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FLOWFORGE_INSTALL_COMPLETE"
"""Environment variable by which the script asks the installer for completions."""


def script(root: click.Command, shell: str) -> str:
    """The script of a shell. Raises UsageError if the installed shell is too old for it."""
    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"completion {shell}: not a known shell; one of {', '.join(SHELLS)}")
    try:
        return found(root, {}, "flowforge-install", VARIABLE).source()
    except RuntimeError as error:
        raise UsageError(f"completion {shell}: {error}") from None
