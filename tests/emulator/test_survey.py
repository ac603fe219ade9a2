"""A survey of a real subscription: parsed strictly, kept with the state, and the basis of refusals."""

import json
from pathlib import Path
from typing import Final

import pytest

from installer.emulator.survey import NOTHING, Survey, SurveyError, load, parse, schema
from installer.json_access import as_list, as_object, as_text, member
from installer.jsontypes import Json
from installer.role_conditions import fulfilled
from tests.emulator.asgi_client import API, Local, Reply, local
from tests.emulator.in_memory import GROUP, SCOPE, SUBSCRIPTION, run
from tests.emulator.providers.test_subnet_rules import leaf
from tests.emulator.sample_templates import account, group, inside, least, nested, resource, template

ME: Final = "aaaaaaaa-0000-0000-0000-000000000001"
PLATFORM: Final = "aaaaaaaa-0000-0000-0000-000000000002"
AUTHORIZATION: Final = "providers/Microsoft.Authorization"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
RBAC_ADMIN: Final = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
ACR_PULL: Final = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ONLY_PULL: Final = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals "
    f"{{{ACR_PULL}}} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] "
    "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}))"
)


def _grant(role: str, principal: str, scope: str = SCOPE, condition: str | None = None) -> dict[str, Json]:
    name = f"00000000-0000-0000-{role[:4]}-{principal[-12:]}"
    properties: dict[str, Json] = {
        "roleDefinitionId": f"{SCOPE}/{AUTHORIZATION}/roleDefinitions/{role}",
        "principalId": principal,
    }
    if condition:
        properties |= {"condition": condition, "conditionVersion": "2.0"}
    return {"id": f"{scope}/{AUTHORIZATION}/roleAssignments/{name}", "properties": properties}


def _policy(name: str, condition: dict[str, Json], **parameters: Json) -> list[dict[str, Json]]:
    declared: dict[str, Json] = {
        key: {"type": "Array" if isinstance(value, list) else "String"} for key, value in parameters.items()
    }
    rule: Json = {"if": condition, "then": {"effect": "deny"}}
    definition = f"/{AUTHORIZATION}/policyDefinitions/{name}"
    given: dict[str, Json] = {key: {"value": value} for key, value in parameters.items()}
    return [
        {"id": definition, "properties": {"displayName": name, "parameters": declared, "policyRule": rule}},
        {
            "id": f"{SCOPE}/{AUTHORIZATION}/policyAssignments/{name}",
            "properties": {"displayName": name, "policyDefinitionId": definition, "parameters": given},
        },
    ]


DENIAL: dict[str, Json] = {
    "id": f"{GROUP}/{AUTHORIZATION}/denyAssignments/{PLATFORM}",
    "properties": {
        "denyAssignmentName": "no networks",
        "permissions": [{"actions": ["Microsoft.Network/*"], "notActions": ["*/read"]}],
        "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        "excludePrincipals": [],
    },
}
NETWORK_RULES = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg?api-version=2025-05-01"


def _survey(*resources: dict[str, Json], **more: Json) -> Survey:
    return parse(json.dumps({"version": 1, "subscriptionId": SUBSCRIPTION, "resources": [*resources], **more}))


def _caller(*groups: str) -> Json:
    return {"objectId": ME, "principalIds": [*groups]}


async def _group(it: Local, name: str = "rg-a") -> Reply:
    return await it.ask("PUT", f"{SCOPE}/resourcegroups/{name}?api-version={API}", {"location": "westeurope"})


async def _deploy(it: Local, *resources: dict[str, Json], verb: str = "") -> Reply:
    where = f"{SCOPE}/providers/Microsoft.Resources/deployments/main{verb}?api-version={API}"
    body: Json = {"location": "westeurope", "properties": {"mode": "Incremental", "template": template(*resources)}}
    return await it.ask("POST" if verb else "PUT", where, body)


