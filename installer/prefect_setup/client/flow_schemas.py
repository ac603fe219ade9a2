"""Parameters of the customer's flows, read by importing them as `prefect deploy` does, in the image that will run them."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject


def with_schema(one: FlowObject, project: str, *, assumes_packages: bool) -> FlowObject:
    """A deployment with the schema of its parameters, and with the description of its flow if it has none.

    Args:
        one: The deployment.
        project: Folder of the project.
        assumes_packages: Read a flow whose packages are missing here without them, as Prefect can; else that is an error.

    Raises:
        PrefectFailed: The flow cannot be imported.

    """
    entrypoint = str(one.fields["entrypoint"])
    os.chdir(project)
    if project not in sys.path:
        sys.path.insert(0, project)
    try:
        flow: Flow[..., Any] = _loaded(entrypoint, assumes_packages=assumes_packages)
        schema = parameter_schema(flow).model_dump_for_openapi()
    except (Exception, SystemExit) as error:  # the code is the customer's
        traceback.print_exc()
        where = f"{Path(entrypoint.partition(':')[0]).name}: " if ":" in entrypoint else ""
        raise PrefectFailed(f"{one.key}: {where}cannot be imported: {type(error).__name__}: {error}") from error
    expected = one.name.partition("/")[0]
    if flow.name != expected:
        raise PrefectFailed(f"{one.key}: the flow of {entrypoint} has the name {flow.name}, not {expected}")
    description = one.fields.get("description") or flow.description
    fields = {**one.fields, "description": description, "parameter_openapi_schema": schema}
    return FlowObject(one.kind, one.name, fields)


def _loaded(entrypoint: str, *, assumes_packages: bool) -> Flow[..., Any]:
    try:
        return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    except Exception as error:
        causes = [error, error.__cause__, error.__context__]
        if assumes_packages and any(isinstance(one, ModuleNotFoundError) for one in causes):
            return load_flow_from_entrypoint(entrypoint)
        raise
