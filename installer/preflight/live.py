"""Existing deployments and resources through the reads of the checks, in the form in which steps read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.cloud.models import Deployment, deployment_of
from installer.estate.parameters import stages
from installer.preflight.reads import post, resource
from installer.preflight.subscription_reads import deployment

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.jsontypes import Json
    from installer.preflight.reads import Reads


@dataclass(frozen=True)
class Live:
    """Deployments and resources of one subscription. Methods raise NotVisible."""

    reads: Reads
    subscription: str

    def deployment(self, name: str) -> Deployment | None:
        """A deployment at subscription scope, None if it does not exist."""
        found = self.reads.find(deployment(self.subscription, name))
        return deployment_of(name, found) if found else None

    def outputs(self, answers: Answers) -> dict[str, dict[str, Json]]:
        """Outputs of the stages whose deployment succeeded, by key."""
        specs = list(stages(answers))
        self.reads.ahead(deployment(self.subscription, spec.deployment_name) for spec in specs)
        found = {spec.key: self.deployment(spec.deployment_name) for spec in specs}
        return {key: one.outputs for key, one in found.items() if one is not None and one.state == "succeeded"}

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:
        """The current state of a resource, None if it does not exist."""
        return self.reads.find(resource(f"{resource_id}?api-version={api_version}", f"the state of {resource_id}"))

    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:
        """Values that Azure returns only to a POST request."""
        path = f"{resource_id}/{action}?api-version={api_version}"
        return self.reads.ask(post(path, {}, f"{action} of {resource_id}"))
