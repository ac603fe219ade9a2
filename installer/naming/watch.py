"""Names of what watches over the rest, protects it, and of the services beside it."""

from typing import Final

from installer.naming.base import HYPHENATED, Law, NamesBase

LAWS: Final[dict[str, Law]] = {
    "data_factory": Law(HYPHENATED, 63, unique=True),
    "synapse": Law(HYPHENATED, 50, unique=True),
    "synapse_group": Law(HYPHENATED, 90),
    "purview": Law(HYPHENATED, 63, unique=True, each=False),
    "purview_group": Law(HYPHENATED, 90, each=False),
    "topic": Law(HYPHENATED, 50, unique=True),
    "workflow": Law(HYPHENATED, 80),
}


class WatchNames(NamesBase):
    """Names of what watches over the rest, protects it, and of the services beside it."""

    def data_factory(self, environment: str) -> str:
        """Data factory; unique in the cloud."""
        return self._named("data_factory", f"adf-ff-{self.prefix}-{environment}", environment)

    def synapse(self, environment: str) -> str:
        """Synapse workspace; unique in the cloud."""
        return self._named("synapse", f"syn-ff-{self.prefix}-{environment}", environment)

    def synapse_group(self, environment: str) -> str:
        """Resource group that the Synapse workspace of an environment makes for itself."""
        return self._named("synapse_group", f"rg-ff-{self.prefix}-{environment}-synapse", environment)

    @property
    def purview(self) -> str:
        """Purview account; unique in the cloud."""
        return self._named("purview", f"pview-ff-{self.prefix}")

    @property
    def purview_group(self) -> str:
        """Resource group that the Purview account makes for itself."""
        return self._named("purview_group", f"rg-ff-{self.prefix}-purview")

    def topic(self, environment: str) -> str:
        """Topic for events; unique in its region."""
        return self._named("topic", f"evgt-ff-{self.prefix}-{environment}", environment)

    def workflow(self, environment: str) -> str:
        """Workflow that puts events on the topic."""
        return self._named("workflow", f"logic-ff-{self.prefix}-{environment}", environment)