def test_a_survey_round_trips_and_reports_the_place_of_errors(tmp_path: Path) -> None:
    whole = _survey(
        {"id": GROUP, "location": "westeurope"},
        taken="2026-11-24T09:00:00Z",
        tenantId=ME,
        caller=_caller(PLATFORM),
        registrations={"Microsoft.App": "Registered"},
        quotas=[
            {"provider": "Microsoft.Compute", "location": "westeurope", "name": "cores", "limit": 10, "current": 4}
        ],
        skuRestrictions=[{"resourceType": "virtualMachines", "location": "westeurope", "name": "Standard_D2s_v5"}],
        regions=[
            {"name": "westeurope", "unavailable": ["Microsoft.Purview/accounts"], "zones": {"1": "westeurope-az3"}}
        ],
        takenNames=[{"type": "Microsoft.Storage/storageAccounts", "name": "sttaken"}],
        deletedVaults=[{"name": "kv-gone", "location": "westeurope", "purgeProtection": True}],
    )
    assert parse(whole.text()) == whole
    assert parse(NOTHING.text()) == NOTHING
    file = tmp_path / "survey.json"
    file.write_text(whole.text(), encoding="utf-8")
    assert load(file) == whole
    assert set(as_object(member(schema(), "properties"))) >= {"version", "caller", "resources", "takenNames"}
    for wrong, place in (
        ("[]", "the file"),
        ('{"version": 2}', "version"),
        ('{"version": 1, "secret": "hunter2"}', "secret"),
        ('{"quotas": [{"provider": "x"}]}', "quotas.0.location"),
    ):
        with pytest.raises(SurveyError, match=place) as refused:
            parse(wrong)
        assert "hunter2" not in str(refused.value)


def test_a_restarted_server_keeps_its_survey(tmp_path: Path) -> None:
    survey = _survey({"id": GROUP, "location": "westeurope"}, caller=_caller())
    first = local(tmp_path, survey=survey)
    assert first.emulator.resources.get(GROUP) is not None
    first.emulator.remove(GROUP)
    first.database.close()
    second = local(tmp_path)
    assert second.emulator.survey == survey
    assert second.emulator.resources.get(GROUP) is None


def test_without_a_survey_the_caller_is_an_owner(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        found = await it.ask("GET", f"{SCOPE}/{AUTHORIZATION}/permissions?api-version=2022-04-01")
        assert found.value[0]["actions"] == ["*"]
        assert (await _group(it)).status == 201

    run(story())


@pytest.mark.parametrize("listed", [(), ("microsoft.authorization/roleassignments",)])
def test_a_survey_without_role_assignments_says_nothing_about_rights_unless_it_lists_them(
    tmp_path: Path, listed: tuple[str, ...]
) -> None:
    it = local(tmp_path, survey=_survey({"id": GROUP, "location": "westeurope"}, caller=_caller(), listed=[*listed]))

    async def story() -> None:
        assert (await _group(it, "rg-new")).status == (403 if listed else 201)

    run(story())


def test_deny_assignments_hold_although_roles_are_not_known(tmp_path: Path) -> None:
    it = local(tmp_path, survey=_survey({"id": GROUP, "location": "westeurope"}, DENIAL, caller=_caller()))

    async def story() -> None:
        assert (await it.ask("PUT", NETWORK_RULES, {"location": "westeurope", "properties": {}})).status == 403
        assert (await _group(it, "rg-new")).status == 201

    run(story())


def test_a_reader_may_only_read(tmp_path: Path) -> None:
    it = local(tmp_path, survey=_survey({"id": GROUP, "location": "westeurope"}, _grant(READER, ME), caller=_caller()))

    async def story() -> None:
        assert (await it.ask("GET", f"{GROUP}?api-version={API}")).status == 200
        refused = await _group(it, "rg-new")
        assert (refused.status, refused.code) == (403, "AuthorizationFailed")
        message = as_text(member(refused.json, "error", "message"))
        assert "Microsoft.Resources/subscriptions/resourceGroups/write" in message
        assert (await it.ask("DELETE", f"{GROUP}?api-version={API}")).code == "AuthorizationFailed"
        assert (await _deploy(it, group("rg-new"))).code == "AuthorizationFailed"

    run(story())


def test_a_contributor_may_not_assign_roles_and_fails_in_preflight(tmp_path: Path) -> None:
    it = local(tmp_path, survey=_survey(_grant(CONTRIBUTOR, PLATFORM), caller=_caller(PLATFORM)))

    def assignment(role: str, kind: str = "ServicePrincipal") -> dict[str, Json]:
        granted = _grant(role, ME)
        properties = {**as_object(granted["properties"]), "principalType": kind}
        return resource("Microsoft.Authorization/roleAssignments", ME, location=None, properties=properties)

    async def story() -> None:
        assert (await _group(it)).status == 201
        [shown] = (await it.ask("GET", f"{SCOPE}/{AUTHORIZATION}/permissions?api-version=2022-04-01")).value
        assert "Microsoft.Authorization/*/Write" in as_list(shown["notActions"])
        for verb in ("/validate", ""):
            refused = await _deploy(it, assignment(ACR_PULL), verb=verb)
            assert (refused.status, refused.code) == (403, "InvalidTemplateDeployment")
            assert leaf(refused.json["error"]) == "AuthorizationFailed"
        assert (await _deploy(it, group("rg-b"))).status == 201
        await it.done()

    run(story())


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [(ACR_PULL, "ServicePrincipal", 201), (OWNER, "ServicePrincipal", 403), (ACR_PULL, "User", 403)],
)
def test_a_condition_restricts_the_assignable_roles(tmp_path: Path, role: str, kind: str, status: int) -> None:
    survey = _survey(
        {"id": GROUP, "location": "westeurope"}, _grant(RBAC_ADMIN, ME, condition=ONLY_PULL), caller=_caller()
    )
    it = local(tmp_path, survey=survey)

    async def story() -> None:
        where = f"{GROUP}/{AUTHORIZATION}/roleAssignments/{ME}?api-version=2022-04-01"
        properties = {**as_object(_grant(role, PLATFORM)["properties"]), "principalType": kind}
        assert (await it.ask("PUT", where, {"properties": properties})).status == status

    run(story())


