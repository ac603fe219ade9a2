"""Program that sets up and verifies Prefect inside the network: `python -m installer.prefect_setup`.

It is transferred in settings (job_program/packing.py). Its order is in FLOWFORGE_ORDER, {"estate": {…}} or {"canary": {"environment": …,
"key": …}}; the Prefect API is in PREFECT_API_URL with PREFECT_API_AUTH_STRING or PREFECT_API_KEY. It writes JSON lines: events,
then {"result": …} or {"error": text}.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from dataclasses import asdict, replace

from installer.errors import InstallerError
from installer.job_program.changes import Change
from installer.job_program.output import WriteLine, json_lines, line_of
from installer.jsontypes import Json
from installer.prefect_setup.acceptance import prove
from installer.prefect_setup.model import Estate
from installer.prefect_setup.rest import Api, wait_for_health
from installer.shipped_files import flow_project


def main() -> int:
    """Execute the order; returns exit code 1 if it failed."""
    write = json_lines()
    order = json.loads(os.environ["FLOWFORGE_ORDER"])
    api = Api.of(os.environ)
    try:
        wait_for_health(api, time.sleep)
        if "estate" in order:
            _apply(order["estate"], write)
            write({"result": "done"})
        if "canary" in order:
            write({"result": _run_canary(api, order["canary"], write)})
    except InstallerError as error:
        write({"error": str(error)})
        return 1
    return 0


def _apply(estate: Json, write: WriteLine) -> None:
    from installer.prefect_setup.client.apply import apply
    from installer.prefect_setup.client.errors import words
    from installer.prefect_setup.client.output import Reporter

    wanted = Estate.from_json(estate)
    project = wanted.project or str(flow_project())
    try:
        asyncio.run(apply(replace(wanted, project=project), Reporter(write)))
    except Exception as error:  # any error is reported as text; the log has the traceback
        traceback.print_exc()
        raise InstallerError(words(error)) from error


def _run_canary(api: Api, canary: dict[str, str], write: WriteLine) -> Json:
    def emit(change: Change) -> None:
        write(line_of(change))

    proof = prove(api, canary["environment"], canary["key"], emit=emit, pause=time.sleep)
    return {**asdict(proof), "hops": [one.to_json() for one in proof.hops]}


if __name__ == "__main__":
    sys.exit(main())
