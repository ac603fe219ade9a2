"""The database administrator: only its own job may act as it, and only while that job runs."""

from dataclasses import replace
from typing import Final

import pytest

from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs, Step
from installer.errors import DeploymentFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes.objects import Manifest
from installer.json_access import as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.steps.database_access import RemoveDatabaseAccess, RunAdministratorJob
from tests.steps.step_context import GROUPS, Attempt
from tests.steps.test_kubernetes import OUTPUTS, built, steps_of
from tests.steps.test_prefect import Told

VERSION: Final = "2024-11-30"
SUBJECT: Final = "system:serviceaccount:flowforge-dev-setup:flowforge-bootstrap"


def identity_of(it: Installation) -> str:
    group = f"{GROUPS}/{it.names.group('dev')}"
    return f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{it.names.identity('dev', 'dbadmin')}"


def credentials(azure: Service, it: Installation) -> list[str]:
    """Subjects that the identity of the database administrator trusts."""
    found = azure.find(f"{identity_of(it)}/federatedIdentityCredentials?api-version={VERSION}") or {}
    return [as_text(member(one, "properties", "subject")) for one in objects_of(found.get("value"))]


def outputs_with(azure: Service, it: Installation) -> dict[str, Outputs]:
    """Outputs with the client ID that the identity of the database administrator has."""
    found = azure.ask("GET", f"{identity_of(it)}?api-version={VERSION}").body
    client = member(found, "properties", "clientId")
    environments: list[Json] = [
        {
            "name": one["name"],
            "principals": [
                {**who, "clientId": client} if who["workload"] == "dbadmin" else who
                for who in objects_of(one["principals"])
            ],
        }
        for one in objects_of(OUTPUTS[keys.FOUNDATION]["environmentPrincipals"])
    ]
    return {**OUTPUTS, keys.FOUNDATION: {"environmentPrincipals": environments}}


def begun(azure: Service, prefix: str) -> tuple[Installation, Attempt, RunAdministratorJob, RemoveDatabaseAccess]:
    """An environment whose namespaces exist, and the two steps."""
    it = built(azure, prefix)
    steps: dict[str, Step] = {step.key: step for step in steps_of(azure, it)}
    attempt = Attempt(outputs=outputs_with(azure, it))
    attempt.run(steps["cluster-dev"])
    bootstrap, closing = steps["bootstrap-dev"], steps["database-access-dev"]
    assert isinstance(bootstrap, RunAdministratorJob)
    assert isinstance(closing, RemoveDatabaseAccess)
    return it, attempt, bootstrap, closing


def namespaces(attempt: Attempt, step: RunAdministratorJob) -> set[str]:
    log = step.access.cluster.run(attempt.context(step), "kubectl get namespaces -o name").log
    return {line.removeprefix("namespace/") for line in log.splitlines()}


def test_the_access_is_gone_after_the_job_which_is_not_run_again(azure: Service) -> None:
    it, attempt, bootstrap, closing = begun(azure, "dba")
    assert attempt.run(bootstrap)[0] == "done"
    assert credentials(azure, it) == []
    assert namespaces(attempt, bootstrap) == {"flowforge-dev", "flowforge-dev-flows"}
    assert attempt.run(bootstrap)[0] == "was so"
    assert attempt.run(closing)[0] == "was so"


def test_without_the_credential_the_job_gets_no_token(azure: Service) -> None:
    _, attempt, bootstrap, _ = begun(azure, "dbb")
    with pytest.raises(DeploymentFailed, match=f"AADSTS700213.*{SUBJECT}"):
        bootstrap.job.apply(attempt.context(bootstrap))


def test_the_access_is_gone_after_a_job_that_failed(azure: Service) -> None:
    it, attempt, bootstrap, _ = begun(azure, "dbc")

    def make(context: Context) -> list[Manifest]:
        """The job with a service account that does not have the credential."""
        return [as_object(rename(one)) for one in bootstrap.job.make(context)]

    broken = replace(bootstrap, job=replace(bootstrap.job, make=make))
    with pytest.raises(DeploymentFailed, match="AADSTS700213"):
        attempt.run(broken)
    assert credentials(azure, it) == []
    assert "flowforge-dev-setup" not in namespaces(attempt, bootstrap)
    assert attempt.run(bootstrap)[0] == "done", "nothing was recorded as done"


