"""Expressions of admission policies: values, short circuits, and errors with the texts of the API server."""

import pytest

from installer.emulator.providers.kubernetes.cel import evaluate
from installer.emulator.providers.kubernetes.cel_operations import CelError
from installer.jsontypes import Json

POD: dict[str, Json] = {
    "spec": {"serviceAccountName": "flows", "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "hostPath": {}}]}
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("object.spec.serviceAccountName == 'flows'", True),
        ('object.spec["serviceAccountName"] != "flows"', False),
        ("has(object.spec.hostNetwork)", False),
        ("!has(object.spec.hostNetwork) || !object.spec.hostNetwork", True),
        ("object.spec.volumes.all(v, !has(v.hostPath))", False),
        ("object.spec.volumes.exists(v, v.name == 'b')", True),
        ("size(object.spec.volumes) == 2 && object.spec.volumes[1].name in ['a', 'b']", True),
        ("object.spec.serviceAccountName.startsWith('fl') ? 'yes' : 'no'", "yes"),
        ("(1 < 2) && ('a' <= 'b')", True),
    ],
)
def test_an_expression_has_its_value(expression: str, value: Json) -> None:
    assert evaluate(expression, {"object": POD}) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("object.spec.hostPID", "no such key: hostPID"),
        ("has(object.status.phase)", "no such key: status"),
        ("object.spec.serviceAccountName && true", "no such overload"),
        ("other.spec == 1", "undeclared reference to 'other'"),
        ("object.spec.matches('x')", "no such overload"),
        ("optional(object)", "undeclared reference to 'optional'"),
        ("object.spec ==", "mismatched input '<EOF>'"),
        ("object.spec }", "token recognition error"),
        ("true true", "extraneous input 'true'"),
    ],
)
def test_what_is_wrong_is_an_error(expression: str, reason: str) -> None:
    with pytest.raises(CelError, match=reason):
        evaluate(expression, {"object": POD})
