"""A backup that was deleted is undeleted and resumed by the next run, instead of a data lake without backup."""

from dataclasses import replace
from time import monotonic, sleep
from typing import Final

import pytest

from installer.cloud.arm import Arm
from installer.cloud.emulator_process import Rehearsal
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.estate import keys
from installer.json_access import as_object, member
from installer.jsontypes import Json
from installer.secret_store import Secrets
from installer.steps.backup_recovery import recover_backups, resume_backups, stopped_backups
from installer.steps.deployment import DeployStage
from installer.steps.plan import installation
from installer.steps.resource_providers import RegisterProviders
from tests.bicep.answers_variants import SUBSCRIPTION, answers
from tests.steps.step_context import Attempt

GIVEN: Final = answers(
    "dev",
    prefix="keep",
    governance={"posture": "trial"},
    network={"mode": "public"},
    ingress={"kind": "direct"},
    monitoring={"storage_backup": True},
)
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ff-keep-dev/providers"
VAULT: Final = f"{GROUP}/Microsoft.DataProtection/backupVaults/bvault-ff-keep-dev"
LAKE: Final = f"{GROUP}/Microsoft.Storage/storageAccounts/stffkeepdev"
INSTANCE: Final = f"{VAULT}/backupInstances/stffkeepdev"
VERSION: Final = "?api-version=2025-07-01"
BACKUPS: Final = ((VAULT, LAKE),)


def _state(azure: Service) -> Json:
    return member(azure.find(f"{INSTANCE}{VERSION}"), "properties", "currentProtectionState")


def _deleted(azure: Service) -> list[Json]:
    return [one["name"] for one in azure.every(f"{VAULT}/deletedBackupInstances{VERSION}")]


def _delete(azure: Service) -> None:
    azure.ask("DELETE", f"{INSTANCE}{VERSION}")
    until = monotonic() + 30
    while _state(azure) is not None:
        assert monotonic() < until
        sleep(0.05)


@pytest.fixture(scope="module")
def stages(rehearsal: Rehearsal) -> dict[str, DeployStage]:
    """The stages of an installation with a backup of its data lake, deployed."""
    arm, attempt = Arm(rehearsal.target, SUBSCRIPTION), Attempt()
    found: dict[str, DeployStage] = {}
    for step in installation(GIVEN, arm, secrets=Secrets(), run="keep-1"):
        if isinstance(step, RegisterProviders):
            attempt.run(step)
        elif isinstance(step, DeployStage) and step.key in {keys.FOUNDATION, keys.DATA, keys.PROTECTION}:
            attempt.run(step)
            found[step.key] = step
    assert len(found) == 3
    return found


def test_a_deleted_backup_stays_in_its_vault_and_in_the_way(stages: dict[str, DeployStage], azure: Service) -> None:
    assert stages
    body = azure.ask("GET", f"{INSTANCE}{VERSION}").body
    _delete(azure)
    assert _deleted(azure) == ["stffkeepdev"]
    policy = {name: as_object(body["properties"])[name] for name in ("objectType", "dataSourceInfo", "policyInfo")}
    with pytest.raises(AzureRefused, match="UserErrorDppDatasourceAlreadyProtected"):
        azure.ask("PUT", f"{INSTANCE}{VERSION}", {"properties": policy})
    with pytest.raises(AzureRefused, match="existing backup instances"):
        azure.ask("DELETE", f"{VAULT}{VERSION}")


def test_the_next_run_undeletes_it_and_resumes_its_protection(stages: dict[str, DeployStage], azure: Service) -> None:
    if not _deleted(azure):
        _delete(azure)
    attempt = Attempt()
    assert attempt.run(stages[keys.PROTECTION])[0] == "done"
    assert _state(azure) == "ProtectionConfigured"
    assert _deleted(azure) == []
    assert [text for text in attempt.texts("log") if "backup" in text or "protection" in text] == [
        "undeleting the backup stffkeepdev, which was deleted",
        "resuming the protection of stffkeepdev",
    ]
    of_next_run = replace(stages[keys.PROTECTION], arm=Arm(azure.target, SUBSCRIPTION))
    assert Attempt().run(of_next_run)[0] == "was so"


def test_a_run_that_ended_between_undelete_and_resume_is_continued(
    stages: dict[str, DeployStage], azure: Service
) -> None:
    step = stages[keys.PROTECTION]
    _delete(azure)
    recover_backups(step.arm, Attempt().context(step), BACKUPS)
    assert _state(azure) == "ProtectionStopped"
    assert stopped_backups(step.arm, BACKUPS) == (INSTANCE,)
    assert Attempt().run(step)[0] == "done"
    assert _state(azure) == "ProtectionConfigured"


def test_backups_of_other_data_sources_are_left_alone(stages: dict[str, DeployStage], azure: Service) -> None:
    step, attempt = stages[keys.PROTECTION], Attempt()
    _delete(azure)
    others = ((VAULT, f"{LAKE}2"), (f"{VAULT}-none", LAKE))
    recover_backups(step.arm, attempt.context(step), others)
    resume_backups(step.arm, attempt.context(step), others)
    assert _deleted(azure) == ["stffkeepdev"]
    assert attempt.events == []
