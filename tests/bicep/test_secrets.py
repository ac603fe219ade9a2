"""The secrets stage: secure parameters, no outputs, one vault per environment."""

import json
from collections.abc import Mapping

from installer.estate.parameters import PLACEHOLDER_OUTPUTS, StageSpec, stages, template
from installer.jsontypes import Json
from tests.bicep.answers_variants import CLIENT, OTHER, REGION, SUBSCRIPTION, TENANT, Page, answers
from tests.bicep.snapshots import NEEDS_COMPILER, SECRET, snapshot
from tests.bicep.stage_requests import at

pytestmark = NEEDS_COMPILER
WITH_SECRET = {"method": "secret", "client_id": CLIENT, "client_secret": "env:SECRET"}
CLOUD = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:KEY"}


def specs(
    *environments: str, own: Mapping[str, Page] | None = None, sign_on: Page | None = None, platform: Page | None = None
) -> list[StageSpec]:
    given = answers(*environments, own=own, sign_on=sign_on or {}, platform=platform or {})
    return [spec for spec in stages(given) if spec.stage == "secrets"]


def sent(spec: StageSpec) -> list[dict[str, Json]]:
    """Resources that are sent when all secrets are new."""
    given = spec.parameters(PLACEHOLDER_OUTPUTS)
    return snapshot(spec, given, subscription_id=SUBSCRIPTION, tenant_id=TENANT, location=REGION)


def test_secrets_follow_from_the_answers() -> None:
    kept = [
        sorted(specs("dev")[0].secrets),
        sorted(specs("dev", sign_on=WITH_SECRET)[0].secrets),
        sorted(specs("dev", platform=CLOUD)[0].secrets),
    ]
    own = ["prefect-auth", "prefect-certificate", "prefect-tls-key"]
    assert kept == [own, [*own, "sign-on-client-secret"], ["prefect-cloud-key"]]
    (apps,) = specs("dev", platform={"runtime": "container_apps"})
    assert sorted(apps.secrets) == ["prefect-auth"], "Container Apps end TLS themselves"


def test_no_value_is_visible_and_only_new_secrets_are_named() -> None:
    (spec,) = specs("dev", sign_on=WITH_SECRET)
    written = sent(spec)
    assert [one["name"] for one in written] == [
        "kv-ff-contoso-dev/prefect-auth",
        "kv-ff-contoso-dev/prefect-tls-key",
        "kv-ff-contoso-dev/prefect-certificate",
        "kv-ff-contoso-dev/sign-on-client-secret",
    ]
    assert SECRET not in json.dumps(written)
    assert spec.secure({"prefect-auth": "new"}) == {
        "names": {"value": ["prefect-auth"]},
        "values": {"value": {"prefect-auth": "new"}},
    }


def test_values_are_secure_and_no_output_returns_them() -> None:
    whole = template("secrets")
    parameters = whole["parameters"]
    assert isinstance(parameters, dict)
    secure = {
        name for name, one in parameters.items() if isinstance(one, dict) and "secure" in str(one["type"]).lower()
    }
    assert secure == {"values"}
    assert "outputs" not in whole
    assert '"outputs"' not in json.dumps(whole)


def test_the_parameters_hold_no_secret() -> None:
    found = specs("dev", "prod", sign_on=WITH_SECRET)
    assert len(found) == 2
    for spec in found:
        assert set(spec.parameters(PLACEHOLDER_OUTPUTS)) == {"subscriptionId", "resourceGroupName", "keyVaultName"}
        assert spec.into_vault


def test_each_environment_has_a_vault_in_its_subscription() -> None:
    dev, prod = specs("dev", "prod", own={"prod": {"subscription": OTHER}})
    assert str(sent(dev)[0]["id"]).startswith(f"/subscriptions/{SUBSCRIPTION}/")
    assert str(sent(prod)[0]["id"]).startswith(f"/subscriptions/{OTHER}/")


def test_an_added_environment_does_not_change_the_others() -> None:
    (alone,), (first, _) = specs("dev"), specs("dev", "prod")
    assert sent(alone) == sent(first)


def test_secrets_expire_where_a_policy_demands_it() -> None:
    (spec,) = [one for one in stages(answers("dev", data={"secret_days": 90})) if one.stage == "secrets"]
    assert spec.secret_days == 90
    given = spec.parameters(PLACEHOLDER_OUTPUTS)
    for expiry, attributes in ((None, {"enabled": True}), (1_800_000_000, {"enabled": True, "exp": 1_800_000_000})):
        more: dict[str, Json] = {} if expiry is None else {"expires": {"value": expiry}}
        written = snapshot(spec, {**given, **more}, subscription_id=SUBSCRIPTION, tenant_id=TENANT, location=REGION)
        assert written
        assert all(at(one, "properties", "attributes") == attributes for one in written)
