"""All manifests of the example files have only fields that Kubernetes 1.34 to 1.36 know, with values of the right types.

The schemas are those of the package kubernetes-validate, made from the OpenAPI documents of Kubernetes. They restrict fields and
types but no texts, so manifests that differ in texts only are checked once. Custom resources have no schema there.
"""

import json
from functools import cache
from typing import Final

import kubernetes_validate
import pytest

from installer.emulator.providers.kubernetes.pod_security import LABEL, violations
from installer.emulator.providers.kubernetes.pods import template_of
from installer.estate.parameters.context import Installation
from installer.estate.parameters.kubernetes.objects import Home, Manifest
from installer.json_access import as_object
from installer.jsontypes import Json
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import VARIANTS
from tests.estate.test_kubernetes import everything, home

VERSIONS: Final = ("1.34", "1.35", "1.36")
CUSTOM: Final = frozenset({"CiliumNetworkPolicy", "SecretProviderClass"})


def homes() -> list[Home]:
    """Every environment with a cluster of every example."""
    return [
        home(given, site.name)
        for given in (*MATRIX.values(), *VARIANTS.values())
        for site in Installation(given).sites
        if site.on_kubernetes
    ]


def shape(value: Json) -> Json:
    """A value without its texts."""
    if isinstance(value, dict):
        return {name: item if name in {"apiVersion", "kind"} else shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "" if isinstance(value, str) else value


@cache
def manifests() -> tuple[Manifest, ...]:
    """One manifest of each shape."""
    every = {json.dumps(shape(one), sort_keys=True): one for at in homes() for one in everything(at)}
    return tuple(every.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid_in_strict_validation(version: str) -> None:
    checked = [one for one in manifests() if one["kind"] not in CUSTOM]
    assert {"CronJob", "Deployment", "Job", "NetworkPolicy", "ValidatingAdmissionPolicy"} <= {
        str(one["kind"]) for one in checked
    }
    for one in checked:
        assert kubernetes_validate.validate(one, version, strict=True) == version


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_refuse_a_field_in_the_wrong_place(version: str) -> None:
    job: dict[str, Json] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {"template": {"spec": {"completions": 1, "containers": [{"name": "c"}]}}},
    }
    with pytest.raises(kubernetes_validate.ValidationError, match="completions"):
        kubernetes_validate.validate(job, version, strict=True)


def test_pods_meet_the_restricted_level() -> None:
    templates = [template_of(one) for one in manifests() if template_of(one)]
    assert len(templates) >= 5
    for one in templates:
        assert violations({f"{LABEL}enforce": "restricted"}, "enforce", as_object(one["spec"])) == ""
