"""Unexpected errors: the traceback goes to a private file, one line to the user."""

import tempfile
import traceback
from pathlib import Path


def save_traceback(error: BaseException) -> str:
    """Write the traceback to a private file; local values are left out, as they could be secrets.

    Returns:
        The message for the user, with the path of the file.

    """
    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="flowforge-install-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        place = f"the traceback is in {Path(file.name)}"
    except OSError:
        place = "the traceback could not be written"
    return f"flowforge-install stopped because of an internal error ({type(error).__name__}); {place}"
