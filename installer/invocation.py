"""How this program was called, so that every command that we print can be typed as it stands."""

import os


def command(rest: str) -> str:
    """A command of ours with its arguments, as the user has to type it: install.sh says how it was called."""
    return f"{os.environ.get('FLOWFORGE_CALLED_AS') or 'flowforge-install'} {rest}"
