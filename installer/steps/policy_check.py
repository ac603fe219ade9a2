"""Step: asks Azure Policy about every planned resource before anything is written."""

from dataclasses import dataclass
from typing import ClassVar, Final

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.bodies import planned_bodies
from installer.resource_id import subscription_of
from installer.steps.policy_restrictions import Denial, denials, question, signature

_ASSIGNMENTS: Final = "providers/Microsoft.Authorization/policyAssignments?api-version=2024-04-01"
_CHECK: Final = "providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01"
_MAX_SHOWN: Final = 20


@dataclass(frozen=True)
class CheckPolicies:
    """Checks that no policy in force denies a resource of the installation. Read-only."""

    arm: Service
    answers: Answers
    subscriptions: tuple[str, ...]
    key: ClassVar[str] = keys.POLICIES
    title: ClassVar[str] = "Policies"
    needs: ClassVar[tuple[str, ...]] = ()
    usual_seconds: ClassVar[float] = 5.0

    def check(self, context: Context) -> Outputs | None:
        """Done where the subscriptions have no policy assignments, or they cannot be read."""
        try:
            found = any(self.arm.every(f"/subscriptions/{one}/{_ASSIGNMENTS}") for one in self.subscriptions)
        except AzureRefused as refused:
            if refused.unreached:
                raise
            context.emit("not-checked", f"policy assignments: {refused}")
            return {}
        return None if found else {}

    def apply(self, context: Context) -> Outputs:
        """Ask about each kind of resource. Raises CheckBlocked with policy, answers and exemption of each denial."""
        context.remember("begun", name=self.key)
        found: dict[str, Denial] = {}
        asked: set[str] = set()
        for planned in planned_bodies(self.answers):
            mark = signature(planned)
            if mark in asked:
                continue
            asked.add(mark)
            context.pause(0)
            path = f"/subscriptions/{subscription_of(planned.id)}/{_CHECK}"
            try:
                response = self.arm.ask("POST", path, question(planned), doing="reading what policies deny").body
            except AzureRefused as refused:
                if refused.unreached:
                    raise
                context.emit("not-checked", f"what policies deny: {refused}")
                return {}
            found |= {denial.text: denial for denial in denials(planned, response)}
        if found:
            texts = list(found)
            more = [f"and {len(texts) - _MAX_SHOWN} more"] if len(texts) > _MAX_SHOWN else []
            raise CheckBlocked("\n".join([*texts[:_MAX_SHOWN], *more]))
        context.emit("log", f"no policy denies any of {len(asked)} kinds of resources")
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""
