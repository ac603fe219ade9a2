"""Names of monitoring, budget and optional services."""

from typing import Final

from installer.conventions.naming.rules import HYPHENATED, NameRule, NamesBase

NAME_RULES: Final[dict[str, NameRule]] = {
    "data_factory": NameRule(HYPHENATED, 63, unique=True),
    "synapse": NameRule(HYPHENATED, 50, unique=True),
    "synapse_group": NameRule(HYPHENATED, 90),
    "purview": NameRule(HYPHENATED, 63, unique=True, each=False),
    "purview_group": NameRule(HYPHENATED, 90, each=False),
    "topic": NameRule(HYPHENATED, 50, unique=True),
    "workflow": NameRule(HYPHENATED, 80),
    "action_group": NameRule(HYPHENATED, 260, each=False),
    "runs_rule": NameRule(HYPHENATED, 64, each=False),
    "private_link_scope": NameRule(HYPHENATED, 255, each=False),
    "collection_endpoint": NameRule(HYPHENATED, 44),
    "web_test": NameRule(HYPHENATED, 260),
    "budget": NameRule(HYPHENATED, 63, each=False),
}


class MonitoringNames(NamesBase):
    """Names of monitoring, budget and optional services."""

    def data_factory(self, environment: str) -> str:
        """Data factory; globally unique."""
        return self._named("data_factory", f"adf-ff-{self.prefix}-{environment}", environment)

    def synapse(self, environment: str) -> str:
        """Synapse workspace; globally unique."""
        return self._named("synapse", f"syn-ff-{self.prefix}-{environment}", environment)

    def synapse_group(self, environment: str) -> str:
        """Managed resource group of the Synapse workspace."""
        return self._named("synapse_group", f"rg-ff-{self.prefix}-{environment}-synapse", environment)

    @property
    def purview(self) -> str:
        """Purview account; globally unique."""
        return self._named("purview", f"pview-ff-{self.prefix}")

    @property
    def purview_group(self) -> str:
        """Managed resource group of the Purview account."""
        return self._named("purview_group", f"rg-ff-{self.prefix}-purview")

    def topic(self, environment: str) -> str:
        """Event Grid topic; unique in its region."""
        return self._named("topic", f"evgt-ff-{self.prefix}-{environment}", environment)

    def workflow(self, environment: str) -> str:
        """Logic app that publishes events to the topic."""
        return self._named("workflow", f"logic-ff-{self.prefix}-{environment}", environment)

    @property
    def action_group(self) -> str:
        """Action group of the alert recipients."""
        return self._named("action_group", f"ag-ff-{self.prefix}")

    @property
    def action_group_short(self) -> str:
        """Short name of the action group in notifications; at most 12 characters."""
        return f"ff{self.prefix}"

    @property
    def runs_rule(self) -> str:
        """Data collection rule for flow run results."""
        return self._named("runs_rule", f"dcr-ff-{self.prefix}-runs")

    @property
    def private_link_scope(self) -> str:
        """Azure Monitor Private Link Scope of the networks."""
        return self._named("private_link_scope", f"ampls-ff-{self.prefix}")

    def collection_endpoint(self, network: str) -> str:
        """Data collection endpoint: of the hub for results of flow runs, of an environment for its cluster."""
        return self._named("collection_endpoint", f"dce-ff-{self.prefix}-{network}", network)

    def web_test(self, environment: str) -> str:
        """Availability test of the public URL of the web app."""
        return self._named("web_test", f"test-ff-{self.prefix}-{environment}", environment)

    @property
    def budget(self) -> str:
        """Budget; the same in every subscription."""
        return self._named("budget", f"budget-ff-{self.prefix}")

    @property
    def runs_alert(self) -> str:
        """Alert rule for failed flow runs."""
        return f"alert-ff-{self.prefix}-runs"

    @property
    def cap_alert(self) -> str:
        """Alert rule for the daily cap of the workspace."""
        return f"alert-ff-{self.prefix}-daily-cap"

    def alert(self, environment: str, what: str) -> str:
        """Alert rule of an environment."""
        return f"alert-ff-{self.prefix}-{environment}-{what}"

    def alert_prefix(self, environment: str | None = None) -> str:
        """Prefix of alert rules of an environment, or of a subscription."""
        return f"alert-ff-{self.prefix}-{environment}" if environment else f"alert-ff-{self.prefix}"

    def server_alert_prefix(self, server: str) -> str:
        """Prefix of alert rules of a PostgreSQL server."""
        return f"alert-{server}"
