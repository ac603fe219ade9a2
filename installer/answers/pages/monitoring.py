"""Who is told of what, what it may cost, what is backed up."""

from typing import Annotated

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import EMAIL
from installer.answers.pages.platform import kinds_of_runtime


def _has_budget(view: View) -> bool:
    budget = view.get("monitoring.budget")
    return isinstance(budget, int) and budget > 0


class Monitoring(Page):
    """Who is told when something goes wrong, what it may cost, what is backed up."""

    emails: Annotated[
        list[Annotated[str, Field(pattern=EMAIL)]],
        Field(max_length=20),
        Ask(
            "Alerts go to",
            help="Mail addresses that are told of failed flow runs, a silent Prefect, full storage. None: no alerts.",
            allowed="mail addresses, several separated by blanks",
            example="data-team@contoso.com",
            optional=True,
        ),
    ] = []  # noqa: RUF012  pydantic copies defaults
    retention_days: Annotated[
        int,
        Field(ge=30, le=730),
        Ask("Logs kept", help="Days that logs are kept in Log Analytics.", unit="days", bicep="retentionDays"),
    ] = 90
    container_insights: Annotated[
        bool,
        Ask(
            "Container logs",
            help="Output of all pods goes to Log Analytics.",
            bicep="containerInsights",
            applies=lambda view: "aks" in kinds_of_runtime(view),
        ),
    ] = True
    storage_alert_gb: Annotated[
        int,
        Field(ge=1, le=5_000_000),
        Ask(
            "Lake is full at",
            help="Gigabytes in a lake at which an alert is raised.",
            unit="GB",
            bicep="storageAlertGb",
        ),
    ] = 1024
    budget: Annotated[
        int,
        Field(ge=0, le=10_000_000),
        Ask(
            "Budget",
            help="Amount a month, in the currency of the subscription, of whose use mails tell; 0: none.",
            unit="a month",
            bicep="budgetAmount",
        ),
    ] = 0
    budget_start: Annotated[
        str,
        Field(pattern=r"^20[2-9]\d-(0[1-9]|1[0-2])-01$"),
        Ask(
            "Budget from",
            help="First day of the month in which the budget begins. Azure does not let it be changed later.",
            allowed="the first of a month as YYYY-MM-01",
            example="2026-12-01",
            bicep="budgetStart",
            applies=_has_budget,
        ),
    ] = ""
    storage_backup: Annotated[
        bool,
        Ask(
            "Lake backup",
            help="Daily vaulted backup of the lakes, in the few regions that have it.",
            bicep="storageBackup",
        ),
    ] = False
