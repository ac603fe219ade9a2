"""Results of the hops of an acceptance run: how they are written, what they mean, and what helps.

The program in the network writes them as lines, the flow as an artifact of Prefect and as custom metrics.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from installer.json_access import as_text, objects_of
from installer.jsontypes import Json

NAMESPACE: Final = "FlowForge"
METRIC: Final = "AcceptanceHopMilliseconds"
"""As in project/acceptance_metrics.py."""
HOPS: Final[Mapping[str, str]] = {
    "token": "token of the workload's identity",
    "landing": "file written to landing",
    "bronze": "copied from landing to bronze",
    "silver": "copied from bronze to silver",
    "gold": "copied from silver to gold",
    "database": "row in PostgreSQL",
    "secret": "secret read from the vault",
    "cleanup": "files removed",
    "metric": "custom metric sent",
}
"""Meaning by name, in the order of a run."""
_STORAGE: Final = ("landing", "bronze", "silver", "gold", "cleanup")
_ROLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_STORAGE, "Storage Blob Data Contributor on the storage account"),
    "secret": "Key Vault Secrets User on the secret",
    "metric": "Monitoring Metrics Publisher on the storage account",
}
_DENIED: Final = frozenset(
    {"AuthorizationPermissionMismatch", "Forbidden", "AuthorizationFailed", "403", "ForbiddenByRbac"}
)


@dataclass(frozen=True)
class HopResult:
    """The result of a hop.

    Attributes:
        hop: Its name.
        state: "passed", "failed", "left out" or "not reached".
        milliseconds: Its duration.
        code: Error code of the service.
        why: Reason of a state that is not "passed".

    """

    hop: str
    state: str
    milliseconds: int = 0
    code: str = ""
    why: str = ""

    @property
    def meaning(self) -> str:
        """The fact that it proves."""
        return HOPS.get(self.hop, self.hop)

    def to_json(self) -> dict[str, Json]:
        """The result as JSON."""
        return {
            "hop": self.hop,
            "state": self.state,
            "milliseconds": self.milliseconds,
            "code": self.code,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> "HopResult":
        """Parse a result; text of another type counts as missing."""
        number = document.get("milliseconds")
        hop, state, code, why = (as_text(document.get(name)) for name in ("hop", "state", "code", "why"))
        return cls(hop, state, int(number) if isinstance(number, int | float) else 0, code, why)


def in_order(found: Iterable[HopResult]) -> tuple[HopResult, ...]:
    """The results in the order of a run."""
    known = list(HOPS)
    return tuple(sorted(found, key=lambda one: known.index(one.hop) if one.hop in known else len(known)))


def results_of(table: Json) -> tuple[HopResult, ...]:
    """The results in a list of objects."""
    return in_order(HopResult.from_json(one) for one in objects_of(table))


def failure_of(environment: str, found: Iterable[HopResult]) -> str:
    """The failed hops, with reason and remedy; "" if none has failed."""
    return "; ".join(
        f"acceptance run of {environment}: {one.meaning} failed"
        + (f" ({one.code})" if one.code else "")
        + (f": {one.why}" if one.why else "")
        + f". {remedy(one)}"
        for one in found
        if one.state == "failed"
    )


def remedy(one: HopResult) -> str:
    """A remedy for a failed hop."""
    if one.code in _DENIED and one.hop in _ROLES:
        return (
            f"The identity of the worker needs {_ROLES[one.hop]}; a new assignment takes up to ten minutes, then resume"
        )
    if one.hop == "token":
        return "Check the federated credential of the service account, or the identity of the worker's app, then resume"
    if one.hop == "database":
        if one.code in {"28000", "28P01"}:
            return "The identity of the worker has no role in the database: run the step of the database roles again"
        if one.code in {"42501", "3F000"}:
            return "The role of the worker lacks privileges: run the step of the database roles again"
        return (
            "Check that the server is started, and the private endpoint or firewall rule on the way to it, then resume"
        )
    if one.hop == "metric":
        return "Check the firewall on the way to the metrics endpoint (plan F lists the targets), then resume"
    if one.hop == "secret":
        return "Check that the secret is in the vault, and the private endpoint or firewall rule on the way to it"
    return "Check the private endpoint and its DNS record, or the firewall of the storage account, then resume"
