"""Names of resources of one environment: data, runtime, control plane."""

from typing import Final, Literal

from installer.conventions.naming.rules import HYPHENATED, NameRule, NamesBase

NAME_RULES: Final[dict[str, NameRule]] = {
    "group": NameRule(HYPHENATED, 90),
    "managed_group": NameRule(HYPHENATED, 80),
    "key_vault": NameRule(
        r"[a-z]([a-z0-9]|-(?!-))+[a-z0-9]",
        24,
        said="letters, digits and single hyphens, starting with a letter",
        unique=True,
    ),
    "storage_account": NameRule(r"[a-z0-9]{3,}", 24, said="lower-case letters and digits", unique=True),
    "own_postgres": NameRule(HYPHENATED, 63, unique=True),
    "kubernetes": NameRule(HYPHENATED, 54),
    "container_apps": NameRule(HYPHENATED, 60),
    "apps_group": NameRule(HYPHENATED, 80),
    "container_logs": NameRule(HYPHENATED, 64),
    "redis": NameRule(HYPHENATED, 60, unique=True),
    "component": NameRule(HYPHENATED, 255),
    "backup_vault": NameRule(HYPHENATED, 50),
    "disk_encryption_set": NameRule(HYPHENATED, 80),
    "plan": NameRule(HYPHENATED, 40),
    "site": NameRule(HYPHENATED, 59, unique=True),
}

ENCRYPTION_KEY: Final = "encryption"
"""Customer-managed key in a key vault."""
FLOWS_ACCOUNT: Final = "flowforge-flows"
"""Service account of the pods of flow runs."""
BOOTSTRAP_ACCOUNT: Final = "flowforge-bootstrap"
"""Service account of the job that acts as the database administrator; it exists only while that job runs."""
NamespacePart = Literal["services", "flows", "setup"]
"""Namespaces of an environment: services, flow runs, and the job of the database administrator."""
SERVICE_ACCOUNTS: Final[dict[NamespacePart, dict[str, str]]] = {
    "services": {"prefect-server": "prefect", "prefect-worker": "worker", "flowforge-migrate": "web"},
    "flows": {FLOWS_ACCOUNT: "worker"},
}
"""Workload, whose identity it uses, by permanent service account and namespace."""
EVENT_QUEUE: Final = "events"
"""Event queue in a storage account."""


class EnvironmentNames(NamesBase):
    """Names of resources of one environment."""

    def group(self, environment: str) -> str:
        """Resource group of an environment."""
        return self._named("group", f"rg-ff-{self.prefix}-{environment}", environment)

    def managed_group(self, environment: str) -> str:
        """Managed resource group of the Kubernetes nodes."""
        return self._named("managed_group", f"rg-ff-{self.prefix}-{environment}-runtime", environment)

    def identity(self, environment: str, workload: str) -> str:
        """User-assigned managed identity of a workload; `environment` is "platform" for shared resources."""
        return f"id-ff-{self.prefix}-{environment}-{workload}"

    def key_vault(self, environment: str) -> str:
        """Key vault; globally unique, at most 24 characters."""
        return self._named("key_vault", f"kv-ff-{self.prefix}-{environment}", environment)

    def key_vault_uri(self, environment: str) -> str:
        """URI of the key vault, with a trailing slash."""
        return f"https://{self.key_vault(environment)}.{self.answers_at.key_vault}/"

    def storage_account(self, environment: str) -> str:
        """Storage account; globally unique, at most 24 letters and digits."""
        return self._named("storage_account", f"stff{self.prefix}{environment}", environment)

    def blob_endpoint(self, environment: str) -> str:
        """Blob endpoint of the storage account, with a trailing slash."""
        return f"https://{self.storage_account(environment)}.blob.{self.answers_at.storage}/"

    def own_postgres(self, environment: str) -> str:
        """Dedicated PostgreSQL server of an environment; globally unique."""
        return self._named("own_postgres", f"pg-ff-{self.prefix}-{environment}", environment)

    def database(self, environment: str, application: Literal["flowforge", "prefect"]) -> str:
        """Database of an application on the shared server."""
        return f"{application}_{environment}"

    def kubernetes(self, environment: str) -> str:
        """Kubernetes cluster and its DNS prefix."""
        return self._named("kubernetes", f"aks-ff-{self.prefix}-{environment}", environment)

    def container_apps(self, environment: str) -> str:
        """Container Apps environment."""
        return self._named("container_apps", f"cae-ff-{self.prefix}-{environment}", environment)

    def apps_group(self, environment: str) -> str:
        """Managed resource group of the Container Apps environment."""
        return self._named("apps_group", f"rg-ff-{self.prefix}-{environment}-apps", environment)

    def namespace(self, environment: str, purpose: NamespacePart = "services") -> str:
        """Namespace of FlowForge in a Kubernetes cluster."""
        return f"flowforge-{environment}" + ("" if purpose == "services" else f"-{purpose}")

    def container_logs(self, environment: str) -> str:
        """Data collection rule for container logs."""
        return self._named("container_logs", f"dcr-ff-{self.prefix}-{environment}-containers", environment)

    def job(self, environment: str, work: str) -> str:
        """Job in a Container Apps environment."""
        return f"job-{self.prefix}-{environment}-{work}"

    def redis(self, environment: str) -> str:
        """Redis shared by Prefect servers; unique in its region."""
        return self._named("redis", f"redis-ff-{self.prefix}-{environment}", environment)

    def prefect_label(self, environment: str) -> str:
        """DNS label of the public address of Prefect in a cluster; unique in its region."""
        return f"ff-{self.prefix}-{environment}-prefect"

    def component(self, environment: str) -> str:
        """Application Insights component of the web app."""
        return self._named("component", f"appi-ff-{self.prefix}-{environment}", environment)

    def backup_vault(self, environment: str) -> str:
        """Backup vault of the data lake."""
        return self._named("backup_vault", f"bvault-ff-{self.prefix}-{environment}", environment)

    def disk_encryption_set(self, environment: str) -> str:
        """Disk encryption set of the Kubernetes nodes."""
        return self._named("disk_encryption_set", f"des-ff-{self.prefix}-{environment}", environment)

    def app(self, environment: str, workload: str) -> str:
        """Container app of a workload; at most 32 characters."""
        return f"ca-{self.prefix}-{environment}-{workload}"

    def plan(self, environment: str) -> str:
        """App Service plan."""
        return self._named("plan", f"asp-ff-{self.prefix}-{environment}", environment)

    def site(self, environment: str) -> str:
        """Web app; globally unique."""
        return self._named("site", f"app-ff-{self.prefix}-{environment}", environment)

    def site_host(self, environment: str) -> str:
        """Default host name of the web app."""
        return f"{self.site(environment)}.{self.answers_at.web}"
