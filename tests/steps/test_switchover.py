"""The web app gets a new version only after its image was checked and the tables were migrated."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from installer.cloud.arm import Arm
from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import DeploymentFailed
from installer.estate.keys import PREFLIGHT
from installer.estate.parameters.context import Installation
from installer.secret_store import Secrets
from installer.steps.plan import installation
from installer.steps.switchover import BeforeSwitchover
from tests.bicep.answers_variants import SUBSCRIPTION, answers
from tests.steps.step_context import Attempt


@dataclass(frozen=True)
class Failing:
    """A job that ends with an error."""

    key: str
    error: Exception
    title: str = "job"
    needs: tuple[str, ...] = ()
    usual_seconds: float = 1.0

    def check(self, context: Context) -> Outputs | None:
        """Never done before."""

    def apply(self, context: Context) -> Outputs:  # noqa: ARG002  as every step
        """Fails."""
        raise self.error

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Never reached."""

    def log(self, context: Context) -> str:  # noqa: ARG002  as every job
        """Empty."""
        return ""


def failure(key: str, error: Exception, it: Installation, environment: str = "dev") -> str:
    with pytest.raises(type(error)) as caught:
        Attempt().run(BeforeSwitchover(Failing(key, error), it, environment))
    return str(caught.value)


def test_a_failed_migration_names_what_runs_and_the_way_back() -> None:
    it = Installation(answers("dev", "prod"))
    text = failure("migrate-prod", DeploymentFailed("relation runs exists"), it, "prod")
    assert text.startswith("relation runs exists\nThe web app of prod was not changed")
    assert f"--source-server {it.names.own_postgres('prod')}" in text
    assert f"--resource-group {it.names.group('prod')} " in text
    text = failure("migrate-dev", DeploymentFailed("no"), it)
    assert f"--resource-group {it.names.platform_group} " in text
    assert f"--source-server {it.names.postgres} " in text


def test_a_failed_check_needs_no_restore() -> None:
    text = failure("check-dev", DeploymentFailed("flowforge: not found"), Installation(answers("dev")))
    assert "keeps its version" in text
    assert "restore" not in text


def test_a_refusal_of_azure_is_no_failed_migration() -> None:
    refused = AzureRefused("busy", status=429)
    assert failure("migrate-dev", refused, Installation(answers("dev"))) == "busy"


@pytest.mark.parametrize("runtime", ["aks", "container_apps"])
def test_the_control_plane_waits_for_image_check_and_migration(azure: Service, runtime: str) -> None:
    given = answers("dev", platform={"runtime": runtime})
    steps = installation(given, Arm(azure.target, SUBSCRIPTION), secrets=Secrets(), run="run-1")
    needs = {PREFLIGHT: (), **{step.key: step.needs for step in steps}}

    def before(key: str) -> set[str]:
        return {key}.union(*(before(need) for need in needs[key]))

    order = ("image-web", "check-dev", "migrate-dev", "controlplane-dev")
    for first, then in pairwise(order):
        assert first in before(then)
    assert "image-prefect" in before("bootstrap-dev")
    assert ("image-prefect" in before("runtime-dev")) == (runtime == "container_apps")
