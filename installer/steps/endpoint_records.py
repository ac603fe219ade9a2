"""Step: waits until an Azure Policy of the organization has registered the private endpoints of a stage in DNS.

Such a policy (effect deployIfNotExists) acts some time after an endpoint exists: by default it is evaluated about ten
minutes later (learn.microsoft.com, governance/policy/concepts/effect-deploy-if-not-exists, "evaluationDelay"). Until then
the name of the resource leads to its public address, which is closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs, Question
from installer.estate import keys
from installer.json_access import as_list, as_text, member
from installer.resource_id import name_of
from installer.steps.polling import poll

PRIVATE_ENDPOINTS: Final = "microsoft.network/privateendpoints"
POLL_SECONDS: Final = 20.0
TIMEOUT_SECONDS: Final = 2700.0
"""The delay of the policy, its deployment, and the same once more."""
USUAL_SECONDS: Final = 720.0
_VERSION: Final = "2025-05-01"


@dataclass(frozen=True)
class WaitForEndpointRecords:
    """Waits for the DNS zone groups of the private endpoints that a stage creates."""

    service: Service
    stage: str
    stage_title: str
    endpoints: tuple[str, ...]

    @property
    def key(self) -> str:
        """One for each stage."""
        return keys.endpoint_records(self.stage)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"DNS records · {self.stage_title}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The stage."""
        return (self.stage,)

    @property
    def usual_seconds(self) -> float:
        """The default delay of a policy, and a deployment."""
        return USUAL_SECONDS / self.service.target.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when every endpoint is registered."""
        return None if any(self._missing()) else {}

    def apply(self, context: Context) -> Outputs:
        """Wait. After the time limit the user decides: the records may be written by something else than a policy.

        Raises:
            WaitingForInput: no user can answer.

        """
        context.remember("begun", name=self.stage)
        missing: list[str] = []
        for passed in poll(context, interval=POLL_SECONDS, limit=TIMEOUT_SECONDS, speed=self.service.target.speed):
            before, missing = missing, list(self._missing())
            for one in missing if passed == 0 else ():
                context.emit(
                    "resource.started", "waiting for the policy", resource=name_of(one), usual=self.usual_seconds
                )
            for one in before:
                if one not in missing:
                    context.emit("resource.finished", "registered in DNS", resource=name_of(one))
            if not missing:
                return {}
        records = "\n".join(f"  {line}" for one in missing for line in self._records(one))
        text = (
            f"no policy has registered these private endpoints in DNS:\n{records}\n"
            "Ask the owner of the private DNS zones for the records or a policy. Do the records exist?"
        )
        while context.ask(Question(self.key, text, ("yes", "no"), "no")) != "yes":
            if not any(self._missing()):
                break
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """The zone groups, or the user, are proof."""

    def _missing(self) -> Iterator[str]:
        for endpoint in self.endpoints:
            path = f"{endpoint}/privateDnsZoneGroups?api-version={_VERSION}"
            groups = self.service.every(path, doing="read DNS zone groups of private endpoints")
            if not any(as_list(member(one, "properties", "privateDnsZoneConfigs")) for one in groups):
                yield endpoint

    def _records(self, endpoint: str) -> Iterator[str]:
        """Names and addresses of the endpoint."""
        found = self.service.find(f"{endpoint}?api-version={_VERSION}", doing="read a private endpoint")
        for config in as_list(member(found, "properties", "customDnsConfigs")):
            addresses = ", ".join(as_text(one) for one in as_list(member(config, "ipAddresses")))
            yield f"{as_text(member(config, 'fqdn'))} A {addresses} ({name_of(endpoint)})"
