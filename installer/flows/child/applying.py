"""Makes what an estate describes exist in Prefect."""

import asyncio
from pathlib import Path

from prefect.client.orchestration import PrefectClient, get_client

from installer.flows.child.blocks import settle_blocks
from installer.flows.child.deploying import settle_deployments
from installer.flows.child.objects import settle_pool, settle_queue, settle_variable
from installer.flows.child.telling import Teller
from installer.flows.estate import Estate


async def apply(estate: Estate, teller: Teller) -> None:
    """Apply the estate. What is as described already is left alone; raises PrefectFailed."""
    async with get_client() as client:
        # Pools first: workers are started as soon as their pool is told, and take a while to come up.
        for environment in estate.environments:
            await settle_pool(client, environment.pool, teller)
            await settle_queue(client, environment.pool, environment.queue, teller)
        async with asyncio.TaskGroup() as together:
            together.create_task(_deployments(client, estate, teller))
            together.create_task(_settings(client, estate, teller))


async def _deployments(client: PrefectClient, estate: Estate, teller: Teller) -> None:
    for environment in estate.environments:
        await settle_deployments(client, environment, Path(estate.project), teller)


async def _settings(client: PrefectClient, estate: Estate, teller: Teller) -> None:
    for environment in estate.environments:
        await settle_variable(client, environment.variable, teller)
        await settle_blocks(client, environment.blocks, teller)
