"""An error that nobody foresaw: its trace goes to a private file, a sentence goes to the user."""

import tempfile
import traceback
from pathlib import Path


def keep(error: BaseException) -> str:
    """Write the trace to a file and say where it is. Local values are not written: they could be secrets."""
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