def test_all_notations_of_conditions_are_parsed() -> None:
    write, delete = (f"Microsoft.Authorization/roleAssignments/{verb}" for verb in ("write", "delete"))
    given = {"roledefinitionid": ACR_PULL, "principaltype": "ServicePrincipal"}
    assert fulfilled(ONLY_PULL, write, given)
    assert fulfilled(ONLY_PULL, delete, {})
    assert not fulfilled(ONLY_PULL, write, {**given, "principaltype": "User"})
    never = "@Request[x:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {8e3af657, " + ACR_PULL + "}"
    assert not fulfilled(never, write, given)
    assert fulfilled(f"{never} || NOT ActionMatches{{'*/read'}}", write, given)
    for strange in ("", "(", "@Request[x:y] DateTimeEquals 3", "ActionMatches{'*'} AND", "nonsense"):
        assert not fulfilled(strange, write, given)


def test_deny_assignments_apply_to_owners_too(tmp_path: Path) -> None:
    survey = _survey({"id": GROUP, "location": "westeurope"}, _grant(OWNER, ME), DENIAL, caller=_caller())
    it = local(tmp_path, survey=survey)

    async def story() -> None:
        refused = await it.ask("PUT", NETWORK_RULES, {"location": "westeurope", "properties": {}})
        assert (refused.status, refused.code) == (403, "DenyAssignmentAuthorizationFailed")
        assert "no networks" in refused.text
        listed = await it.ask("GET", f"{GROUP}/{AUTHORIZATION}/denyAssignments?api-version=2022-04-01")
        assert len(listed.value) == 1

    run(story())


