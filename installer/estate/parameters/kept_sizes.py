"""Sizes and lists of shared services that others have raised: pricing tier of the workspace, extensions of PostgreSQL."""

from typing import Final

from installer.estate.parameters.context import Installation
from installer.estate.parameters.data import server_ids
from installer.estate.parameters.resource_ids import workspace_id
from installer.estate.parameters.stage_spec import KeptByOthers
from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json

_WORKSPACES_VERSION: Final = "2025-07-01"
_SERVERS_VERSION: Final = "2025-08-01"
_PAY_AS_YOU_GO: Final = "pergb2018"
_EXTENSIONS: Final = "azure.extensions"
_TRIGRAMS: Final = "pg_trgm"
"""The extension that FlowForge allows; the names have no case."""


def kept_tier(it: Installation) -> tuple[KeptByOthers, ...]:
    """Commitment tier of the Log Analytics workspace.

    Azure refuses a lower tier within 31 days: learn.microsoft.com, azure-monitor/logs/change-pricing-tier.
    """
    name = it.names.workspace
    where = workspace_id(it)
    return (KeptByOthers("kept", f"workspaces/{name}", where, _WORKSPACES_VERSION, name, _tier),)


def _tier(content: dict[str, Json]) -> Json:
    sku = as_object(member(content, "properties", "sku"))
    if as_text(sku.get("name")).lower() in {"", _PAY_AS_YOU_GO}:
        return {}
    level = sku.get("capacityReservationLevel")
    return {"sku": {"name": sku["name"], **({"capacityReservationLevel": level} if level else {})}}


def kept_extensions(it: Installation) -> tuple[KeptByOthers, ...]:
    """Extensions that others allow on the PostgreSQL servers.

    Only listed ones can be created or updated: learn.microsoft.com, postgresql/extensions/errors-extensions.
    """
    return tuple(
        KeptByOthers(
            "kept",
            f"configurations/{server.rpartition('/')[2]}",
            f"{server}/configurations/{_EXTENSIONS}",
            _SERVERS_VERSION,
            server.rpartition("/")[2],
            _extensions,
            holds=_EXTENSIONS,
        )
        for server in server_ids(it)
    )


def _extensions(content: dict[str, Json]) -> Json:
    names = [name.strip() for name in as_text(member(content, "properties", "value")).split(",")]
    return [{"name": name} for name in names if name and name.lower() != _TRIGRAMS]
