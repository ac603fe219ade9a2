"""Command lines that start a module with this Python, as isolated as this process."""

import sys


def python_program(module: str, *arguments: str) -> list[str]:
    """A command line that runs a module.

    An isolated process (`python -I`, as install.sh and the installed command start it) ignores the current folder, PYTHONPATH
    and the user's packages. The processes that it starts ignore them too: the folder in which an admin works may have an
    `installer.py` or a `logging.py`.
    """
    isolated = ["-I"] if sys.flags.isolated else []
    return [sys.executable, *isolated, "-m", module, *arguments]
