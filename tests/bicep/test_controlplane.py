"""The control plane on Container Apps: sign-on and the Prefect apps."""

import pytest

from installer.answers.model import Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages, template
from installer.estate.parameters.principals import principals_of
from installer.jsontypes import Json
from tests.bicep.answers_variants import OTHER, answers
from tests.bicep.snapshots import NEEDS_COMPILER, snapshot
from tests.bicep.stage_requests import at, of_type, properties, stage_resources

pytestmark = NEEDS_COMPILER
AUTH = "Microsoft.App/containerApps/authConfigs"
CLOUD = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:PREFECT_KEY"}


def test_every_request_is_rejected_before_sign_on_is_configured() -> None:
    (auth,) = of_type(
        stage_resources(answers("dev", platform={"control_plane": "container_app"}), "controlplane"), AUTH
    )
    assert at(properties(auth), "globalValidation", "unauthenticatedClientAction") == "Return401"
    assert "identityProviders" not in properties(auth)


def test_prefect_cloud_has_no_server() -> None:
    given = answers("dev", platform={"runtime": "container_apps", **CLOUD})
    names = [app["name"] for app in of_type(stage_resources(given, "controlplane"), "Microsoft.App/containerApps")]
    assert names == ["ca-contoso-dev-worker"]


def test_redis_is_created_only_for_several_servers() -> None:
    caches = [
        len(
            of_type(
                stage_resources(answers("dev", platform={"prefect_servers": count}), "runtime"),
                "Microsoft.Cache/redisEnterprise",
            )
        )
        for count in (1, 2)
    ]
    assert caches == [0, 1]


def test_the_key_of_redis_goes_to_the_vault_where_only_the_servers_read_it() -> None:
    given = answers("dev", platform={"prefect_servers": 2})
    resources = stage_resources(given, "runtime")
    (database,) = of_type(resources, "Microsoft.Cache/redisEnterprise/databases")
    assert properties(database)["accessKeysAuthentication"] == "Enabled"
    (secret,) = of_type(resources, "Microsoft.KeyVault/vaults/secrets")
    assert str(secret["name"]).endswith("/prefect-redis-url")
    assert "listKeys" in str(properties(secret)["value"])
    (role,) = [
        one
        for one in of_type(resources, "Microsoft.Authorization/roleAssignments")
        if "prefect-redis-url" in str(one["scope"] if "scope" in one else one["id"])
    ]
    assert properties(role)["principalId"] == principals_of(PLACEHOLDER_OUTPUTS, "dev")["prefect"].object_id
    (spec,) = [one for one in stages(given) if one.stage == "runtime"]
    assert spec.secret_days == given.data.secret_days
    assert "listKeys" not in str(template("runtime")["outputs"])


SLOT_CONFIG = "Microsoft.Web/sites/slots/config"
SITE_CONFIG = "Microsoft.Web/sites/config"


def _config(given: Answers, kind: str, name: str) -> dict[str, Json]:
    resources = of_type(stage_resources(given, "controlplane"), kind)
    (found,) = [properties(one) for one in resources if str(one["name"]).endswith(f"/{name}")]
    return found


@pytest.mark.parametrize("method", ["later", "secretless", "secret"])
def test_the_staging_slot_has_the_sign_on_of_the_app(method: str) -> None:
    secret = {"client_secret": "env:FLOWFORGE_CLIENT_SECRET"} if method == "secret" else {}
    given = answers("dev", sign_on={"method": method, **({} if method == "later" else {"client_id": OTHER}), **secret})
    slot = _config(given, SLOT_CONFIG, "authsettingsV2")
    assert slot == _config(given, SITE_CONFIG, "authsettingsV2")
    assert at(slot, "globalValidation", "requireAuthentication") is True
    resources = stage_resources(given, "controlplane")
    (site,), (staging,) = of_type(resources, "Microsoft.Web/sites"), of_type(resources, "Microsoft.Web/sites/slots")
    assert staging["identity"] == site["identity"]


@pytest.mark.parametrize(("choice", "leads"), [("none", False), ("environment", True)])
def test_the_staging_slot_has_the_data_of_the_environment_only_if_asked(choice: str, leads: bool) -> None:
    given = answers("dev", platform={"slot_data": choice})
    sticky = at(_config(given, SITE_CONFIG, "slotConfigNames"), "appSettingNames")
    assert isinstance(sticky, list)
    slot, site = _config(given, SLOT_CONFIG, "appsettings"), _config(given, SITE_CONFIG, "appsettings")
    data = {name for name in site if name.startswith(("FLOWFORGE_DATABASE_", "FLOWFORGE_BLOB_", "PREFECT_"))}
    assert len(data) > 4
    assert data <= set(sticky)
    assert (data <= slot.keys()) is leads
    assert bool(data & slot.keys()) is leads
    assert slot["WEBSITES_PORT"] == "3000"


@pytest.mark.parametrize(
    ("zones", "current", "expected"), [("none", None, 1), ("none", 4, 4), ("all", 1, 2), ("all", 3, 3)]
)
def test_a_run_does_not_scale_an_app_service_plan_in(zones: str, current: int | None, expected: int) -> None:
    """An update overwrites the values that it names: learn.microsoft.com, azure-resource-manager/templates/deployment-modes."""
    given = answers("dev", platform={"zones": zones})
    (spec,) = [spec for spec in stages(given) if spec.stage == "controlplane"]
    (reading,) = spec.readings.values()
    it = given.subscription
    where = {"subscription_id": it.subscription, "tenant_id": it.tenant, "location": it.region}
    live: dict[str, Json] = {} if current is None else {name: {"value": current} for name in spec.readings}
    (plan,) = of_type(
        snapshot(spec, {**spec.parameters(PLACEHOLDER_OUTPUTS), **live}, **where), "Microsoft.Web/serverfarms"
    )
    assert (plan["id"], reading.path) == (reading.resource_id, ("sku", "capacity"))
    assert at(plan, "sku", "capacity") == expected


@pytest.mark.parametrize("size", [None, "Balanced_B10"])
def test_a_run_does_not_scale_redis_down(size: str | None) -> None:
    """Less memory than the data needs is refused: learn.microsoft.com, redis/how-to-scale."""
    given = answers("dev", platform={"prefect_servers": 2})
    (spec,) = [spec for spec in stages(given) if spec.stage == "runtime"]
    it = given.subscription
    where = {"subscription_id": it.subscription, "tenant_id": it.tenant, "location": it.region}
    live: dict[str, Json] = {} if size is None else {"currentCacheSize": {"value": size}}
    resources = snapshot(spec, {**spec.parameters(PLACEHOLDER_OUTPUTS), **live}, **where)
    (cache,) = of_type(resources, "Microsoft.Cache/redisEnterprise")
    reading = spec.readings["currentCacheSize"]
    assert (cache["id"], reading.path) == (reading.resource_id, ("sku", "name"))
    assert at(cache, "sku", "name") == (size or "Balanced_B0")
