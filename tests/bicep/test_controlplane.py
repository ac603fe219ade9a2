"""The control plane on Container Apps: sign-on and the Prefect apps."""

from tests.bicep.answers_variants import OTHER, answers
from tests.bicep.snapshots import NEEDS_COMPILER
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
