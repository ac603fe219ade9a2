"""Program that sets up and verifies Prefect inside the network: `python -m installer.prefect_setup`.

It is transferred in settings (job_program/packing.py). Its order is in FLOWFORGE_ORDER: {"estate": {…}}, {"canary": {"environment": …,
"key": …}} or an order for the customer's flows (`flows`, `list`, `run`), for a backup of all objects (`backup`), for what was deleted in a data lake (`lake`, without Prefect) or for a change of credentials (`drain`, `resume`); the Prefect API is in PREFECT_API_URL with PREFECT_API_AUTH_STRING or PREFECT_API_KEY. It writes JSON lines: events,
then {"result": …} or {"error": text}.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from dataclasses import asdict, replace
from functools import partial

from installer.errors import InstallerError
from installer.job_program.changes import Change
from installer.job_program.output import WriteLine, json_lines, line_of
from installer.jsontypes import Json
from installer.prefect_setup.acceptance import prove
from installer.prefect_setup.backup.order import BackupOrder, in_lines
from installer.prefect_setup.backup.read import read_objects
from installer.prefect_setup.backup.restore import work_on_backup
from installer.prefect_setup.flows.apply import work_on_flows
from installer.prefect_setup.flows.image_files import check_image_files
from installer.prefect_setup.flows.listing import list_flows, run_flow
from installer.prefect_setup.flows.order import FlowsOrder, RunOrder
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.lake.blob_service import BlobService
from installer.prefect_setup.lake.order import LakeOrder
from installer.prefect_setup.lake.restore import read, restore
from installer.prefect_setup.model import Estate
from installer.prefect_setup.pools_paused import PoolsPaused
from installer.prefect_setup.rest import Api, wait_for_health
from installer.shipped_files import flow_project


def main() -> int:
    """Execute the order; returns exit code 1 if it failed."""
    write = json_lines()
    order = json.loads(os.environ["FLOWFORGE_ORDER"])
    api = Api.of(os.environ)
    try:
        if "lake" in order:
            write({"result": _lake(LakeOrder.from_json(order["lake"]), write)})
            return 0
        wait_for_health(api, time.sleep)
        if "estate" in order:
            _apply(order["estate"], write)
            write({"result": "done"})
        if "canary" in order:
            write({"result": _run_canary(api, order["canary"], write)})
        if "flows" in order:
            write({"result": _flows(api, order["flows"], write)})
        if "list" in order:
            write({"result": list_flows(Server(api), order["list"]["environment"], order["list"]["pool"])})
        if "run" in order:
            run = RunOrder.from_json(order["run"])
            write({"result": run_flow(Server(api), run, lambda change: write(line_of(change)))})
        if "backup" in order:
            _backup(Server(api), BackupOrder.from_json(order["backup"]), write)
        if "drain" in order or "resume" in order:
            _pools(api, order, write)
            write({"result": "done"})
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


def _flows(api: Api, document: Json, write: WriteLine) -> Json:
    order = FlowsOrder.from_json(document)
    if order.built_elsewhere and order.mode == "apply":
        check_image_files(order)
    if order.project and order.mode == "apply":
        from installer.prefect_setup.client.flow_schemas import with_schema

        read = partial(with_schema, project=order.project, assumes_packages=order.assumes_packages)
        order = replace(order, objects=tuple(read(one) if one.kind == "deployment" else one for one in order.objects))
    return work_on_flows(Server(api), order, write)


def _backup(server: Server, order: BackupOrder, write: WriteLine) -> None:
    if order.mode == "read":
        for line in in_lines(read_objects(server)):
            write(line)
    else:
        write({"result": work_on_backup(server, order, write)})


def _lake(order: LakeOrder, write: WriteLine) -> Json:
    from installer.database_setup.sign_in import workload_credential

    credential = workload_credential()  # it keeps its tokens
    service = BlobService(order.account, lambda: str(credential.get_token(f"{order.audience}/.default").token))
    return restore(service, order, write) if order.mode == "restore" else read(service, order, write)


def _pools(api: Api, order: dict[str, float], write: WriteLine) -> None:
    pools = PoolsPaused(api, lambda change: write(line_of(change)), time.sleep)
    if "drain" in order:
        pools.drain(order["drain"])
    else:
        pools.resume()


def _run_canary(api: Api, canary: dict[str, str], write: WriteLine) -> Json:
    def emit(change: Change) -> None:
        write(line_of(change))

    proof = prove(api, canary["environment"], canary["key"], emit=emit, pause=time.sleep)
    return {**asdict(proof), "hops": [one.to_json() for one in proof.hops]}


if __name__ == "__main__":
    sys.exit(main())
