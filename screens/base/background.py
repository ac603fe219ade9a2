"""Work that may take long happens aside: on a thread that neither the screen nor leaving has to wait for.

Textual's own thread workers would keep the program from ending until Azure has answered. What a thread here brings home is
handed to the app's thread as a message, and dropped when nobody is there any more.
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
NAME = "aside"


class Handed(Message, bubble=False):
    """Something done aside is to go on with on the app's own thread."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self.call = call


def aside(
    owner: MessagePump, job: Callable[[], T], then: Callable[[T], None], refused: Callable[[Exception], None]
) -> None:
    """Do the job on a thread of its own; then go on in the owner's thread with its result, or with why there is none."""

    def run() -> None:
        try:
            result = job()
        except Exception as error:  # noqa: BLE001  whatever it is, the page tells it and lives on
            failure = error
            hand(owner, lambda: refused(failure))
        else:
            hand(owner, lambda: then(result))

    threading.Thread(target=run, name=NAME, daemon=True).start()


def hand(owner: MessagePump, call: Callable[[], None]) -> None:
    """Have something done on the owner's own thread, if it is still there."""
    with contextlib.suppress(RuntimeError):  # the loop has been closed: the program is ending
        owner.post_message(Handed(call))


def reason(error: Exception) -> str:
    """Why something was not possible, in one sentence for the page; what nobody expected also goes to the log."""
    from installer.errors import InstallerError

    if isinstance(error, InstallerError):
        return (str(error).splitlines() or ["no reason was given"])[0]
    log.error("unexpected error", exc_info=error)
    return f"internal error of the installer: {type(error).__name__}: {str(error)[:200]}"
