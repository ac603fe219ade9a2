"""A closed terminal, or a request to end, leaves a screen in order: without this the system ends the process at once."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress


def on_hang_up(leave: Callable[[], None]) -> None:
    """Call `leave` on the event loop that runs now, when the terminal is closed or the process is asked to end."""
    # Windows has neither, and a loop that is not in the main thread gets no signals.
    with suppress(NotImplementedError, ValueError, RuntimeError, AttributeError):
        for number in (signal.SIGHUP, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, leave)
