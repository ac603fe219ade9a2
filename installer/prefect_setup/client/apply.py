"""Applies an estate to Prefect."""

import asyncio
from pathlib import Path

from prefect.client.orchestration import PrefectClient, get_client

from installer.prefect_setup.client.automations import settle_automation
from installer.prefect_setup.client.blocks import settle_blocks
from installer.prefect_setup.client.deployments import settle_deployments
from installer.prefect_setup.client.objects import settle_pool, settle_queue, settle_variable
from installer.prefect_setup.client.output import Reporter
from installer.prefect_setup.model import Estate


async def apply(estate: Estate, reporter: Reporter) -> None:
    """Apply the estate. Matching objects stay unchanged. Raises PrefectFailed."""
    async with get_client() as client:
        # Pools first: workers start as soon as their pool is reported, and need some time.
        for environment in estate.environments:
            await settle_pool(client, environment.pool, reporter)
            await settle_queue(client, environment.pool, environment.queue, reporter)
        async with asyncio.TaskGroup() as together:
            together.create_task(_deployments(client, estate, reporter))
            together.create_task(_settings(client, estate, reporter))


async def _deployments(client: PrefectClient, estate: Estate, reporter: Reporter) -> None:
    for environment in estate.environments:
        await settle_deployments(client, environment, Path(estate.project), reporter)


async def _settings(client: PrefectClient, estate: Estate, reporter: Reporter) -> None:
    for environment in estate.environments:
        await settle_variable(client, environment.variable, reporter)
        for automation in environment.automations:
            await settle_automation(client, automation, reporter)
        await settle_blocks(client, environment.blocks, reporter)