def rename(value: Json) -> Json:
    """The value with another service account."""
    if isinstance(value, dict):
        return {key: rename(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rename(one) for one in value]
    return "somebody-else" if value == "flowforge-bootstrap" else value


def test_what_a_killed_run_left_is_removed_by_the_next_one(azure: Service) -> None:
    it, attempt, bootstrap, closing = begun(azure, "dbd")
    bootstrap.access.grant()
    assert credentials(azure, it) == [SUBJECT]
    assert bootstrap.check(attempt.context(bootstrap)) is None
    assert attempt.run(closing)[0] == "done"
    assert credentials(azure, it) == []
    bootstrap.access.grant()
    assert attempt.run(bootstrap)[0] == "done"
    assert credentials(azure, it) == []


def test_the_permanent_credential_of_earlier_versions_is_removed(azure: Service) -> None:
    it, attempt, bootstrap, _ = begun(azure, "dbe")
    earlier: Json = {
        "issuer": "https://issuer.example",
        "subject": "system:serviceaccount:flowforge-dev:flowforge-bootstrap",
        "audiences": ["api://AzureADTokenExchange"],
    }
    where = f"{identity_of(it)}/federatedIdentityCredentials/flowforge-bootstrap?api-version={VERSION}"
    azure.ask("PUT", where, {"properties": earlier})
    assert attempt.run(bootstrap)[0] == "done"
    assert credentials(azure, it) == []


def test_under_a_lock_the_credential_loses_its_subject(azure: Service) -> None:
    it, attempt, bootstrap, closing = begun(azure, "dbf")
    lock = f"{GROUPS}/{it.names.group('dev')}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01"
    azure.ask("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    try:
        assert attempt.run(bootstrap)[0] == "done"
        assert credentials(azure, it) == ["revoked"]
        assert attempt.run(bootstrap)[0] == "was so"
        assert attempt.run(closing)[0] == "was so"
    finally:
        azure.ask("DELETE", lock)


def test_changes_in_the_databases_are_reported_before_the_access_ends() -> None:
    order: list[str] = []
    line: dict[str, Json] = {"event": "created", "kind": "role", "name": "web", "text": "role web created"}
    step, attempt = administrator(Told([line, {"result": "done"}], key="bootstrap-dev"), order), Attempt()
    step.apply(attempt.context(step))
    (event,) = [event for event in attempt.events if event.kind == "resource.finished"]
    assert (event.resource, event.text, event.data["change"]) == ("role web", "role web created", "created")
    assert order == ["granted", "revoked", "recorded"]


def test_the_step_fails_in_the_words_of_the_program_and_the_access_ends() -> None:
    order: list[str] = []
    failed = DeploymentFailed('job failed; its last log lines:\n{"error": "the name x cannot be resolved"}')
    step = administrator(Told([], failed, key="bootstrap-dev"), order)
    with pytest.raises(DeploymentFailed, match=r"^the name x cannot be resolved$"):
        step.apply(Attempt().context(step))
    assert order == ["granted", "revoked"]


def administrator(job: Told, order: list[str]) -> RunAdministratorJob:
    """The step with another job, and an access that only notes what is done."""

    class Access:
        """Notes its use, and that the success is recorded in the cluster."""

        environment = "dev"

        @property
        def cluster(self) -> "Access":
            """Itself."""
            return self

        def grant(self) -> None:
            """Noted."""
            order.append("granted")

        def revoke(self, _context: Context) -> None:
            """Noted."""
            order.append("revoked")

        def apply(self, _context: Context, _manifests: list[Manifest]) -> None:
            """Noted."""
            order.append("recorded")

    class Record:
        """Makes no manifests."""

        def make(self, _context: Context) -> list[Manifest]:
            """None."""
            return []

    return RunAdministratorJob(job, Record(), Access())  # type: ignore[arg-type]  # the used methods
