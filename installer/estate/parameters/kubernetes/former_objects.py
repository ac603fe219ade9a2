"""Objects in a cluster that earlier answers or earlier versions have made, and that an installation removes."""

from installer.conventions.naming.environment import BOOTSTRAP_ACCOUNT, FLOWS_ACCOUNT
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.estate.parameters.kubernetes.prefect import SERVICES, WORKER
from installer.estate.parameters.prefect_server import has_separate_services


def former_services(home: Home) -> list[Manifest]:
    """Background services, while one server runs them itself."""
    if has_separate_services(home.it):
        return []
    return [
        home.manifest("apps/v1", "Deployment", SERVICES),
        home.manifest("policy/v1", "PodDisruptionBudget", SERVICES),
        home.manifest("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", SERVICES),
    ]


def former_permissions(home: Home) -> list[Manifest]:
    """Objects of earlier versions, in which flow runs shared the namespace of the services."""
    authorization = "rbac.authorization.k8s.io/v1"
    return [
        home.manifest(authorization, "RoleBinding", WORKER),
        home.manifest(authorization, "Role", WORKER),
        *(home.manifest("v1", "ServiceAccount", account) for account in (FLOWS_ACCOUNT, BOOTSTRAP_ACCOUNT)),
    ]
