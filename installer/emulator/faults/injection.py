"""Decides when the faults of `--fault` occur; a seed makes each run reproducible."""

from __future__ import annotations

import hashlib
import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from installer.emulator.errors import ArmError, error_object
from installer.emulator.faults.conditions import held
from installer.emulator.faults.offers import CLOSED
from installer.emulator.ids import derived_hex
from installer.resource_id import group_of, subscription_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from installer.emulator.faults.requested import Fault
    from installer.emulator.state.database import Database
    from installer.emulator.state.resources import Resource
    from installer.json_access import JsonObject

_REQUESTS = {"request", "write"}
_READING = {"GET", "HEAD"}
T = TypeVar("T")
_DRAWN = 2**64


class Faults:
    """The faults of one server. The number of occurrences is stored, so it survives a restart.

    Attributes:
        injected: All faults, with those whose condition is in the state, which refuses without them.

    """

    def __init__(
        self,
        database: Database,
        faults: Iterable[Fault] = (),
        about: Mapping[str, str] | None = None,
        open_region: str = "",
    ) -> None:
        self._database = database
        self.injected = tuple(faults)
        self._faults = [one for one in self.injected if not held(one)]
        self._open_region = open_region
        self._about = dict(about or {})
        self._attempts: dict[tuple[str, str], int] = {}

    def on_request(self, method: str, path: str) -> Fault | None:
        """The fault that occurs at an ARM request, or None."""
        for fault in self._faults:
            reading = fault.kind.place == "write" and method in _READING
            concerned = fault.kind.place in _REQUESTS and not reading
            if concerned and self._occurs(fault, [path, f"{method} {path}"], anywhere=True):
                return fault
        return None

    def on_answer(self, method: str, path: str, change: Callable[[Fault], T | None]) -> T | None:
        """The answer to an ARM request as the fault that occurs changes it, or None; only one that changes it counts."""
        for fault in self._faults:
            made = change(fault) if fault.kind.place == "answer" else None
            if made is not None and self._occurs(fault, [path, f"{method} {path}"], anywhere=True):
                return made
        return None

    def add(self, fault: Fault) -> None:
        """Inject one more fault from now on: a transient one, as a lasting one is also a condition of the state."""
        self._faults.append(fault)

    def on_resource(self, resource: Resource, *effects: str, deletion: bool = False) -> Fault | None:
        """The fault with one of these effects that occurs at a write of a resource (or its deletion), or None."""
        place = "deletion" if deletion else "resource"
        having = [resource.type, resource.name, resource.location, resource.id]
        for fault in self._faults:
            spared = fault.kind.name in CLOSED and resource.location == self._open_region != ""
            concerned = fault.kind.place == place and fault.kind.effect in effects and not spared
            if concerned and self._occurs(fault, having):
                return fault
        return None

    def refuse_resource(self, resource: Resource, *, deletion: bool = False) -> None:
        """Refuse a write (or a deletion) where a fault occurs (ArmError)."""
        fault = self.on_resource(resource, "refused", deletion=deletion)
        if fault is not None:
            raise self.refusal(fault, resource_values(resource))

    def refuse_deployment(self, place: str, deployment_id: str, location: str | None) -> None:
        """Refuse a deployment in its preflight or on acceptance where a fault occurs (ArmError)."""
        name = deployment_id.rsplit("/", 1)[-1]
        for fault in self._faults:
            at_home = fault.kind.name == "InvalidDeploymentLocation" and location == self._open_region
            if fault.kind.place == place and not at_home and self._occurs(fault, [name, deployment_id, location or ""]):
                values = {"id": deployment_id, "name": name, "location": location or ""}
                inner = [error_object("PreflightValidationCheckFailed", "Preflight validation failed.")]
                opaque = fault.kind.name == "InvalidTemplateDeployment"
                raise self.refusal(fault, values, details=inner if opaque else [])

    def refusal(self, fault: Fault, values: Mapping[str, str], *, details: list[JsonObject] | None = None) -> ArmError:
        """The ARM error of a fault."""
        kind = fault.kind
        headers = {"Retry-After": str(max(1, round(fault.seconds or 1)))} if kind.status in {429, 503} else {}
        cause = "gateway" if kind.place in _REQUESTS else "service"
        text = self._filled(kind.message, {**values, "seconds": headers.get("Retry-After", "")})
        return ArmError(kind.status, kind.code, text, details=details, cause=cause, headers=headers)

    def failure(self, fault: Fault, resource: Resource) -> JsonObject:
        """The error of a resource that was accepted and then failed."""
        own = error_object(fault.kind.code, self._filled(fault.kind.message, resource_values(resource)))
        return error_object(
            "ResourceDeploymentFailure",
            "The resource write operation failed to complete successfully, because it reached terminal provisioning "
            "state 'Failed'.",
            resource.id,
            [own],
        )

    def _filled(self, message: str, values: Mapping[str, str]) -> str:
        known = {**self._about, **values}
        known.setdefault("subscription", subscription_of(known.get("id", "")))
        known.setdefault("hex", derived_hex(known.get("id", ""), "fault", 32))
        for name, value in known.items():
            message = message.replace(f"{{{name}}}", value)
        return message

    def _occurs(self, fault: Fault, having: list[str], *, anywhere: bool = False) -> bool:
        if not _matches(fault, having, anywhere=anywhere):
            return False
        attempt = self._attempts[fault.text, having[-1]] = self._attempts.get((fault.text, having[-1]), 0) + 1
        drawn = hashlib.sha256(f"{fault.seed}|{fault.kind.name}|{having[-1].lower()}|{attempt}".encode()).digest()[:8]
        if int.from_bytes(drawn) >= fault.probability * _DRAWN:
            return False
        occurred = json.loads(self._database.fact(f"fault:{fault.text}") or "0")
        if fault.count is not None:
            if occurred >= fault.count:
                return False
            self._database.remember(f"fault:{fault.text}", json.dumps(occurred + 1))
        return True


def _matches(fault: Fault, having: list[str], *, anywhere: bool) -> bool:
    if not fault.at:
        return True
    for pattern in fault.at:
        wanted = pattern.lower()
        if anywhere and "*" not in wanted and "?" not in wanted:
            wanted = f"*{wanted}*"
        if any(fnmatchcase(text.lower(), wanted) for text in having):
            return True
    return False


def resource_values(resource: Resource) -> dict[str, str]:
    """The values of a resource for the placeholders in fault messages."""
    return {
        "id": resource.id,
        "name": resource.name,
        "type": resource.type,
        "leaf": resource.type.split("/", 1)[-1],
        "location": resource.location,
        "version": resource.api_version,
        "group": group_of(resource.id),
        "scope": resource.id.rsplit("/providers/", 1)[0],
    }
