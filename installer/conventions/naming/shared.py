"""Names of shared resources."""

from typing import Final

from installer.conventions.naming.rules import HYPHENATED, NameRule, NamesBase

NAME_RULES: Final[dict[str, NameRule]] = {
    "platform_group": NameRule(HYPHENATED, 90, each=False),
    "workspace": NameRule(HYPHENATED, 63, each=False),
    "registry": NameRule(r"[a-z0-9]{5,}", 50, said="at least five letters and digits", unique=True, each=False),
    "platform_key_vault": NameRule(
        r"[a-z]([a-z0-9]|-(?!-))+[a-z0-9]",
        24,
        said="letters, digits and single hyphens, starting with a letter",
        unique=True,
        each=False,
    ),
    "postgres": NameRule(HYPHENATED, 63, unique=True, each=False),
}


class SharedNames(NamesBase):
    """Names of shared resources."""

    @property
    def platform_group(self) -> str:
        """Resource group of shared resources."""
        return self._named("platform_group", f"rg-ff-{self.prefix}-platform")

    @property
    def workspace(self) -> str:
        """Log Analytics workspace."""
        return self._named("workspace", f"log-ff-{self.prefix}")

    @property
    def registry(self) -> str:
        """Container registry; globally unique, letters and digits only."""
        return self._named("registry", f"crff{self.prefix}")

    @property
    def registry_host(self) -> str:
        """Login server of the container registry."""
        return f"{self.registry}.{self.answers_at.registry}"

    @property
    def platform_key_vault(self) -> str:
        """Key vault of the customer-managed key of shared resources; globally unique, at most 24 characters."""
        return self._named("platform_key_vault", f"kv-ff-{self.prefix}-keys")

    @property
    def platform_key_vault_uri(self) -> str:
        """URI of that key vault, with a trailing slash."""
        return f"https://{self.platform_key_vault}.{self.answers_at.key_vault}/"

    @property
    def postgres(self) -> str:
        """PostgreSQL server; globally unique."""
        return self._named("postgres", f"pg-ff-{self.prefix}")

    def postgres_at(self, server: str) -> str:
        """Host name of the PostgreSQL server with this name."""
        return f"{server}.{self.answers_at.postgres}"

    @property
    def lock(self) -> str:
        """Lock on a resource group or a data resource."""
        return f"lock-ff-{self.prefix}"
