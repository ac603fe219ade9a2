"""The identities of pipelines go with their installation, with their roles and credentials, unless they are to stay."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.cloud.errors import AzureRefused
from installer.conventions.pipeline_names import pipelines_group, pipelines_identity, sign_in_deployment
from installer.handover.pipelines.instructions import Platform
from installer.handover.pipelines.issuers import github_trust
from installer.handover.pipelines.runners import PROVIDERS, runners_template
from installer.handover.pipelines.sign_in import sign_in_template
from installer.json_access import as_text
from installer.jsontypes import Json
from installer.operations.removal import deletion
from installer.operations.removal.extent import Extent
from installer.operations.removal.forecast import forecast
from installer.operations.removal.pipelines import ASKED_TO_STAY, DEFINITION, client_ids
from installer.operations.removal.reading import read
from installer.operations.removal.rights import needs_of
from installer.steps import polling
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.in_memory import run
from tests.emulator.sample_templates import account, inside, nested, template
from tests.handover.pipelines.contents import OTHER, content
from tests.operations.removal.removals import Removal
from tests.operations.removal.test_removal import installed, left

TWO: Final[Answers] = MATRIX["25-web-on-container-apps"]
"""With two environments."""
SCOPE: Final = f"/subscriptions/{TWO.subscription.subscription}"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MIN_SECONDS", 0.001)
    monkeypatch.setattr(deletion, "POLL_SECONDS", 0.0)


@pytest.fixture
def removal(tmp_path: Path) -> Iterator[tuple[Removal, set[str]]]:
    """An installation with the sign-in of its pipelines, and what was in Azure before both."""
    with installed(tmp_path, TWO) as (found, before):
        made = content(TWO)
        _deploy(found, sign_in_template(made, github_trust(made, "Contoso/platform", "")), installed=True)
        yield found, before


def _deploy(removal: Removal, made: dict[str, Json], **parameters: Json) -> None:
    azure, name = removal.estate.azure, sign_in_deployment(TWO.subscription.prefix)

    async def story() -> None:
        azure.deploy(made, parameters, name=name, scope=SCOPE)
        await azure.done()

    run(story())
    assert azure.deployment(name, SCOPE).state == "Succeeded", azure.deployment(name, SCOPE).error


def test_everything_of_the_pipelines_goes_as_the_forecast_announces(removal: tuple[Removal, set[str]]) -> None:
    found, before = removal
    made = found.forecast()
    assert made.findings == ()
    prefix = TWO.subscription.prefix
    (group,) = [one for one in made.groups if one.name == pipelines_group(prefix)]
    assert group.whole
    roles = [one.shown for one in made.outside if one.type == DEFINITION]
    assert len(roles) == len(set(roles)) == 4
    assert f"FlowForge deployer of {prefix} (Custom role)" in roles
    assert f"{DEFINITION}/delete" in {need.action for need in needs_of(made)}
    result = found.run(made)
    assert {key: str(error) for key, error in result.failures.items()} == {}
    assert left(found, before) == set()
    assert found.forecast().going == ()


@pytest.mark.parametrize("platform", ["azdo", "github"])
def test_runners_in_the_group_go_with_it(removal: tuple[Removal, set[str]], platform: Platform) -> None:
    found, before = removal
    made = content(TWO)
    assert made.it.private_registry
    azure, where = found.estate.azure, Extent(TWO).pipelines
    for namespace in PROVIDERS[platform]:
        azure.emulator.registrations.set(TWO.subscription.subscription, namespace, "Registered", 0.0)
    given = {"azdo": {"organizationUrl": "https://dev.azure.com/c", "infrastructurePrincipal": OTHER}}
    parameters = given.get(platform, {"businessId": "1"})

    async def story() -> None:
        azure.deploy(runners_template(made, platform), parameters, name="runners", scope=where, location=None)
        await azure.done()

    run(story())
    assert azure.deployment("runners", where).state == "Succeeded", azure.deployment("runners", where).error
    result = found.run(found.forecast())
    assert {key: str(error) for key, error in result.failures.items()} == {}
    assert left(found, before) == set()


def test_a_role_that_is_assigned_is_not_deleted(removal: tuple[Removal, set[str]]) -> None:
    found, _ = removal
    role = next(one for one in found.forecast().outside if one.type == DEFINITION)
    with pytest.raises(AzureRefused) as refused:
        found.arm.ask("DELETE", f"{role.id}?api-version=2022-04-01", doing="delete the role")
    assert refused.value.code == "RoleDefinitionHasAssignments"


def test_pipelines_that_stay_keep_their_roles_and_are_named(removal: tuple[Removal, set[str]]) -> None:
    found, before = removal
    extent = Extent(TWO, pipelines_stay=ASKED_TO_STAY)
    made = forecast(extent, read(extent, found.arm, found.graph), found.estate.azure.clock.now())
    (kept,) = [one for one in made.kept if one.why == ASKED_TO_STAY]
    assert kept.id.endswith(pipelines_group(TWO.subscription.prefix))
    assert [one for one in made.outside if one.type == DEFINITION] == []
    result = found.run(made)
    # The scan at its end has an extent that takes them, so it reports them as left.
    assert [key for key in result.failures if key != "removal-scan"] == []
    stays = left(found, before)
    assert kept.id.lower() in stays
    assert sum("/roledefinitions/" in one for one in stays) == 4
    assert any("/federatedidentitycredentials/" in one for one in stays)


def test_what_others_have_in_the_group_stays_with_it(removal: tuple[Removal, set[str]]) -> None:
    found, _ = removal
    group = pipelines_group(TWO.subscription.prefix)
    inner = inside(account("stoftheirs"))
    azure = found.estate.azure

    async def story() -> None:
        azure.deploy(template(nested("theirs", inner, into=group, after=())), {}, name="theirs", scope=SCOPE)
        await azure.done()

    run(story())
    made = found.forecast()
    assert [one.whole for one in made.groups if one.name == group] == [False]
    assert any(one.id.endswith("/stoftheirs") and one.why == "it is not of this installation" for one in made.kept)


def test_an_environment_that_goes_leaves_the_pipelines() -> None:
    extent = replace(Extent(TWO), environment=TWO.subscription.environments[0])
    assert not extent.takes_pipelines


def test_the_account_of_a_job_is_recognised(removal: tuple[Removal, set[str]]) -> None:
    found, _ = removal
    prefix = TWO.subscription.prefix
    names = [pipelines_identity(prefix, name) for name in ("plan", *TWO.subscription.environments)]
    clients = client_ids(Extent(TWO), found.arm)
    where = f"{Extent(TWO).pipelines}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    assert clients == {as_text(found.estate.azure.properties(f"{where}/{one}")["clientId"]).lower() for one in names}
    other = TWO.model_copy(update={"subscription": TWO.subscription.model_copy(update={"prefix": "other"})})
    assert client_ids(Extent(other), found.arm) == set()
