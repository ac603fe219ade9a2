"""Steps of a rotation: what reads the secret starts again, and pools are paused only where the old value stops working."""

import pytest

from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.engine.schedule import Schedule
from installer.engine.step import Step
from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.operations.rotation import Rotation
from installer.runs.preflight import gate
from installer.secret_store import Secrets
from installer.steps.plan import installation
from tests.bicep.answers_variants import CLIENT, OTHER, Page, answers
from tests.cloud.no_cloud import TARGET
from tests.keyrings import MemoryKeyring, using

CLOUD: Page = {"prefect": "cloud", "cloud_account": OTHER, "cloud_workspace": OTHER, "cloud_key": "env:FF_KEY"}


def rotated(secret: str, given: Answers) -> tuple[list[str], tuple[str, ...], tuple[Step, ...]]:
    """Keys of the steps to run in their order, and all steps."""
    it, arm = Installation(given), Arm(TARGET, given.subscription.subscription)
    every = (gate(arm.target, given, None, Secrets()), *installation(given, arm, secrets=Secrets(), run="run-1"))
    steps, only = Rotation(secret, "dev", "mark", 60.0).steps(every, it, Service.of_arm(arm.target), {})
    order = [step.key for step in Schedule(steps, only)._order if step.key in only]
    return order, only, steps


def test_prefects_credential_changes_between_the_pause_and_the_resumption_of_pools() -> None:
    order, _, steps = rotated("prefect-auth", answers("dev"))
    assert order[:2] == ["drain-dev", "secrets-dev"]
    assert order[-1] == "resume-dev"
    assert {"prefect-dev", "worker-dev", "reporter-dev", "controlplane-dev"} < set(order)
    (closing,) = [step for step in steps if step.key == "leave-dev"]
    assert {"drain-dev", "resume-dev"} & set(closing.needs)
    on_apps, *_ = rotated("prefect-auth", answers("dev", platform={"runtime": "container_apps"}))
    assert on_apps[:3] == ["drain-dev", "secrets-dev", "runtime-dev"]
    assert on_apps[-1] == "resume-dev"


def test_secrets_whose_old_value_still_works_need_no_pause() -> None:
    sign_on: Page = {"method": "secret", "client_id": CLIENT, "client_secret": "env:FF_SECRET"}
    assert rotated("sign-on", answers("dev", sign_on=sign_on))[0] == ["secrets-dev", "controlplane-dev"]
    order, *_ = rotated("prefect-cloud", answers("dev", platform=CLOUD))
    assert order[0] == "secrets-dev"
    assert set(order[1:]) == {"worker-dev", "reporter-dev", "controlplane-dev"}


def test_an_unknown_secret_or_environment_is_refused() -> None:
    it = Installation(answers("dev"))
    with pytest.raises(
        UsageError, match="database: dev has no such secret; secrets that are rotated there: prefect-auth"
    ):
        Rotation("database", "dev", "m", 1.0).check(it)
    with pytest.raises(UsageError, match="--env prod: the installation has dev"):
        Rotation("prefect-auth", "prod", "m", 1.0).check(it)


def test_a_generated_value_is_new_and_that_of_the_environment_only() -> None:
    it, secrets = Installation(answers("dev", "qa")), Secrets()
    names = ("contoso/prefect-dev", "contoso/prefect-qa")
    with using(MemoryKeyring()):
        dev, qa = (secrets.generated(name).get_secret_value() for name in names)
        Rotation("prefect-auth", "dev", "m", 1.0).renew(it, secrets)
        new, same = (secrets.generated(name).get_secret_value() for name in names)
    assert new != dev
    assert same == qa


def test_a_value_of_the_customer_has_to_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FF_KEY", raising=False)
    with pytest.raises(UsageError, match="FF_KEY is not set"):
        Rotation("prefect-cloud", "dev", "m", 1.0).renew(Installation(answers("dev", platform=CLOUD)), Secrets())
