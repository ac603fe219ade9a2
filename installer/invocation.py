"""Name by which the program was called, so that printed commands can be copied."""

import os


def command(rest: str) -> str:
    """A command line of this program; install.sh passes the name by which it was called."""
    return f"{os.environ.get('FLOWFORGE_CALLED_AS') or 'flowforge-install'} {rest}"
