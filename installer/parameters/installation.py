"""What the parameters of all stages are made of: answers, names and addresses of one installation."""

from dataclasses import dataclass
from functools import cached_property

from installer.addressing import AddressPlan, plan
from installer.answers.model import ENVIRONMENTS, Answers
from installer.jsontypes import Json
from installer.naming import Names
from installer.parameters.principals import Workload


@dataclass(frozen=True)
class Installation:
    """One installation, seen by those who write its parameters."""

    answers: Answers

    @cached_property
    def names(self) -> Names:
        """Its names."""
        return Names(self.answers.subscription.prefix, self.answers.subscription.cloud)

    @property
    def environments(self) -> tuple[str, ...]:
        """Its environments, always in the same order, in whichever they were answered."""
        return tuple(name for name in ENVIRONMENTS if name in self.answers.subscription.environments)

    @property
    def location(self) -> str:
        """Region of every resource."""
        return self.answers.subscription.region

    @property
    def on_kubernetes(self) -> bool:
        """Whether Prefect runs on Kubernetes, and not on Container Apps."""
        return self.answers.platform.runtime == "aks"

    @property
    def zone_redundant(self) -> bool:
        """A standby database in another zone is of use only if the rest survives the loss of a zone too."""
        return self.answers.sizing.postgres_ha

    @property
    def addresses(self) -> AddressPlan:
        """Its address plan; raises AddressError for an address space that will not do."""
        return plan(self.answers.network.address_space, self.environments, self.answers.platform.runtime)

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """What has an identity of its own in each environment."""
        auth: tuple[Workload, ...] = ("auth",) if self.answers.sign_on.method == "secretless" else ()
        cluster: tuple[Workload, ...] = ("cluster", "kubelet") if self.on_kubernetes else ()
        return ("web", *auth, "worker", *cluster)

    def tags(self, environment: str | None = None) -> dict[str, Json]:
        """Tags of an environment's resources, or of those that all share."""
        return dict(self.names.tags(environment))
