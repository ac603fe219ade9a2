"""Names of what an environment has for itself: data, runtime, control plane."""

from typing import Final, Literal

from installer.conventions.naming.rules import HYPHENATED, Law, NamesBase

LAWS: Final[dict[str, Law]] = {
    "group": Law(HYPHENATED, 90),
    "managed_group": Law(HYPHENATED, 80),
    "key_vault": Law(
        r"[a-z]([a-z0-9]|-(?!-))+[a-z0-9]", 24, said="letters, digits and single hyphens, a letter first", unique=True
    ),
    "storage_account": Law(r"[a-z0-9]{3,}", 24, said="lower-case letters and digits", unique=True),
    "own_postgres": Law(HYPHENATED, 63, unique=True),
    "kubernetes": Law(HYPHENATED, 54),
    "container_apps": Law(HYPHENATED, 60),
    "apps_group": Law(HYPHENATED, 80),
    "container_logs": Law(HYPHENATED, 64),
    "redis": Law(HYPHENATED, 60, unique=True),
    "component": Law(HYPHENATED, 255),
    "backup_vault": Law(HYPHENATED, 50),
    "plan": Law(HYPHENATED, 40),
    "site": Law(HYPHENATED, 59, unique=True),
}

FLOWS_ACCOUNT: Final = "flowforge-flows"
"""Service account of the pods of flow runs."""
SERVICE_ACCOUNTS: Final[dict[str, str]] = {
    "prefect-server": "prefect",
    "prefect-worker": "worker",
    FLOWS_ACCOUNT: "worker",
    "flowforge-bootstrap": "dbadmin",
    "flowforge-migrate": "web",
}
"""Service account in the namespace of an environment to the workload whose identity it acts as."""
EVENT_QUEUE: Final = "events"
"""Queue of events in a storage account."""


class EnvironmentNames(NamesBase):
    """Names of what an environment has for itself."""

    def group(self, environment: str) -> str:
        """Resource group of an environment."""
        return self._named("group", f"rg-ff-{self.prefix}-{environment}", environment)

    def managed_group(self, environment: str) -> str:
        """Resource group that the runtime of an environment makes for its machines."""
        return self._named("managed_group", f"rg-ff-{self.prefix}-{environment}-runtime", environment)

    def identity(self, environment: str, workload: str) -> str:
        """User-assigned identity of a workload."""
        return f"id-ff-{self.prefix}-{environment}-{workload}"

    def key_vault(self, environment: str) -> str:
        """Key vault; unique in the cloud, at most 24 characters."""
        return self._named("key_vault", f"kv-ff-{self.prefix}-{environment}", environment)

    def key_vault_uri(self, environment: str) -> str:
        """Where the key vault answers, with a slash at the end."""
        return f"https://{self.key_vault(environment)}.{self.answers_at.key_vault}/"

    def storage_account(self, environment: str) -> str:
        """Storage account; unique in the cloud, at most 24 letters and digits."""
        return self._named("storage_account", f"stff{self.prefix}{environment}", environment)

    def blob_endpoint(self, environment: str) -> str:
        """Where blobs answer, with a slash at the end."""
        return f"https://{self.storage_account(environment)}.blob.{self.answers_at.storage}/"

    def own_postgres(self, environment: str) -> str:
        """PostgreSQL server that an environment has for itself; unique in the cloud."""
        return self._named("own_postgres", f"pg-ff-{self.prefix}-{environment}", environment)

    def database(self, environment: str, application: Literal["flowforge", "prefect"]) -> str:
        """Database of an application on the shared server."""
        return f"{application}_{environment}"

    def kubernetes(self, environment: str) -> str:
        """Kubernetes cluster, and its DNS prefix."""
        return self._named("kubernetes", f"aks-ff-{self.prefix}-{environment}", environment)

    def container_apps(self, environment: str) -> str:
        """Container Apps environment."""
        return self._named("container_apps", f"cae-ff-{self.prefix}-{environment}", environment)

    def apps_group(self, environment: str) -> str:
        """Resource group that Container Apps make for their infrastructure."""
        return self._named("apps_group", f"rg-ff-{self.prefix}-{environment}-apps", environment)

    def namespace(self, environment: str) -> str:
        """Namespace of FlowForge in a Kubernetes cluster."""
        return f"flowforge-{environment}"

    def container_logs(self, environment: str) -> str:
        """Rule by which the logs of containers are collected."""
        return self._named("container_logs", f"dcr-ff-{self.prefix}-{environment}-containers", environment)

    def job(self, environment: str, work: str) -> str:
        """Job in a Container Apps environment."""
        return f"job-{self.prefix}-{environment}-{work}"

    def redis(self, environment: str) -> str:
        """Cache that Prefect servers share; unique in its region."""
        return self._named("redis", f"redis-ff-{self.prefix}-{environment}", environment)

    def component(self, environment: str) -> str:
        """Application Insights component of the web app."""
        return self._named("component", f"appi-ff-{self.prefix}-{environment}", environment)

    def backup_vault(self, environment: str) -> str:
        """Backup vault of the data lake."""
        return self._named("backup_vault", f"bvault-ff-{self.prefix}-{environment}", environment)

    def app(self, environment: str, workload: str) -> str:
        """Container App of a workload, whose name is at most 32 characters."""
        return f"ca-{self.prefix}-{environment}-{workload}"

    def plan(self, environment: str) -> str:
        """App Service plan."""
        return self._named("plan", f"asp-ff-{self.prefix}-{environment}", environment)

    def site(self, environment: str) -> str:
        """Web app; unique in the cloud."""
        return self._named("site", f"app-ff-{self.prefix}-{environment}", environment)

    def site_host(self, environment: str) -> str:
        """Where the web app answers."""
        return f"{self.site(environment)}.{self.answers_at.web}"
