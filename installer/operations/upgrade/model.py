"""The plan of an upgrade: what changes, in which order, what it interrupts, and which way leads back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.preflight.model import blocking

if TYPE_CHECKING:
    from installer.jsontypes import Json
    from installer.preflight.model import Finding, NotChecked

SCHEMA: Final = 1
"""Version of the JSON object; members are added, and none changes its meaning."""


@dataclass(frozen=True)
class VersionChange:
    """One change of a version.

    Attributes:
        environment: Its environment.
        resource: ID of the resource.
        shown: Name of what changes, for people.
        before: Version that it has.
        after: Version that it gets.

    """

    environment: str
    resource: str
    shown: str
    before: str
    after: str

    def as_json(self) -> Json:
        """The change as JSON."""
        facts: dict[str, Json] = {"environment": self.environment, "resource": self.resource, "name": self.shown}
        return {**facts, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class UpgradePlan:
    """A plan.

    Attributes:
        what: Name of the upgrade on the command line.
        installation: Prefix of the installation.
        changes: Changes in their order.
        order: Sentences about the steps around them.
        interrupts: Sentences about what is interrupted.
        back: Sentences about the way back.
        findings: What is in the way, or has to be known.
        not_checked: What could not be proved, with the reason.

    """

    what: str
    installation: str
    changes: tuple[VersionChange, ...] = ()
    order: tuple[str, ...] = ()
    interrupts: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether a finding is in the way."""
        return blocking(self.findings)

    def as_json(self, run: str) -> dict[str, Json]:
        """The plan as JSON: `kind` (always "upgrade"), `schema`, `run`, `installation`, `what`, and the members of this class."""
        return {
            "kind": "upgrade",
            "schema": SCHEMA,
            "run": run,
            "installation": self.installation,
            "what": self.what,
            "changes": [one.as_json() for one in self.changes],
            "order": list(self.order),
            "interrupts": list(self.interrupts),
            "back": list(self.back),
            "findings": [one.as_json() for one in self.findings],
            "not_checked": [{"what": one.what, "why": one.why} for one in self.not_checked],
        }
