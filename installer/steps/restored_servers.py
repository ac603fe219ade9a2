"""Servers that were restored from another one: a tag names the source, so that databases which the answers expect there exist."""

from typing import TYPE_CHECKING, Final

from installer.estate.changes import MovedDatabases
from installer.json_access import as_object
from installer.steps.live_parameters import Reads

if TYPE_CHECKING:
    from installer.json_access import JsonObject

SOURCE_TAG: Final = "flowforge-restored-from"
POINT_TAG: Final = "flowforge-restore-point"
PROOF_TAG: Final = "flowforge-restore-proof"


def is_restore_of(one: "JsonObject", other: str) -> bool:
    """Whether a server was restored from the one with this name, to be kept: a proof deletes its server."""
    tags = as_object(one.get("tags"))
    return tags.get(SOURCE_TAG) == other and PROOF_TAG not in tags


def has_the_databases(arm: Reads, moved: MovedDatabases) -> bool:
    """Whether the other server is a restore of the former one, or the one that the former was restored from. Queries Azure."""
    former = moved.server
    here = arm.read(former.id, former.api_version)
    there = arm.read(f"{former.id.rpartition('/')[0]}/{moved.after}", former.api_version)
    if here is None or there is None:
        return False
    return is_restore_of(there, former.name) or is_restore_of(here, moved.after)
