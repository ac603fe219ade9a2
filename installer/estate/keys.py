"""Keys of stages and steps: how journals, events and the command line (`resume --only`) name them.

They are kept in journals and in names of deployments, so a key that was released stays as it is.
"""

from collections.abc import Iterable
from typing import Final

# -- stages that serve all environments ----------------------------------------------------------------------------

FOUNDATION: Final = "foundation"
NETWORK: Final = "network"
GRANTS: Final = "grants"
DATA: Final = "data"
PRIVATE_LINK: Final = "privatelink"
OBSERVABILITY: Final = "observability"
PROTECTION: Final = "protection"
INTEGRATIONS: Final = "optional"
"""Optional services. The key is older than the name."""

# -- stages of an environment --------------------------------------------------------------------------------------

SECRETS: Final = "secrets"
RUNTIME: Final = "runtime"
CONTROL_PLANE: Final = "controlplane"
INGRESS: Final = "ingress"

# -- other steps ---------------------------------------------------------------------------------------------------

PREFLIGHT: Final = "checks"
PROVIDERS: Final = "providers"
RBAC_PROPAGATION: Final = "rights"
FORMER_ROLES: Final = "former-roles"
LEFT_OVER: Final = "leftover"
FLOW_LIST: Final = "flows-list"
FLOW_RUN: Final = "flows-run"


def image(kind: str, environment: str = "") -> str:
    """The step that provides the image of Prefect or of the web app, or the own one of an environment; its output is `digest`."""
    return f"image-{kind}-{environment}" if environment else f"image-{kind}"


def flow_image(environment: str) -> str:
    """The step that provides the image of the customer's flows; its output is `digest`."""
    return f"image-flows-{environment}"


def flow_diff(environment: str) -> str:
    """The step that compares the customer's flows with Prefect."""
    return f"flows-diff-{environment}"


def flow_lock(environment: str) -> str:
    """The step that keeps other runs from deploying flows until the changes of this one are made."""
    return f"flows-lock-{environment}"


def flow_worker(environment: str) -> str:
    """The step that gives the image of the flows to a worker that runs them in its container."""
    return f"flows-worker-{environment}"


def flows(environment: str) -> str:
    """The step that applies the customer's flows to Prefect."""
    return f"flows-{environment}"


def of_environment(stage: str, environment: str) -> str:
    """Key of a stage or step of one environment."""
    return f"{stage}-{environment}"


def belongs_to(key: str, environments: Iterable[str]) -> bool:
    """Whether a stage or step is of one of these environments."""
    return any(key.endswith(of_environment("", name)) for name in environments)


def secrets(environment: str) -> str:
    """The stage that writes secrets to the vault."""
    return of_environment(SECRETS, environment)


def runtime(environment: str) -> str:
    """The stage of the cluster or the Container Apps environment."""
    return of_environment(RUNTIME, environment)


def control_plane(environment: str) -> str:
    """The stage of the web app."""
    return of_environment(CONTROL_PLANE, environment)


def ingress(environment: str) -> str:
    """The stage of Application Gateway or Front Door."""
    return of_environment(INGRESS, environment)


def app_registration(environment: str) -> str:
    """The step that creates or checks the app registration; its output is `clientId`."""
    return of_environment("directory", environment)


def bootstrap(environment: str) -> str:
    """The step after which the identities of an environment have their roles in the databases."""
    return of_environment("bootstrap", environment)


def web_check(environment: str) -> str:
    """The step that checks the image of the web app in the network of an environment."""
    return of_environment("check", environment)


def migrate(environment: str) -> str:
    """The step that makes or migrates the tables of FlowForge."""
    return of_environment("migrate", environment)


def prefect_tables(environment: str) -> str:
    """The step that makes or migrates the tables of Prefect."""
    return of_environment("upgrade", environment)


def remove_database_access(environment: str) -> str:
    """The step that removes what an interrupted bootstrap step left behind."""
    return of_environment("database-access", environment)


def register(environment: str) -> str:
    """The step that creates work pools, blocks and deployments in Prefect."""
    return of_environment("register", environment)


def canary(environment: str) -> str:
    """The step that proves an environment by a flow run."""
    return of_environment("canary", environment)


def dns_records(environment: str) -> str:
    """The step that creates the DNS records of the ingress."""
    return of_environment("names", environment)


def approvals(environment: str) -> str:
    """The step that approves private endpoint connections."""
    return of_environment("approvals", environment)


def apps_zone(environment: str) -> str:
    """The step that names the DNS zone of a Container Apps environment to its organization."""
    return of_environment("apps-zone", environment)


def endpoint_records(stage: str) -> str:
    """The step that waits until the private endpoints of a stage are registered in DNS."""
    return f"records-{stage}"


def former_services(environment: str) -> str:
    """The step that removes the background services of several Prefect servers."""
    return of_environment("former-services", environment)


def remove_cluster_role(environment: str) -> str:
    """The step that removes the temporary role of a cluster administrator."""
    return of_environment("leave", environment)


def promotion(environment: str) -> str:
    """The step that records in Azure that a promotion to an environment has begun."""
    return of_environment("promotion", environment)


def promoted(environment: str) -> str:
    """The step that records in Azure that a promotion has proved an environment."""
    return of_environment("promoted", environment)


# -- operations ----------------------------------------------------------------------------------------------------


def control_plane_version(environment: str, version: str) -> str:
    """The step that gives the control plane of a cluster a version of Kubernetes."""
    return f"kubernetes-{version}-{environment}"


def pool_version(environment: str, pool: str, version: str) -> str:
    """The step that gives a node pool a version of Kubernetes."""
    return f"nodes-{pool}-{version}-{environment}"


def backup(server: str) -> str:
    """The step that makes a backup of a PostgreSQL server."""
    return f"backup-{server}"
