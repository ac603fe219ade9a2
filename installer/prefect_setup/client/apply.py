"""Makes what an estate describes exist in Prefect."""

import asyncio
from pathlib import Path

from prefect.client.orchestration import PrefectClient, get_client

from installer.prefect_setup.client.blocks import settle_blocks
from installer.prefect_setup.client.deployments import settle_deployments
from installer.prefect_setup.client.objects import settle_pool, settle_queue, settle_variable
from installer.prefect_setup.client.output import Teller
from installer.prefect_setup.model import Estate


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