def test_a_subnet_without_join_permission_is_refused(tmp_path: Path) -> None:
    network = f"{SCOPE}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/hub"
    seeded: list[dict[str, Json]] = [
        {"id": GROUP, "location": "westeurope"},
        {"id": network, "location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
        {"id": f"{network}/subnets/endpoints", "properties": {"addressPrefix": "10.0.0.0/24"}},
    ]
    it = local(tmp_path, survey=_survey(*seeded, _grant(CONTRIBUTOR, ME, GROUP), caller=_caller()))

    async def story() -> None:
        where = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe?api-version=2025-05-01"
        given: Json = {"location": "westeurope", "properties": {"subnet": {"id": f"{network}/subnets/endpoints"}}}
        refused = await it.ask("PUT", where, given)
        assert (refused.status, refused.code) == (403, "LinkedAuthorizationFailed")

    run(story())


_LOCATIONS: Final[dict[str, Json]] = {
    "allOf": [
        {"field": "location", "notIn": "[parameters('allowed')]"},
        {"field": "location", "notEquals": "global"},
        {"field": "type", "notEquals": "Microsoft.Resources/subscriptions/resourceGroups"},
    ]
}
_TAG: Final[dict[str, Json]] = {"field": "[concat('tags[', parameters('tag'), ']')]", "exists": "false"}
_NO_ADDRESS: Final[dict[str, Json]] = {"field": "type", "equals": "Microsoft.Network/publicIPAddresses"}
_PUBLIC: Final[dict[str, Json]] = {
    "allOf": [
        {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
        {"not": {"field": "Microsoft.Storage/storageAccounts/publicNetworkAccess", "equals": "Disabled"}},
    ]
}


@pytest.mark.parametrize(
    ("policies", "wrong", "right"),
    [
        (
            _policy("locations", _LOCATIONS, allowed=["northeurope", "swedencentral"]),
            account("stpolicy01"),
            {**account("stpolicy01"), "location": "swedencentral"},
        ),
        (
            _policy("tags", _TAG, tag="costCenter"),
            account("stpolicy01"),
            account("stpolicy01", tags={"costCenter": "42"}),
        ),
        (
            _policy("addresses", _NO_ADDRESS),
            resource("Microsoft.Network/publicIPAddresses", "pip", properties={}),
            account("stpolicy01"),
        ),
        (
            _policy("public", _PUBLIC),
            account("stpolicy01"),
            {**account("stpolicy01"), "properties": {"publicNetworkAccess": "Disabled"}},
        ),
    ],
    ids=["allowed locations", "required tag", "no public address", "no public storage"],
)
def test_policies_deny_in_preflight_and_during_deployment(
    tmp_path: Path, policies: list[dict[str, Json]], wrong: dict[str, Json], right: dict[str, Json]
) -> None:
    home: dict[str, Json] = {"id": GROUP, "location": "westeurope"}
    it = local(tmp_path, survey=_survey(home, *policies))

    async def story() -> None:
        bad, good = nested("inner", inside(wrong), after=[]), nested("inner", inside(right), after=[])
        for verb in ("/validate", ""):
            refused = await _deploy(it, bad, verb=verb)
            assert refused.code == "InvalidTemplateDeployment"
            assert leaf(refused.json["error"]) == "RequestDisallowedByPolicy"
        kind, name = as_text(wrong["type"]), as_text(wrong["name"])
        where = f"{GROUP}/providers/{kind}/{name}?api-version={wrong['apiVersion']}"
        asked_for = {name: item for name, item in wrong.items() if name != "dependsOn"}
        assert (await it.ask("PUT", where, asked_for)).code == "RequestDisallowedByPolicy"
        assert (await _deploy(it, good)).status == 201
        await it.done()
        assert it.deployment().state == "Succeeded"
        asked: Json = {"resourceDetails": {"resourceContent": wrong, "apiVersion": wrong["apiVersion"]}}
        check = f"{GROUP}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01"
        found = await it.ask("POST", check, asked)
        assert found.status == 200, found.text
        evaluations = as_list(member(found.json, "contentEvaluationResult", "policyEvaluations"))
        assert [member(item, "evaluationResult") for item in evaluations] == ["NonCompliant"]

    run(story())


def test_pending_fields_are_restricted(tmp_path: Path) -> None:
    policies = [*_policy("locations", _LOCATIONS, allowed=["swedencentral"]), *_policy("tags", _TAG, tag="owner")]
    it = local(tmp_path, survey=_survey({"id": GROUP, "location": "westeurope"}, *policies))

    async def story() -> None:
        asked: Json = {
            "resourceDetails": {"resourceContent": {"type": "Microsoft.Storage/storageAccounts", "name": "x"}},
            "pendingFields": [
                {"field": "location", "values": ["westeurope", "swedencentral"]},
                {"field": "tags['owner']"},
            ],
        }
        check = f"{GROUP}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01"
        found = as_list((await it.ask("POST", check, asked)).json["fieldRestrictions"])
        shown = {as_text(member(item, "field")): as_list(member(item, "restrictions")) for item in found}
        assert [member(item, "values") for item in shown["location"]] == [["westeurope"]]
        assert [member(item, "result") for item in shown["tags['owner']"]] == ["Required"]
        listed = await it.ask("GET", f"{GROUP}/{AUTHORIZATION}/policyAssignments?api-version=2024-04-01")
        assert {item["name"] for item in listed.value} == {"locations", "tags"}

    run(story())


def test_names_quotas_and_offers_of_the_survey_apply(tmp_path: Path) -> None:
    survey = _survey(
        {"id": GROUP, "location": "westeurope"},
        registrations={"Microsoft.ContainerService": "Registered", "Microsoft.DBforPostgreSQL": "Registered"},
        takenNames=[{"type": "Microsoft.Storage/storageAccounts", "name": "sttaken01"}],
        deletedVaults=[{"name": "kv-gone", "location": "westeurope"}],
        quotas=[
            {"provider": "Microsoft.Compute", "location": "westeurope", "name": "cores", "limit": 10, "current": 6},
            {"provider": "Microsoft.Network", "location": "westeurope", "name": "PublicIPAddresses", "limit": 1},
        ],
        skuRestrictions=[
            {"resourceType": "virtualMachines", "location": "westeurope", "name": "Standard_D8s_v5"},
            {"resourceType": "flexibleServers", "location": "westeurope"},
        ],
        regions=[{"name": "westeurope", "unavailable": ["Microsoft.Insights/components"]}],
    )
    it = local(tmp_path, survey=survey)

    async def put(kind: str, name: str, properties: Json, **more: Json) -> str:
        body: Json = least(kind, {"location": "westeurope", "properties": properties, **more})
        version = as_text(resource(kind, name)["apiVersion"])
        found = await it.ask("PUT", f"{GROUP}/providers/{kind}/{name}?api-version={version}", body)
        return found.code or str(found.status)

    def pool(size: str, count: int) -> Json:
        return {"agentPoolProfiles": [{"name": "system", "vmSize": size, "count": count}]}

    async def story() -> None:
        assert await put("Microsoft.Storage/storageAccounts", "sttaken01", {}) == "StorageAccountAlreadyTaken"
        assert await put("Microsoft.KeyVault/vaults", "kv-gone", {}) == "ConflictError"
        cluster = "Microsoft.ContainerService/managedClusters"
        assert await put(cluster, "aks", pool("Standard_D4s_v5", 2)) == "QuotaExceeded"
        assert await put(cluster, "aks", pool("Standard_D8s_v5", 1)) == "SkuNotAvailable"
        assert await put(cluster, "aks", pool("Standard_D2s_v5", 2)) == "201"
        assert await put(cluster, "aks", pool("Standard_D2s_v5", 2)) == "200"
        addresses = "Microsoft.Network/publicIPAddresses"
        assert await put(addresses, "one", {}) == "201"
        assert await put(addresses, "two", {}) == "PublicIPCountLimitReached"
        server = await put(
            "Microsoft.DBforPostgreSQL/flexibleServers",
            "psql",
            {},
            sku={"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
        )
        assert server == "LocationIsOfferRestricted"
        assert await put("Microsoft.Insights/components", "appi", {}) == "LocationNotAvailableForResourceType"
        await it.done()

    run(story())


@pytest.mark.parametrize("content", [None, "{", '{"version": 1, "password": "hunter2"}'])
def test_an_unreadable_survey_aborts_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    from installer.emulator.__main__ import main

    file = tmp_path / "survey.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    state = tmp_path / "state"
    monkeypatch.setattr("sys.argv", ["rehearsal", "--state-dir", str(state), "--survey", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    errors = capsys.readouterr().err
    assert "argument --survey: " in errors
    assert str(file) in errors
    assert "hunter2" not in errors
    assert not state.exists()


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("1" + 30 * "0", "quotas.0.limit: Input should be less than or equal to 9007199254740992"),
        (5001 * "9", "the file: not valid JSON: number out of range"),
        (r'"\ud800"', "the file: not valid JSON: "),
        (100_000 * "[", "the file: "),
    ],
)
def test_numbers_and_texts_that_no_reader_takes_are_named(limit: str, words: str) -> None:
    quota = f'{{"provider": "Microsoft.Compute", "location": "westeurope", "name": "cores", "limit": {limit}}}'
    with pytest.raises(SurveyError) as refused:
        parse(f'{{"version": 1, "quotas": [{quota}]}}')
    assert words in str(refused.value)
    assert ("nested too deeply" in str(refused.value)) is ("[" in limit)
