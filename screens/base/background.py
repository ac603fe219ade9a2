"""Slow work runs in the background, on a thread that neither the screen nor leaving has to wait for.

Textual's thread workers would keep the program from ending until Azure has answered. The result of a thread started here is
posted to the app's thread as a message, and dropped if its owner is gone.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

log = logging.getLogger(__name__)
T = TypeVar("T")
THREAD_NAME = "flowforge-background"


class BackgroundResult(Message, bubble=False):
    """A result of background work, to be handled on the app's thread."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self.call = call


def in_background(
    owner: MessagePump, job: Callable[[], T], then: Callable[[T], None], refused: Callable[[Exception], None]
) -> None:
    """Run a job on a new thread and handle its outcome on the owner's thread.

    Args:
        owner: the app or page that handles the outcome.
        job: the slow part; runs on the new thread.
        then: receives the result.
        refused: receives the error if the job raised one.

    """

    def run() -> None:
        try:
            result = job()
        except Exception as error:  # noqa: BLE001  the page shows any error and stays usable
            failure = error
            run_on_owner(owner, lambda: refused(failure))
        else:
            run_on_owner(owner, lambda: then(result))

    threading.Thread(target=run, name=THREAD_NAME, daemon=True).start()


def run_on_owner(owner: MessagePump, call: Callable[[], None]) -> None:
    """Run a function on the owner's thread, if the owner still exists."""
    with contextlib.suppress(RuntimeError):  # the loop has been closed: the program is ending
        owner.post_message(BackgroundResult(call))


def reason(error: Exception) -> str:
    """One sentence for the page about an error; unexpected errors are logged too."""
    from installer.errors import InstallerError

    if isinstance(error, InstallerError):
        return (str(error).splitlines() or ["no reason was given"])[0]
    log.error("unexpected error", exc_info=error)
    return f"internal error of the installer: {type(error).__name__}: {str(error)[:200]}"
