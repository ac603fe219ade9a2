"""Desired objects in Prefect follow from the answers, and survive serialization."""

import json
import subprocess
import sys

from installer.answers.model import Answers
from installer.conventions.naming import LAYERS
from installer.prefect_setup.desired import CONTAINER_TYPE, CREDENTIALS_TYPE, FlowRunLocation, describe
from installer.prefect_setup.model import Estate, WorkPool
from tests.prefect_setup.sample_answers import answers


def pools(given: Answers, place: FlowRunLocation) -> list[WorkPool]:
    return [environment.pool for environment in describe(given, place).environments]


def test_each_environment_has_what_is_its_own() -> None:
    estate = describe(answers("dev", "prod"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    dev, prod = estate.environments
    assert (dev.pool.name, prod.pool.name) == ("flowforge-dev", "flowforge-prod")
    assert (dev.variable.name, prod.variable.name) == ("flowforge_dev", "flowforge_prod")
    assert not {block.key for block in dev.blocks} & {block.key for block in prod.blocks}


def test_the_variable_tells_the_canary_where_each_layer_lives() -> None:
    (dev,) = describe(answers("dev"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")).environments
    at = "https://stffcontosodev.blob.core.windows.net"
    layers = {layer: f"{at}/{layer}" for layer in LAYERS}
    found = dev.variable.value
    assert {name: found[name] for name in ("environment", *LAYERS)} == {"environment": "dev", **layers}
    assert (found["database"], found["database_user"]) == ("flowforge_dev", "id-ff-contoso-dev-worker")
    assert (found["vault_secret"], found["metrics_endpoint"]) == (
        "prefect-auth",
        "https://swedencentral.monitoring.azure.com",
    )
    assert found["metrics_subject"].endswith("/storageAccounts/stffcontosodev")


def test_a_cloud_without_a_documented_endpoint_has_no_custom_metrics() -> None:
    (dev,) = describe(
        answers("dev", cloud="usgov"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")
    ).environments
    assert not [name for name in dev.variable.value if name.startswith("metrics")]


def test_a_block_for_each_layer_refers_to_credentials_without_a_key() -> None:
    (dev,) = describe(
        answers("dev", cloud="usgov"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")
    ).environments
    lake, *layers = dev.blocks
    assert (lake.type, lake.values) == (
        CREDENTIALS_TYPE,
        {"account_url": "https://stffcontosodev.blob.core.usgovcloudapi.net"},
    )
    assert [(layer.type, layer.name, layer.values) for layer in layers] == [
        (CONTAINER_TYPE, f"dev-{name}", {"container_name": name}) for name in LAYERS
    ]
    assert layers
    assert all(layer.references == {"credentials": lake.key} for layer in layers)


def test_on_kubernetes_each_flow_gets_a_pod_with_an_image_of_the_installation() -> None:
    (pool,) = pools(answers("qa", runtime="aks"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    assert pool.type == "kubernetes"
    assert pool.defaults["namespace"] == "flowforge-qa-flows"
    assert str(pool.defaults["image"]).startswith("crffcontoso.azurecr.io/")
    assert "service_account_name" not in pool.defaults, "a default can be overridden by a deployment"


def test_on_container_apps_flows_run_in_the_worker() -> None:
    (pool,) = pools(answers("dev", runtime="container_apps"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    assert pool.type == "process"


def test_as_many_flows_run_at_once_as_there_are_cores_or_replicas() -> None:
    (cores,) = pools(answers("dev", runtime="aks", workers=3), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    (replicas,) = pools(
        answers("dev", runtime="container_apps", workers=3), FlowRunLocation.on_azure("flowforge/prefect@sha256:1")
    )
    assert cores.concurrency_limit == 3 * 4  # Standard_D4ds_v5 has four
    assert replicas.concurrency_limit == 3


def test_the_description_survives_the_way_through_json() -> None:
    estate = describe(answers("dev", "qa"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))
    assert Estate.from_json(json.loads(json.dumps(estate.to_json()))) == estate


def test_nothing_that_screens_or_steps_import_from_here_loads_prefect() -> None:
    code = """
import sys
import installer.prefect_setup.desired, installer.prefect_setup.payload, installer.prefect_setup.acceptance
print([name for name in sys.modules if name.split(".")[0] in ("prefect", "httpx", "azure")])
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
