"""Steps: the job of the database administrator in a cluster, and the credential that exists only while it runs.

The managed identity of the database administrator trusts no service account permanently: everything that may start pods
with one would be an administrator of every database on the server.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from installer.cloud.errors import LOCKED, AzureRefused
from installer.cloud.rest import Service
from installer.conventions.naming.environment import BOOTSTRAP_ACCOUNT
from installer.engine.rights import note_rights
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed
from installer.estate import keys
from installer.json_access import as_text, member
from installer.steps.cluster import Cluster, log_tail
from installer.steps.job_program import emit_changes, run_program
from installer.steps.job_step import JobStep
from installer.steps.kubernetes import ApplyManifests

if TYPE_CHECKING:
    from installer.jsontypes import Json

_VERSION: Final = "2024-11-30"
_CLUSTER_VERSION: Final = "2026-03-01"
_AUDIENCE: Final = "api://AzureADTokenExchange"
"""Audience of the tokens of service accounts, in every cloud: github.com/Azure/azure-workload-identity/issues/1675."""
_ACCOUNT_PREFIX: Final = "system:serviceaccount:"
_REVOKED: Final = "revoked"
"""A subject that no service account has: a lock forbids to delete a credential, but not to change it
(learn.microsoft.com/azure/azure-resource-manager/management/lock-resources)."""


@dataclass(frozen=True)
class DatabaseAccess:
    """Access of a namespace to the managed identity of the database administrator.

    Attributes:
        identity: Resource ID of the managed identity.
        namespace: Namespace of the job.

    """

    arm: Service
    cluster: Cluster
    identity: str
    namespace: str

    @property
    def _credential(self) -> str:
        return f"{self.identity}/federatedIdentityCredentials/{BOOTSTRAP_ACCOUNT}?api-version={_VERSION}"

    def exists(self) -> bool:
        """Whether a service account may act as the identity."""
        found = self.arm.find(self._credential)
        return found is not None and as_text(member(found, "properties", "subject")).startswith(_ACCOUNT_PREFIX)

    def grant(self) -> None:
        """Let the service account of the job act as the identity."""
        where = f"{self.cluster.commands.cluster}?api-version={_CLUSTER_VERSION}"
        found = self.arm.ask("GET", where, doing="read the cluster").body
        issuer = as_text(member(found, "properties", "oidcIssuerProfile", "issuerURL"))
        self._write(issuer, f"{_ACCOUNT_PREFIX}{self.namespace}:{BOOTSTRAP_ACCOUNT}")

    def revoke(self, context: Context) -> None:
        """End the access first, then delete the namespace with everything in it."""
        self._revoke_credential()
        result = self.cluster.run(context, f"kubectl delete namespace {self.namespace} --ignore-not-found")
        if result.code:
            raise DeploymentFailed(f"the cluster did not remove the namespace {self.namespace}:\n{log_tail(result)}")

    def _revoke_credential(self) -> None:
        try:
            self.arm.ask("DELETE", self._credential, doing="remove the credential of the database administrator")
        except AzureRefused as refused:
            if refused.status == 404:
                return
            if refused.code != LOCKED:
                raise
            issuer = as_text(member(self.arm.find(self._credential) or {}, "properties", "issuer"))
            self._write(issuer, _REVOKED)

    def _write(self, issuer: str, subject: str) -> None:
        properties: Json = {"issuer": issuer, "subject": subject, "audiences": [_AUDIENCE]}
        doing = "write the credential of the database administrator"
        self.arm.ask("PUT", self._credential, {"properties": properties}, doing=doing)


@dataclass(frozen=True)
class RunAdministratorJob(JobStep[ApplyManifests]):
    """Runs the job of the database administrator, and records its success in the cluster.

    Attributes:
        job: Applies the namespace, the service account and the job.
        record: Applies the record of a job that has succeeded.

    """

    record: ApplyManifests
    access: DatabaseAccess
    repeat_each_attempt: ClassVar[bool] = True

    @property
    def usual_seconds(self) -> float:
        """The job, then its removal and its record."""
        return 2 * self.job.usual_seconds

    def check(self, context: Context) -> Outputs | None:
        """Done when the same job has succeeded before, and no access is left of it."""
        return None if self.access.exists() else self.record.check(context)

    def apply(self, context: Context) -> Outputs:
        """Grant the access, run the job, revoke the access however the job has ended."""
        note_rights(context, keys.remove_database_access(self.access.cluster.environment), "")
        try:
            self.access.grant()
            lines = run_program(context, self.job, DeploymentFailed)  # the log is deleted with the namespace
        finally:
            self.access.revoke(context)
        emit_changes(context, lines)
        self.access.cluster.apply(context, self.record.make(context))
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """`apply` has already read everything back."""


@dataclass(frozen=True)
class RemoveDatabaseAccess:
    """Removes access that an interrupted run left behind, however the other steps have ended."""

    access: DatabaseAccess
    environment: str
    needs: tuple[str, ...]
    closes: ClassVar[bool] = True

    @property
    def rights(self) -> str:
        """The access."""
        return f"the temporary access to the databases of {self.environment}"

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.remove_database_access(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Temporary access to the databases removed · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """One request."""
        return 2.0 / self.access.cluster.speed

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when no service account may act as the database administrator."""
        return None if self.access.exists() else {}

    def apply(self, context: Context) -> Outputs:
        """Revoke the access."""
        context.remember("begun", name=self.key)
        self.access.revoke(context)
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Azure's response is proof enough."""
