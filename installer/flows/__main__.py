"""The child process that imports prefect: `python -m installer.flows`.

Reads one line of JSON from standard input, {"api": URL, "auth": "name:password" or "", "estate": {…}}, and writes JSON
lines: events, and at last {"result": …} or {"error": text}. When standard input ends, whoever asked is gone, and so are
we: the other end need not do anything for that, not even live.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import traceback
from typing import NoReturn


def main() -> int:
    """Do what the line says; the exit code is 1 when that failed."""
    # Libraries print: standard output is for our lines alone, all else goes to the log.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    order = json.loads(_line())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Prefect reads these when it is imported.
    os.environ["PREFECT_API_URL"] = order["api"]
    os.environ["PREFECT_API_AUTH_STRING"] = order["auth"]

    from installer.flows.child.applying import apply
    from installer.flows.child.telling import Teller
    from installer.flows.child.wording import words
    from installer.flows.description import Estate

    teller = Teller(out)
    try:
        asyncio.run(apply(Estate.from_json(order["estate"]), teller))
    except Exception as error:  # noqa: BLE001  the last resort: whatever it is, the parent is told, and the log has it all
        traceback.print_exc()
        teller.error(words(error))
        return 1
    teller.result()
    return 0


def _line() -> bytes:
    """The first line of standard input, read without a buffer that would keep a lock at exit."""
    read = b""
    while not read.endswith(b"\n") and (more := os.read(0, 65536)):
        read += more
    return read


def _end_with_parent() -> NoReturn:
    while os.read(0, 65536):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with us ends what we have started
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
