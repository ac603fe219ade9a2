"""Output of a job of Container Apps, from Log Analytics, which has it some minutes later.

Resource Manager forwards queries to a workspace with its own tokens (azure-rest-api-specs, Microsoft.OperationalInsights
2017-10-01, Query_Execute). The table is that of the diagnostic setting (learn.microsoft.com,
azure-monitor/reference/tables/containerappconsolelogs): ContainerGroupName is the replica, which begins with the execution.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context
from installer.json_access import as_list, as_text, member, objects_of
from installer.steps.polling import poll

if TYPE_CHECKING:
    from installer.jsontypes import Json

_VERSION: Final = "2017-10-01"
_POLL_SECONDS: Final = 15.0
_LIMIT_SECONDS: Final = 900.0
"""Usual are two to five minutes: learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time."""


@dataclass(frozen=True)
class ContainerAppLog:
    """Reads the output of executions.

    Attributes:
        arm: Client of Azure Resource Manager.
        workspace: Resource ID of the workspace.

    """

    arm: Service
    workspace: str

    def output(self, context: Context, execution: str, ends_with: tuple[str, ...]) -> str:
        """The output of an execution; waits until one of its lines begins with an end mark. "" if it never has one."""
        context.emit("heartbeat", "waiting for the output of the job, which Log Analytics has some minutes later")
        for _ in poll(context, interval=_POLL_SECONDS, limit=_LIMIT_SECONDS, speed=self.arm.target.speed):
            try:
                lines = self._lines(execution)
            except AzureRefused as refused:
                context.emit("not-checked", f"output of the job {execution}: {str(refused).splitlines()[0]}")
                return ""
            if any(line.startswith(ends_with) for line in lines):
                return "\n".join(lines)
        return ""

    def _lines(self, execution: str) -> list[str]:
        query = (
            f'ContainerAppConsoleLogs | where ContainerGroupName startswith "{execution}" '
            "| order by TimeGenerated asc | project Log"
        )
        path = f"{self.workspace}/query?api-version={_VERSION}"
        found = self.arm.ask("POST", path, {"query": query}, doing="read the output of the job").body
        tables = objects_of(member(found, "tables"))
        rows: list[Json] = as_list(tables[0].get("rows")) if tables else []
        return [as_text(row[0]) for row in rows if isinstance(row, list) and row]
