"""The program that sets up Prefect and proves it, inside the network: `python -m installer.prefect_setup`.

It is carried to where it runs (program.py) and finds what it shall do in FLOWFORGE_ORDER, {"estate": {…}} or {"canary":
{"environment": …, "key": …}}, and Prefect in PREFECT_API_URL with PREFECT_API_AUTH_STRING or PREFECT_API_KEY. It writes JSON
lines: events, and at last {"result": …} or {"error": text}.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TypeAlias

from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.prefect_setup.acceptance import prove
from installer.prefect_setup.changes import Change
from installer.prefect_setup.model import Estate
from installer.prefect_setup.rest import Api, wait_for_health
from installer.shipped_files import flow_project

Tell: TypeAlias = Callable[[dict[str, Json]], None]


def main() -> int:
    """Do what the order says; the exit code is 1 when that failed."""
    # Libraries print: standard output is for our lines alone, all else goes beside it.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(line: dict[str, Json]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    order = json.loads(os.environ["FLOWFORGE_ORDER"])
    api = Api.of(os.environ)
    try:
        wait_for_health(api, time.sleep)
        if "estate" in order:
            _apply(order["estate"], tell)
            tell({"result": "done"})
        if "canary" in order:
            tell({"result": _prove(api, order["canary"], tell)})
    except InstallerError as error:
        tell({"error": str(error)})
        return 1
    return 0


def _apply(estate: Json, tell: Tell) -> None:
    from installer.prefect_setup.client.apply import apply
    from installer.prefect_setup.client.errors import words
    from installer.prefect_setup.client.output import Teller

    wanted = Estate.from_json(estate)
    project = wanted.project or str(flow_project())
    try:
        asyncio.run(apply(replace(wanted, project=project), Teller(tell)))
    except Exception as error:  # whatever it is, it is told in words, and the log has it all
        traceback.print_exc()
        raise InstallerError(words(error)) from error


def _prove(api: Api, canary: dict[str, str], tell: Tell) -> Json:
    def emit(change: Change) -> None:
        tell({"event": change.doing, "kind": change.kind, "name": change.name, "text": change.text})

    return asdict(prove(api, canary["environment"], canary["key"], emit=emit, pause=time.sleep))


if __name__ == "__main__":
    sys.exit(main())
