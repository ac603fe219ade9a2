"""Objects created by another client at the same moment are updated and are not a failure."""

import asyncio
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from prefect.client.schemas.actions import VariableCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import WorkPool as Found
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from installer.jsontypes import Json
from installer.prefect_setup.client.objects import settle_pool
from installer.prefect_setup.client.output import Reporter
from installer.prefect_setup.model import WorkPool

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

POOL = WorkPool("flowforge-dev", "process", "Runs of FlowForge", 10, {})


class Prefect:
    """A server on which a worker creates the pool between the read and the creation by the installer."""

    def __init__(self) -> None:
        self.pool: Found | None = None
        self.set_right: list[WorkPoolUpdate] = []
        self.recorded: VariableCreate | None = None

    async def read_work_pool(self, name: str) -> Found:
        if self.pool is None:
            raise ObjectNotFound(Exception(name))
        return self.pool

    async def create_work_pool(self, work_pool: WorkPoolCreate) -> None:
        self.pool = Found(name=work_pool.name, type=work_pool.type, default_queue_id=uuid4())
        raise ObjectAlreadyExists(Exception(work_pool.name))

    async def read_variable_by_name(self, name: str) -> None:
        assert name == "flowforge_dev_pool"

    async def create_variable(self, variable: VariableCreate) -> None:
        self.recorded = variable

    async def update_work_pool(self, name: str, work_pool: WorkPoolUpdate) -> None:
        assert name == POOL.name
        self.set_right.append(work_pool)


def test_a_pool_that_a_worker_makes_at_the_same_moment_is_updated() -> None:
    prefect, told = Prefect(), list[dict[str, Json]]()
    asyncio.run(settle_pool(cast("PrefectClient", prefect), POOL, Reporter(told.append)))
    assert [update.description for update in prefect.set_right] == ["Runs of FlowForge"]
    assert prefect.recorded is not None
    assert [(event["event"], event["name"]) for event in told] == [("updated", "flowforge-dev")]
