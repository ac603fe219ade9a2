"""From answers to deployments: which there are, in which order, and with what."""

import json
from graphlib import TopologicalSorter
from typing import Final

import pytest

from bicep.compile import STAGES
from installer.conventions.address_ranges import AddressError
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, Outputs, StageSpec, stages, template
from installer.jsontypes import Json
from tests.bicep.answers_variants import CLIENT, VARIANTS, answers


def spec_of(specs: tuple[StageSpec, ...], key: str) -> StageSpec:
    return next(spec for spec in specs if spec.key == key)


DIGEST: Final = f"sha256:{'ab' * 32}"


def values_of(spec: StageSpec, outputs: Outputs = PLACEHOLDER_OUTPUTS) -> dict[str, Json]:
    sent = spec.parameters(outputs)
    return {name: given["value"] for name, given in sent.items() if isinstance(given, dict)}


def test_shared_stages_come_once_and_the_others_once_for_each_environment() -> None:
    assert [spec.key for spec in stages(answers("prod", "dev"))] == [
        "foundation",
        "network",
        "secrets-dev",
        "secrets-prod",
        "grants",
        "data",
        "runtime-dev",
        "runtime-prod",
        "controlplane-dev",
        "controlplane-prod",
        "observability",
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_stage_comes_after_what_it_needs(variant: str) -> None:
    specs = stages(VARIANTS[variant])
    order = list(TopologicalSorter({spec.key: spec.needs for spec in specs}).static_order())
    assert sorted(order) == sorted(spec.key for spec in specs)
    seen: set[str] = set()
    for spec in specs:
        assert seen.issuperset(spec.needs)
        seen.add(spec.key)


def test_titles_are_for_people() -> None:
    titles = [spec.title for spec in stages(answers("dev"))]
    assert titles == [
        "Foundation",
        "Network",
        "Secrets · dev",
        "Role assignments",
        "Data",
        "Runtime · dev",
        "Control plane · dev",
        "Observability",
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_templates_are_deployed_at_subscription_scope(stage: str) -> None:
    assert str(template(stage)["$schema"]).endswith("subscriptionDeploymentTemplate.json#")


def test_the_same_answers_give_the_same_parameters_to_the_byte() -> None:
    one, other = answers("dev", "prod"), answers("prod", "dev")
    for first, second in zip(stages(one), stages(other), strict=True):
        assert json.dumps(first.parameters(PLACEHOLDER_OUTPUTS)) == json.dumps(second.parameters(PLACEHOLDER_OUTPUTS))


def test_what_azure_decides_comes_from_the_foundation() -> None:
    principals: list[Json] = [
        {"workload": workload, "principalId": f"object-{workload}", "clientId": f"client-{workload}"}
        for workload in ("web", "prefect", "worker", "cluster", "kubelet", "dbadmin")
    ]
    outputs: Outputs = {
        "foundation": {
            "environmentPrincipals": [{"name": "dev", "principals": principals}],
        },
        "image-web": {"digest": DIGEST},
    }
    specs = stages(answers("dev"))
    runtime = values_of(spec_of(specs, "runtime-dev"), outputs)
    cluster = runtime["cluster"]
    assert isinstance(cluster, dict)
    assert (cluster["kubeletClientId"], cluster["kubeletPrincipalId"]) == ("client-kubelet", "object-kubelet")
    control_plane = values_of(spec_of(specs, "controlplane-dev"), outputs)
    assert control_plane["identityClientId"] == "client-web"
    assert control_plane["webImage"] == f"flowforge/web@{DIGEST}"
    assert "object-dbadmin" in json.dumps(values_of(spec_of(specs, "data"), outputs))
    assert "object-cluster" in json.dumps(values_of(spec_of(specs, "grants"), outputs))


@pytest.mark.parametrize("key", ["grants", "data", "runtime-dev", "controlplane-dev"])
def test_without_the_foundation_there_is_no_guess(key: str) -> None:
    with pytest.raises(KeyError, match="foundation"):
        spec_of(stages(answers("dev")), key).parameters({})


@pytest.mark.parametrize("key", ["foundation", "network"])
def test_the_first_stages_need_no_outputs(key: str) -> None:
    spec = spec_of(stages(answers("dev")), key)
    assert spec.parameters({}) == spec.parameters(PLACEHOLDER_OUTPUTS)


def test_an_identity_that_azure_did_not_give_back_is_reported_missing() -> None:
    outputs: Outputs = {"foundation": {"environmentPrincipals": [{"name": "dev", "principals": []}]}}
    with pytest.raises(KeyError, match="web"):
        spec_of(stages(answers("dev")), "grants").parameters(outputs)
    with pytest.raises(KeyError, match="no identities of prod"):
        spec_of(stages(answers("prod")), "grants").parameters(outputs)


def test_a_secret_is_named_and_never_among_the_parameters() -> None:
    sign_on = {"method": "secret", "client_id": CLIENT, "client_secret": "env:FLOWFORGE_CLIENT_SECRET"}
    specs = stages(answers("dev", sign_on=sign_on))
    pair = "prefect-dev prefect-server.flowforge-dev.svc 10.40.67.254"
    assert spec_of(specs, "secrets-dev").secrets == {
        "prefect-auth": "generated:prefect-dev",
        "prefect-tls-key": f"tls-key:{pair}",
        "prefect-certificate": f"tls-certificate:{pair}",
        "sign-on-client-secret": "sign_on.client_secret",
    }
    others = [spec for spec in specs if spec.stage != "secrets"]
    assert others
    assert all(not spec.secrets for spec in others)
    sent = json.dumps([spec.parameters(PLACEHOLDER_OUTPUTS) for spec in specs])
    assert "FLOWFORGE_CLIENT_SECRET" not in sent


def test_answers_that_do_not_apply_are_not_sent() -> None:
    given = answers(
        "dev",
        network={"egress": "nat", "firewall_address": "10.0.0.4"},
        platform={"runtime": "container_apps", "private_api": True},
        sign_on={"method": "later", "client_id": CLIENT, "client_secret": "env:FORGOTTEN"},
    )
    specs = stages(given)
    assert "firewallAddress" not in values_of(spec_of(specs, "network"))
    assert values_of(spec_of(specs, "runtime-dev")).keys().isdisjoint({"privateApiServer", "workerNodeSize", "podCidr"})
    control_plane = spec_of(specs, "controlplane-dev")
    assert "signOnClientId" not in values_of(control_plane)
    assert control_plane.secrets == {}


def test_an_identity_stands_in_for_a_secret_only_with_secretless_sign_on() -> None:
    secretless = stages(answers("dev", sign_on={"method": "secretless", "client_id": CLIENT}))
    assert values_of(spec_of(secretless, "controlplane-dev"))["authIdentityName"] == "id-ff-contoso-dev-auth"
    assert '"auth"' in json.dumps(values_of(spec_of(secretless, "foundation")))
    later = stages(answers("dev"))
    assert "authIdentityName" not in values_of(spec_of(later, "controlplane-dev"))
    assert '"auth"' not in json.dumps(values_of(spec_of(later, "foundation")))


def test_the_pool_of_a_standby_database_is_spread_over_zones_too() -> None:
    production = stages(answers("prod", sizing={"preset": "production"}))
    assert values_of(spec_of(production, "runtime-prod"))["zoneRedundant"] is True
    assert values_of(spec_of(production, "controlplane-prod"))["zoneRedundant"] is True
    trial = stages(answers("dev", sizing={"preset": "trial"}))
    assert values_of(spec_of(trial, "runtime-dev"))["zoneRedundant"] is False


@pytest.mark.parametrize(
    ("cloud", "login"),
    [
        ("public", "login.microsoftonline.com"),
        ("usgov", "login.microsoftonline.us"),
        ("china", "login.partner.microsoftonline.cn"),
    ],
)
def test_users_sign_in_at_the_authority_of_their_cloud(cloud: str, login: str) -> None:
    values = values_of(spec_of(stages(answers("dev", cloud=cloud)), "controlplane-dev"))
    assert str(values["signOnIssuer"]).startswith(f"https://{login}/")


def test_an_unsuitable_address_space_is_refused_immediately() -> None:
    with pytest.raises(AddressError, match="the address plan needs a /21 or larger"):
        stages(answers("dev", network={"address_space": "10.0.0.0/24"}))


def test_placeholder_outputs_are_distinct() -> None:
    """Ids that contain one are translated to those that contain the real output."""
    texts = [value for outputs in PLACEHOLDER_OUTPUTS.values() for value in outputs.values() if isinstance(value, str)]
    assert [(one, other) for one in texts for other in texts if one in other and one != other] == []
    assert len(texts) == len(set(texts))
