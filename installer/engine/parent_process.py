"""The process that started this one: when it ends, however that happens, this one stops in order.

Their link is a pipe, the standard input of the one that was started: the system closes it even after kill -9.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

_VARIABLE: Final = "FLOWFORGE_FOLLOWS_INPUT"
FOLLOWING: Final = {_VARIABLE: "1"}
"""Environment of a process that follows its standard input. It has to be a pipe to which nothing is written."""
_BYTES: Final = 1024


def follow_parent(stop: Callable[[], None] | None = None) -> None:
    """Call `stop` once standard input has ended, if the environment asks for that; by default as SIGTERM does.

    The processes that this one starts do not inherit the request.
    """
    if os.environ.pop(_VARIABLE, ""):
        threading.Thread(target=_follow, args=(stop or _terminate,), name="parent", daemon=True).start()


def _follow(stop: Callable[[], None]) -> None:
    while os.read(0, _BYTES):
        pass
    stop()


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
