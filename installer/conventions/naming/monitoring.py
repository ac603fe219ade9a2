"""Names of what watches over the rest, protects it, and of the services beside it."""

from typing import Final

from installer.conventions.naming.rules import HYPHENATED, Law, NamesBase

LAWS: Final[dict[str, Law]] = {
    "data_factory": Law(HYPHENATED, 63, unique=True),
    "synapse": Law(HYPHENATED, 50, unique=True),
    "synapse_group": Law(HYPHENATED, 90),
    "purview": Law(HYPHENATED, 63, unique=True, each=False),
    "purview_group": Law(HYPHENATED, 90, each=False),
    "topic": Law(HYPHENATED, 50, unique=True),
    "workflow": Law(HYPHENATED, 80),
    "action_group": Law(HYPHENATED, 260, each=False),
    "runs_rule": Law(HYPHENATED, 64, each=False),
    "web_test": Law(HYPHENATED, 260),
    "budget": Law(HYPHENATED, 63, each=False),
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

    @property
    def action_group(self) -> str:
        """Group of those who are told when something goes wrong."""
        return self._named("action_group", f"ag-ff-{self.prefix}")

    @property
    def action_group_short(self) -> str:
        """What that group is called in messages, at most 12 characters."""
        return f"ff{self.prefix}"

    @property
    def runs_rule(self) -> str:
        """Rule by which what became of runs is collected."""
        return self._named("runs_rule", f"dcr-ff-{self.prefix}-runs")

    def web_test(self, environment: str) -> str:
        """Test of the public address of the web app."""
        return self._named("web_test", f"test-ff-{self.prefix}-{environment}", environment)

    @property
    def budget(self) -> str:
        """Budget; the same in every subscription."""
        return self._named("budget", f"budget-ff-{self.prefix}")

    @property
    def runs_alert(self) -> str:
        """Rule that tells of failed runs."""
        return f"alert-ff-{self.prefix}-runs"

    def alert(self, environment: str, what: str) -> str:
        """Rule that tells of something in an environment."""
        return f"alert-ff-{self.prefix}-{environment}-{what}"

    def server_alert(self, server: str) -> str:
        """Rule that tells when the storage of a database server is nearly full."""
        return f"alert-{server}-storage"
