"""Lines about the role of a cluster administrator that a run gives its account, and that a run that was killed has left.

Source: REST API Role Assignments - List For Scope ($filter=atScope()). Command: az role assignment delete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cloud.clusters import ADMIN_ROLE, ROLE_DESCRIPTION
from installer.json_access import as_text, member
from installer.operations.status.model import Line, Way
from installer.operations.status.observed import IN_PROGRESS
from installer.preflight.reads import listing
from installer.resource_id import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.resources import Planned
    from installer.operations.status.observed import Observed
    from installer.preflight.reads import Request


def assignments(cluster: Planned) -> Request:
    """The request for the role assignments of a cluster."""
    path = f"{cluster.id}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=atScope()"
    return listing(path, f"role assignments of {cluster.shown}")


def left_roles(observed: Observed, cluster: Planned) -> Iterator[Line]:
    """A line for each role of an account that is left; none while a run works, which needs it."""
    if observed.state == IN_PROGRESS:
        return
    for one in observed.subject.arm.every(assignments(cluster)):
        role, scope, why = (
            as_text(member(one, "properties", name)) for name in ("roleDefinitionId", "scope", "description")
        )
        if name_of(role).lower() != ADMIN_ROLE or scope.lower() != cluster.id.lower() or why != ROLE_DESCRIPTION:
            continue
        account = as_text(member(one, "properties", "principalId"))
        yield Line(
            f"workloads/{cluster.name}-role",
            cluster.shown,
            "attention",
            f"the account {account} still has the temporary role of a cluster administrator, which a run that was killed has left",
            observed.environment_of(cluster.id),
            (Way("remove the role", command=f"az role assignment delete --ids {as_text(one.get('id'))}"),),
        )
