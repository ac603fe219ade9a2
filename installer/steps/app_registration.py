"""Step: creates the app registration for sign-in.

It is identified by a unique name, so that a second run adopts it; additions by other people are kept. If the account has
no rights in the directory, the step shows what an administrator has to register, and the run can be resumed after that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final, TypeVar

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ACCESS_DENIED
from installer.engine.step import Context, Outputs, Question
from installer.errors import VerificationFailed
from installer.estate.parameters.app_registration import Registration, registration, role_id
from installer.jsontypes import Json
from installer.steps.app_registration_check import (
    EVERYONE,
    AppRegistrationStep,
    check_registration,
    content,
    differences,
    outputs_of,
    requires_assignment,
    trusts,
)
from installer.steps.polling import poll

QUESTION: Final = "sign-on.client-id"
POLL_SECONDS: Final = 5.0
TIMEOUT_SECONDS: Final = 120.0
"""Estimated: replication time of the directory for new objects."""
_UNSEEN: Final = frozenset({400, 404})
"""Graph's answers to a change of an object that is not replicated yet."""
_Created = TypeVar("_Created")


@dataclass(frozen=True)
class EnsureAppRegistration(AppRegistrationStep):
    """Ensures the app registration of one environment, with its service principal and federated credential."""

    speed: float
    usual: ClassVar[float] = 20.0

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.speed

    def check(self, context: Context) -> Outputs | None:
        """Done when nothing is missing; without rights in the directory, when the run has recorded a client ID."""
        expected = registration(self.it, context.outputs, self.environment)
        try:
            app = self.graph.by_name(expected.unique_name)
            if app is None:
                return None
            missing = [*differences(app, expected), *self.missing(app, expected)]
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            return self._recorded_outputs(context)
        return None if missing else outputs_of(app)

    def _recorded_outputs(self, context: Context) -> Outputs | None:
        record = context.memory.recall(self.key)
        if record is None or record.state != "done":
            return None
        context.emit("not-checked", "the app registration: this account has no rights in the directory")
        return record.outputs

    def missing(self, app: dict[str, Json], expected: Registration) -> list[str]:
        """Names of the objects around a registration that are missing or different. Queries the directory."""
        found = []
        principal = self.graph.principal(str(app["appId"]))
        if principal is None:
            found.append("principal")
        else:
            if expected.assignment and not requires_assignment(principal):
                found.append("assignment")
            found += self._unassigned(principal, expected)
        if not any(trusts(one, expected) for one in self.graph.credentials(str(app["id"]))):
            found.append("credential")
        return found

    def _unassigned(self, principal: dict[str, Json], expected: Registration) -> list[str]:
        """App roles whose group does not have them."""
        if not expected.groups:
            return []
        assigned = [(one.get("principalId"), one.get("appRoleId")) for one in self.graph.assigned(str(principal["id"]))]
        return [role for role, group in expected.groups.items() if (group, role_id(role)) not in assigned]

    def apply(self, context: Context) -> Outputs:
        """Create what is missing. Without rights, ask for the client ID of a registration that an administrator created."""
        expected = registration(self.it, context.outputs, self.environment)
        context.remember("begun", name=expected.unique_name)
        try:
            return self._ensure(context, expected)
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            client = context.ask(
                Question(
                    f"{QUESTION}.{self.environment}",
                    "This account is not allowed to register applications in the directory. Ask an administrator to register\n"
                    f"{expected.description}\nThen enter its client ID here, or in the answers (registration: existing, with "
                    "client_id) and resume. What is its client ID?",
                    form="id",
                )
            )
            return {"clientId": client}

    def _ensure(self, context: Context, expected: Registration) -> Outputs:
        app = self.graph.by_name(expected.unique_name)
        if app is None or differences(app, expected):
            self.graph.register(expected.unique_name, content(app or {}, expected))
            context.emit("resource.finished", "registered", resource=expected.title, type="app registration")
        seen = self._wait_until_visible(context, lambda: self.graph.by_name(expected.unique_name))
        if self.graph.principal(str(seen["appId"])) is None:
            self._retry_until_visible(context, lambda: self.graph.add_principal(str(seen["appId"])))
            context.emit("resource.finished", "created", resource=expected.title, type="service principal")
        self._ensure_credential(context, str(seen["id"]), expected)
        principal = self._wait_until_visible(context, lambda: self.graph.principal(str(seen["appId"])))
        self._ensure_assignment(context, principal, expected)
        self._ensure_groups(context, principal, expected)
        return outputs_of(seen)

    def _ensure_credential(self, context: Context, object_id: str, expected: Registration) -> None:
        present = self.graph.credentials(object_id)
        if any(trusts(one, expected) for one in present):
            return
        ours = next((one for one in present if one.get("name") == expected.unique_name), None)
        if ours is None:
            self._retry_until_visible(context, lambda: self.graph.add_credential(object_id, expected.credential))
        else:
            rest = {name: value for name, value in expected.credential.items() if name != "name"}
            self.graph.change_credential(object_id, str(ours["id"]), rest)
        context.emit("resource.finished", "trusts the web app", resource=expected.title, type="federated credential")

    def _ensure_assignment(self, context: Context, principal: dict[str, Json], expected: Registration) -> None:
        """Require assignment to sign in. Without the right to do so a warning is emitted."""
        own = str(principal["id"])
        if not expected.assignment:
            return
        if not requires_assignment(principal):
            try:
                self._retry_until_visible(context, lambda: self.graph.require_assignment(own))
            except AzureRefused as refused:
                if refused.status not in ACCESS_DENIED:
                    raise
                context.emit("warning", f"{expected.title}: {EVERYONE}; this account is not allowed to change that")
        if not expected.groups and not self.graph.assigned(own):
            context.emit(
                "warning",
                f"{expected.title}: no user is assigned yet; assign users or groups under Enterprise applications",
            )

    def _ensure_groups(self, context: Context, principal: dict[str, Json], expected: Registration) -> None:
        """Assign the app roles to their groups. Without the right to do so a warning is emitted."""
        own = str(principal["id"])
        for role in self._unassigned(principal, expected):
            group = expected.groups[role]
            try:
                self._retry_until_visible(context, partial(self.graph.assign, own, role_id(role), group))
            except AzureRefused as refused:
                if refused.status not in ACCESS_DENIED:
                    raise
                context.emit(
                    "warning",
                    f"ask an administrator to assign the role {role} to the group {group}: this account is not allowed to",
                )

    def _wait_until_visible(self, context: Context, read: Callable[[], dict[str, Json] | None]) -> dict[str, Json]:
        """The new object, once the directory returns it."""
        for _ in self._poll(context):
            if (found := read()) is not None:
                return found
        raise VerificationFailed("the directory does not show what was registered")

    def _retry_until_visible(self, context: Context, create: Callable[[], _Created]) -> _Created:
        """Create an object, retrying while the object that it depends on is not replicated yet."""
        last: AzureRefused | None = None
        for _ in self._poll(context):
            try:
                return create()
            except AzureRefused as refused:
                if refused.status not in _UNSEEN:
                    raise
                last = refused
        raise VerificationFailed(f"the directory still refuses the request: {last}")

    def _poll(self, context: Context) -> Iterator[float]:
        return poll(context, interval=POLL_SECONDS, limit=TIMEOUT_SECONDS, speed=self.speed)

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Read it back; one created by an administrator is checked like an existing one."""
        expected = registration(self.it, context.outputs, self.environment)
        check_registration(self.graph, context, str(outputs["clientId"]), expected)
