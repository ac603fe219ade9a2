"""The API server refuses fields that Kubernetes does not know, before any other check."""

import json
from pathlib import Path

from installer.emulator.providers.durations import length_of_action
from installer.emulator.providers.kubernetes.strict_fields import refusal_of_fields
from installer.json_access import JsonObject
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import run
from tests.emulator.providers.kubernetes.kubernetes_fields import FILE, fields
from tests.emulator.providers.kubernetes.test_cluster_commands import cluster, granted, manifest, said

BAD: JsonObject = {
    "template": {"spec": {"completions": 1, "containers": [{"name": "c", "image": "x", "comand": ["a"]}]}},
}
TEXT = (
    'Job in version "v1" cannot be handled as a Job: strict decoding error: unknown field "spec.template.spec.completions", '
    'unknown field "spec.template.spec.containers[0].comand"'
)


def test_the_fields_are_those_of_kubernetes() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == fields()


def test_every_unknown_field_is_named_with_its_path() -> None:
    assert refusal_of_fields({"apiVersion": "batch/v1", "kind": "Job", "spec": BAD}) == TEXT
    assert refusal_of_fields({"apiVersion": "v1", "kind": "ConfigMap", "data": {"any": "key"}}) == ""
    assert refusal_of_fields({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "spec": {"x": 1}}) == ""


def test_kubectl_shows_the_refusal_and_stores_nothing(tmp_path: Path) -> None:
    it = local(tmp_path)

    async def story() -> None:
        await cluster(it)
        await granted(it)
        await it.clock.advance(length_of_action("roleTakesEffect"))
        job: JsonObject = {
            **manifest("Job", "batch/v1", "one", spec=BAD),
            "metadata": {"name": "one", "namespace": "default"},
        }
        refused = await said(it, "kubectl apply -f m.json", {"m.json": job})
        assert refused == (1, f'Error from server (BadRequest): error when creating "m.json": {TEXT}\n')
        assert (await said(it, "kubectl get job one"))[0] == 1

    run(story())
