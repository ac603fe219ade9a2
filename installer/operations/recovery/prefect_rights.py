"""Actions that a job in the network of an environment needs, each at the group of what it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.estate.parameters.resource_ids import resource_id, workspace_id
from installer.preflight.rights.needs import Need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.estate.parameters.context import Installation, Site

_CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
_IN_CLUSTER: Final = (f"{_CLUSTERS}/runCommand/action", f"{_CLUSTERS}/commandResults/read")
_JOBS: Final = "Microsoft.App/jobs"
_ON_APPS: Final = (f"{_JOBS}/start/action", f"{_JOBS}/executions/read")
_LOG: Final = "Microsoft.OperationalInsights/workspaces/query/read"


def job_needs(it: Installation, site: Site, why: str) -> Iterator[Need]:
    """The actions to run a job and to read its output; preflight/rights/step_actions.toml has the same for a run.

    Args:
        it: The installation.
        site: The environment.
        why: What the job is for.

    """
    names, group = it.names, it.names.group(site.name)
    kind, name = (
        (_CLUSTERS, names.kubernetes(site.name)) if site.on_kubernetes else (_JOBS, names.job(site.name, "register"))
    )
    target = resource_id(site.subscription, group, kind, name)
    scope = target.partition("/providers/")[0]
    for action in _IN_CLUSTER if site.on_kubernetes else _ON_APPS:
        yield Need(action, scope, why, place=scope, target=target)
    # Whether the account has a role in the cluster, or has to assign itself one, only a command in the cluster shows.
    if not site.on_kubernetes:
        workspace = workspace_id(it)
        where = workspace.partition("/providers/")[0]
        yield Need(_LOG, where, why, place=where, target=workspace)
