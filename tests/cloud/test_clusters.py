"""Only a missing permission is taken for one: quotas, Pod Security, policies and webhooks say Forbidden, too."""

import pytest

from installer.cloud.clusters import CommandResult

_WHEN = 'Error from server (Forbidden): error when creating "flowforge.json": '


@pytest.mark.parametrize(
    "log",
    [
        'Error from server (Forbidden): User "me" cannot use this cluster: User does not have access to the resource in Azure.',
        'Error from server (Forbidden): namespaces is forbidden: User "me" cannot list resource "namespaces" in API group ""',
        f'{_WHEN}deployments.apps is forbidden: User "me" cannot create resource "deployments" in API group "apps"',
    ],
)
def test_a_missing_permission(log: str) -> None:
    assert CommandResult(1, f"deployment.apps/a created\n{log}\n").forbidden
    assert not CommandResult(0, log).forbidden


@pytest.mark.parametrize(
    "log",
    [
        f'{_WHEN}pods "a" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=4, limited: cpu=4',
        f'{_WHEN}pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
        f'{_WHEN}admission webhook "validation.gatekeeper.sh" denied the request: [allowed-images] not allowed',
        f'{_WHEN}admission webhook "own.example" denied the request: pods is forbidden: User "me" cannot run this image',
        f"{_WHEN}ValidatingAdmissionPolicy 'flowforge-flow-jobs' with binding 'flowforge-flow-jobs' denied request: no",
    ],
)
def test_a_refusal_of_admission(log: str) -> None:
    assert not CommandResult(1, log).forbidden
