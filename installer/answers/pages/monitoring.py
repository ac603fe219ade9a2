"""Page Monitoring: alerts, log retention, budget and data lake backup."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import EMAIL
from installer.answers.pages.platform import kinds_of_runtime


def _has_budget(view: View) -> bool:
    budget = view.get("monitoring.budget")
    return isinstance(budget, int) and budget > 0


class Monitoring(Page):
    """Alerts, Log Analytics, budget and backup of the data lake."""

    emails: Annotated[
        list[Annotated[str, Field(pattern=EMAIL)]],
        Field(max_length=20),
        Ask(
            "Alert recipients",
            help="Email addresses notified of failed flow runs, an unresponsive Prefect and full storage. "
            "Empty = no alerts.",
            allowed="email addresses, separated by spaces",
            example="data-team@contoso.com",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    retention_days: Annotated[
        int,
        Field(ge=30, le=730),
        Ask("Log retention", help="Data retention of the Log Analytics workspace.", unit="days", bicep="retentionDays"),
    ] = 90
    daily_cap_gb: Annotated[
        int,
        Field(ge=0, le=5_000),
        Ask(
            "Daily cap",
            help="Logs per day after which the Log Analytics workspace takes no more until the next day, a safeguard "
            "against unexpected costs. Log alerts have no data from then on; an alert announces it. 0 = no cap.",
            unit="GB",
            bicep="dailyCapGb",
        ),
    ] = 10
    private_link: Annotated[
        Literal["none", "open", "private_only"],
        Ask(
            "Private link scope",
            help="Private Link Scope of Azure Monitor, with an endpoint in the hub, for telemetry and queries of these networks. "
            "With Private Only they reach no other workspaces and components, and those of FlowForge accept telemetry "
            "from nowhere else. Queries from other networks stay possible.",
            options={
                "none": "none, public endpoints",
                "open": "access mode Open",
                "private_only": "access mode Private Only",
            },
            applies=lambda view: view.get("network.mode") != "public",
        ),
    ] = "none"
    container_insights: Annotated[
        bool,
        Ask(
            "Container insights",
            help="Collect the output of all pods in Log Analytics.",
            bicep="containerInsights",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = True
    container_logs: Annotated[
        Literal["Basic", "Analytics"],
        Ask(
            "Container log plan",
            help="Table plan of the output of pods. Basic costs less to collect, keeps 30 days for queries, and charges "
            "for queries; alert rules and dashboards need Analytics.",
            options={"Basic": "Basic", "Analytics": "Analytics"},
            bicep="containerLogPlan",
            applies=lambda view: "aks" in kinds_of_runtime(view) and view.get("monitoring.container_insights") is True,
        ),
    ] = "Basic"
    storage_alert_gb: Annotated[
        int,
        Field(ge=1, le=5_000_000),
        Ask(
            "Storage alert at",
            help="Used capacity of a data lake at which an alert fires.",
            unit="GB",
            bicep="storageAlertGb",
        ),
    ] = 1024
    budget: Annotated[
        int,
        Field(ge=0, le=10_000_000),
        Ask(
            "Budget",
            help="Monthly budget in the billing currency; email notifications follow the spend. 0 = no budget.",
            unit="per month",
            bicep="budgetAmount",
        ),
    ] = 0
    budget_start: Annotated[
        str,
        Field(pattern=r"^20[2-9]\d-(0[1-9]|1[0-2])-01$"),
        Ask(
            "Budget start date",
            help="First day of the month in which the budget starts. It cannot be changed after creation.",
            allowed="the first day of a month, YYYY-MM-01",
            example="2026-12-01",
            bicep="budgetStart",
            applies=_has_budget,
        ),
    ] = ""
    storage_backup: Annotated[
        bool,
        Ask(
            "Data lake backup",
            help="Daily vaulted backup of the data lakes, in the few regions that offer it.",
            bicep="storageBackup",
        ),
    ] = False
