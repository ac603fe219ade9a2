"""Steps before the web app gets a new version: its image is checked and the tables are migrated.

The stage of the web app waits for them, so that a failure leaves the running version as it is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.steps.job_program import Job
from installer.steps.job_step import JobStep


@dataclass(frozen=True)
class BeforeSwitchover(JobStep[Job]):
    """A job with the new image of the web app. Its failure names the version that keeps running, and the way back."""

    it: Installation
    environment: str
    repeat_each_attempt: ClassVar[bool] = True

    def check(self, context: Context) -> Outputs | None:
        """Done when its job is."""
        return self.job.check(context)

    def apply(self, context: Context) -> Outputs:
        """Run the job. Raises DeploymentFailed with the way back if the job fails."""
        begun = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            return self.job.apply(context)
        except DeploymentFailed as failed:
            if type(failed) is not DeploymentFailed:
                raise  # Azure refused: the job has not run
            raise DeploymentFailed(f"{failed}\n{self._way_back(begun)}") from failed

    def verify(self, context: Context, outputs: Outputs) -> None:
        """As its job."""
        self.job.verify(context, outputs)

    def _way_back(self, begun: str) -> str:
        unchanged = (
            f"The web app of {self.environment} was not changed: it keeps its version and its settings. To go back, answer "
            "Web app image with the version before, and resume."
        )
        if self.key != keys.migrate(self.environment):
            return unchanged
        site = self.it.site(self.environment)
        server = self.it.postgres(site)
        shared = (self.it.subscription, self.it.names.platform_group)
        subscription, group = (site.subscription, self.it.names.group(site.name)) if site.own_server else shared
        return (
            f"{unchanged} If that version does not work with the tables as they are now, restore the server to the time before "
            f"the migration: az postgres flexible-server restore --subscription {subscription} --resource-group {group} "
            f"--name {server}-restored --source-server {server} --restore-time {begun}"
        )
