"""The template of the sign-in is deployed to the embedded Azure, before and after the installation exists, and jobs get tokens."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest

from installer.answers.model import Answers
from installer.emulator.protocol.managed_identities import EXCHANGE_AUDIENCE
from installer.errors import UsageError
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.issuers import azdo_trust, github_trust
from installer.handover.pipelines.roles import ACR_PUSH, pipeline_roles
from installer.handover.pipelines.sign_in import group_name, identity_name, sign_in_template
from installer.json_access import as_list, as_object, as_text, member, objects_of
from installer.jsontypes import Json
from installer.preflight.rights.custom_role import custom_role
from installer.preflight.rights.needs import needs_of
from installer.resource_id import group_of, name_of
from installer.role_conditions import fulfilled
from installer.role_names import built_in_names
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import answers
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import SCOPE, run
from tests.emulator.sample_templates import group, template
from tests.emulator.test_survey import ME, _grant
from tests.handover.pipelines.contents import OTHER, PRIVATE, TWO, content, in_emulated_subscription
from tests.preflight.surveyed import sample
from tests.preflight.test_rights import CUSTOM, definition, held

ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments"
OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
GITHUB: Final = "https://token.actions.githubusercontent.com"
SPREAD: Final = answers("dev", "prod", own={"prod": {"subscription": OTHER}})
"""Environments in two subscriptions."""


def _world(path: Path) -> Local:
    return local(path, others=(OTHER,))


def _content(given: Answers) -> Content:
    return content(in_emulated_subscription(given))


def _deployed(it: Local, made: dict[str, Json], name: str = "sign-in", **parameters: Json) -> None:
    async def story() -> None:
        it.deploy(made, parameters, name=name)
        await it.done()

    run(story())
    assert it.deployment(name).state == "Succeeded", it.deployment(name).error


def _identity(it: Content, name: str) -> str:
    where = f"{SCOPE}/resourceGroups/{group_name(it)}/providers"
    return f"{where}/Microsoft.ManagedIdentity/userAssignedIdentities/{identity_name(it, name)}"


def _held(world: Local, it: Content, name: str) -> set[tuple[str, str]]:
    """Scope and role of the assignments of an identity."""
    principal = world.properties(_identity(it, name))["principalId"]
    return {
        (
            one.id.partition("/providers/")[0].lower(),
            _title(world, as_text(member(one.desired, "properties", "roleDefinitionId"))),
        )
        for one in world.emulator.resources.of_type(ASSIGNMENTS)
        if member(one.desired, "properties", "principalId") == principal
    }


def _title(world: Local, role: str) -> str:
    if name_of(role) == ACR_PUSH:
        return "AcrPush"
    found = world.emulator.resources.get(f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{name_of(role)}")
    assert found is not None, role
    return as_text(member(found.desired, "properties", "roleName"))


@pytest.mark.parametrize("given", [TWO, PRIVATE, SPREAD], ids=["two", "private", "two subscriptions"])
def test_identities_get_their_least_roles(tmp_path: Path, given: Answers) -> None:
    world, it = _world(tmp_path), _content(given)
    made = sign_in_template(it, github_trust(it, "Contoso/platform", ""))
    _deployed(world, made)
    prefix, names = it.prefix, it.it.names
    whole = f"FlowForge deployer of {prefix}"
    subscriptions = {f"/subscriptions/{site.subscription}".lower() for site in it.it.sites} | {SCOPE.lower()}
    before = {(one, whole) for one in subscriptions}
    assert _held(world, it, "plan") == _held(world, it, "prod") == before
    assert _held(world, it, "dev") == {(one, f"FlowForge reader of {prefix}") for one in subscriptions}

    created = {need.place for need in needs_of(it.answers) if need.action.endswith("resourceGroups/write")}
    for number, place in enumerate(sorted(created)):
        inside = {**template(group(group_of(place)))}
        scope = place.partition("/resourceGroups/")[0]

        async def story(inside: dict[str, Json] = inside, scope: str = scope, name: str = f"group-{number}") -> None:
            world.deploy(inside, name=name, scope=scope)
            await world.done()

        run(story())
    _deployed(world, made, "again", installed=True)
    assert _held(world, it, "plan") == before
    (pushing,) = _held(world, it, "prod") - before
    assert pushing[1] == "AcrPush"
    held = _held(world, it, "dev") - {(one, f"FlowForge reader of {prefix}") for one in subscriptions}
    own = f"/subscriptions/{it.it.site('dev').subscription}/resourceGroups/{names.group('dev')}".lower()
    strange = {names.group(name).lower() for name in it.it.environments}
    shared = {place.lower() for place in created if group_of(place).lower() not in strange}
    assert held == {(own, f"FlowForge operator of {prefix} dev")} | {
        (one, f"FlowForge user of {prefix}") for one in shared
    }


def test_the_deployer_has_the_role_that_the_command_roles_prints() -> None:
    it = _content(TWO)
    made = sign_in_template(it, github_trust(it, "Contoso/platform", ""))
    (role,) = [
        one
        for one in objects_of(as_list(made["resources"]))
        if member(one, "properties", "roleName") == f"FlowForge deployer of {it.prefix}"
    ]
    assert member(role, "properties", "permissions") == [
        {"actions": custom_role(it.answers)["Actions"], "notActions": []}
    ]


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_an_operator_changes_nothing_that_all_share_and_assigns_one_role_at_most(runtime: str) -> None:
    it = _content(answers("dev", "prod", platform={"runtime": runtime}))
    reader, user, operator = pipeline_roles(it)[2:]
    assert len(reader.actions) > 10
    assert {one for one in reader.actions if not one.endswith("/read")} == {"Microsoft.Resources/deployments/write"}
    assert {one.rpartition("/")[2] for one in user.actions} == {"read", "action"}
    writes = {one for one in operator.actions if not one.endswith(("/read", "/action"))}
    if runtime == "container_apps":
        assert writes == {"Microsoft.App/containerApps/write"}
        assert operator.condition == ""
    else:
        assert {"Microsoft.ContainerService/managedClusters/runCommand/action"} <= set(operator.actions)
        assert writes == {f"{ASSIGNMENTS}/write", f"{ASSIGNMENTS}/delete"} | (
            writes & {"Microsoft.App/containerApps/write"}
        )
        assert fulfilled(operator.condition, f"{ASSIGNMENTS}/delete", {"roledefinitionid": OWNER}) is False
        assert [built_in_names()[one] for one in operator.assignable] == ["Azure Kubernetes Service RBAC Cluster Admin"]


def test_the_deployer_assigns_every_role_of_the_installation_and_no_other() -> None:
    it = _content(PRIVATE)
    whole = pipeline_roles(it)[0]
    wanted = [need for need in needs_of(it.answers) if need.action == f"{ASSIGNMENTS}/write"]
    assert len(wanted) > 5
    assert all(fulfilled(whole.condition, need.action, dict(need.attributes)) for need in wanted)
    assert fulfilled(whole.condition, f"{ASSIGNMENTS}/write", {"roledefinitionid": OWNER}) is False
    assert fulfilled(whole.condition, f"{ASSIGNMENTS}/delete", {}) is True
    assert fulfilled(whole.condition, "Microsoft.Storage/storageAccounts/write", {}) is True
    assert len(whole.condition) < 8_000


def test_an_existing_hub_is_reached_in_its_resource_group_only() -> None:
    it = content(MATRIX["11-existing-hub"])
    whole = pipeline_roles(it)[0]
    own = {f"/subscriptions/{site.subscription}" for site in it.it.sites} | {f"/subscriptions/{it.it.subscription}"}
    elsewhere = set(whole.scopes) - own
    assert elsewhere
    assert all(group_of(scope) for scope in elsewhere)
    made = sign_in_template(it, github_trust(it, "Contoso/platform", ""))
    conditional = {
        as_text(one.get("resourceGroup")) for one in objects_of(as_list(made["resources"])) if "condition" in one
    }
    assert conditional.isdisjoint({group_of(scope) for scope in elsewhere})
    assert conditional


def test_the_check_of_rights_finds_nothing_missing_with_the_role_of_the_deployer(tmp_path: Path) -> None:
    given = sample("dev", "prod", governance={"locks": "data", "posture": "hardened"})
    role = pipeline_roles(content(given))[0]
    grant = _grant(CUSTOM, ME, condition=role.condition)
    found = held(tmp_path / "whole", definition([*role.actions], CUSTOM), grant, given=given)
    assert (found.state, found.findings) == ("passed", ())
    narrow = _grant(CUSTOM, ME, condition=role.condition.replace(role.assignable[0], OWNER))
    assert held(tmp_path / "narrow", definition([*role.actions], CUSTOM), narrow, given=given).findings != ()


@pytest.mark.parametrize(
    ("ids", "subject"),
    [
        ("", "repo:Contoso/platform:environment:contoso-dev"),
        ("123/456", "repo:Contoso@123/platform@456:environment:contoso-dev"),
    ],
)
def test_a_job_gets_a_token_of_its_environment_and_of_no_other(tmp_path: Path, ids: str, subject: str) -> None:
    world, it = _world(tmp_path), _content(TWO)
    _deployed(world, sign_in_template(it, github_trust(it, "Contoso/platform", ids)))

    async def exchanged(name: str, issuer: str = GITHUB) -> tuple[int, str]:
        claims: dict[str, Json] = {"iss": issuer, "sub": subject, "aud": EXCHANGE_AUDIENCE}
        form = {
            "grant_type": "client_credentials",
            "client_id": as_text(world.properties(_identity(it, name))["clientId"]),
            "client_assertion": world.azure.identity.signed(claims),
            "scope": "https://management.azure.com/.default",
        }
        url = f"/{world.emulator.directory.tenant_id}/oauth2/v2.0/token"
        found = await world.ask("POST", url, raw=urlencode(form).encode())
        return found.status, as_text(found.json.get("error_description"))[:12]

    async def story() -> None:
        assert await exchanged("dev") == (200, "")
        assert await exchanged("prod") == (401, "AADSTS700213")
        assert await exchanged("dev", "https://issuer.example") == (401, "AADSTS700213")

    run(story())


def test_azure_devops_shows_issuer_and_subject_and_the_template_asks_for_them(tmp_path: Path) -> None:
    world, it = _world(tmp_path), _content(TWO)
    made = sign_in_template(it, azdo_trust(it))
    given = {name: f"{name}-of-connection" for name in as_object(made["parameters"]) if name != "installed"}
    assert sorted(given) == ["devIssuer", "devSubject", "planIssuer", "planSubject", "prodIssuer", "prodSubject"]
    _deployed(world, made, **given)
    found = world.properties(f"{_identity(it, 'dev')}/federatedIdentityCredentials/pipelines")
    assert (found["issuer"], found["subject"]) == ("devIssuer-of-connection", "devSubject-of-connection")
    assert found["audiences"] == [EXCHANGE_AUDIENCE]


def test_the_outputs_are_the_client_ids(tmp_path: Path) -> None:
    world, it = _world(tmp_path), _content(TWO)
    _deployed(world, sign_in_template(it, github_trust(it, "Contoso/platform", "")))
    outputs = as_object(world.deployment("sign-in").outputs)
    assert {name: member(one, "value") for name, one in outputs.items() if isinstance(one, dict)} == {
        name: world.properties(_identity(it, name))["clientId"] for name in ("plan", "dev", "prod")
    }


@pytest.mark.parametrize(
    ("repository", "ids", "why"),
    [
        ("platform", "", "OWNER/REPOSITORY"),
        ("https://github.com/Contoso/platform", "", "OWNER/REPOSITORY"),
        ("Contoso/plat form", "", "OWNER/REPOSITORY"),
        ("Contoso/platform", "123", "two numbers"),
        ("Contoso/platform", "Contoso/platform", "two numbers"),
    ],
)
def test_a_malformed_repository_is_refused(repository: str, ids: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        github_trust(content(), repository, ids)
