"""Names of what all environments share."""

from typing import Final

from installer.conventions.naming.rules import HYPHENATED, Law, NamesBase

LAWS: Final[dict[str, Law]] = {
    "platform_group": Law(HYPHENATED, 90, each=False),
    "workspace": Law(HYPHENATED, 63, each=False),
    "registry": Law(r"[a-z0-9]{5,}", 50, said="letters and digits, five or more", unique=True, each=False),
    "postgres": Law(HYPHENATED, 63, unique=True, each=False),
}


class SharedNames(NamesBase):
    """Names of what all environments share."""

    @property
    def platform_group(self) -> str:
        """Resource group of what all environments share."""
        return self._named("platform_group", f"rg-ff-{self.prefix}-platform")

    @property
    def workspace(self) -> str:
        """Log Analytics workspace."""
        return self._named("workspace", f"log-ff-{self.prefix}")

    @property
    def registry(self) -> str:
        """Container registry; unique in the cloud, letters and digits only."""
        return self._named("registry", f"crff{self.prefix}")

    @property
    def registry_host(self) -> str:
        """Where images are pulled from."""
        return f"{self.registry}.{self.answers_at.registry}"

    @property
    def postgres(self) -> str:
        """PostgreSQL server; unique in the cloud."""
        return self._named("postgres", f"pg-ff-{self.prefix}")

    def postgres_at(self, server: str) -> str:
        """Where a PostgreSQL server of this name answers."""
        return f"{server}.{self.answers_at.postgres}"

    @property
    def lock(self) -> str:
        """Lock on a resource group, or on what holds data."""
        return f"lock-ff-{self.prefix}"
