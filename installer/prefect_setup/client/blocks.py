"""Blocks of types built into the server, so that their collection need not be installed here."""

import contextlib
from collections.abc import Mapping
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import BlockDocumentCreate, BlockDocumentUpdate
from prefect.client.schemas.objects import BlockDocument
from prefect.exceptions import ObjectNotFound

from installer.errors import PrefectFailed
from installer.prefect_setup.client.output import Reporter, differing
from installer.prefect_setup.model import Block


async def settle_blocks(client: PrefectClient, blocks: tuple[Block, ...], reporter: Reporter) -> None:
    """Create or update the blocks in order: referenced blocks come first."""
    ids: dict[str, UUID] = {}
    for block in blocks:
        ids[block.key] = await _settle(client, block, ids, reporter)


async def _settle(client: PrefectClient, block: Block, ids: Mapping[str, UUID], reporter: Reporter) -> UUID:
    data: dict[str, object] = dict(block.values)
    for field, key in block.references.items():
        data[field] = {"$ref": {"block_document_id": str(ids[key])}}
    found = None
    with contextlib.suppress(ObjectNotFound):
        found = await client.read_block_document_by_name(block.name, block.type)
    if found is None:
        type_id, schema_id = await _schema(client, block.type)
        created = await client.create_block_document(
            BlockDocumentCreate(name=block.name, data=data, block_type_id=type_id, block_schema_id=schema_id)
        )
        reporter.created("block", block.key)
        return created.id
    has = _data(found)
    if fields := sorted({*differing(data, has), *(has.keys() - data.keys())}):
        await client.update_block_document(found.id, BlockDocumentUpdate(data=data, merge_existing_data=False))
        reporter.updated("block", block.key, fields)
    else:
        reporter.unchanged("block", block.key)
    return found.id


def _data(found: BlockDocument) -> dict[str, object]:
    """The data of a block in the format for writing: the server expands references when reading."""
    data = {field: value for field, value in found.data.items() if value is not None}
    for field, reference in found.block_document_references.items():
        data[field] = {"$ref": {"block_document_id": str(reference["block_document"]["id"])}}
    return data


async def _schema(client: PrefectClient, slug: str) -> tuple[UUID, UUID]:
    try:
        found = await client.read_block_type_by_slug(slug)
    except ObjectNotFound:
        raise PrefectFailed(f"the Prefect server has no block type {slug}") from None
    schema = await client.get_most_recent_block_schema_for_block_type(found.id)
    if schema is None:
        raise PrefectFailed(f"the Prefect server has no schema for blocks of type {slug}")
    return found.id, schema.id
