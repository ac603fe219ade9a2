"""A real Prefect server for the tests of the customer's flows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from installer.emulator.prefect.processes import Processes
from installer.emulator.providers.kubernetes.workloads import Container
from installer.prefect_setup.flows.apply import read_record, work_on_flows
from installer.prefect_setup.flows.order import FlowsOrder
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.rest import Api
from tests.prefect_setup.real_flows import Flows
from tests.processes import until

LONG = 180.0
SECRET = "kv/secrets/prefect-auth"


@pytest.fixture(scope="package")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    home = tmp_path_factory.mktemp("prefect")
    with Processes(home) as processes:
        secrets = {"PREFECT_SERVER_API_AUTH_STRING": SECRET}
        processes.keep("server", Container("prefect", ("prefect", "server", "start"), secrets=secrets))
        until(lambda: processes.ready_replicas("server", 1) == 1, "the server answers", LONG)
        (url,) = processes.addresses().values()
        yield Api(f"{url}/api", SecretStr(processes.secret(SECRET)), url)


@pytest.fixture
def flows(api: Api, tmp_path: Path) -> Iterator[Flows]:
    """Without objects of the flows of another test."""
    server = Server(api)
    server.send("POST", "/work_pools/", {"name": "flowforge-dev", "type": "kubernetes"}, "pool") if server.find(
        "/work_pools/flowforge-dev", "pool"
    ) is None else None
    if server.find("/work_pools/flowforge-dev/queues/flowforge", "queue") is None:
        server.send("POST", "/work_pools/flowforge-dev/queues", {"name": "flowforge"}, "queue")
    yield Flows(server, tmp_path)
    empty = FlowsOrder("dev", "apply", "", (), take=tuple(read_record(server, "dev").objects))
    work_on_flows(server, empty, lambda _: None)
