"""From an error of Azure to its innermost causes, each once, whatever shape it has."""

import json

import pytest

from installer.cloud.error_causes import MAX_DEPTH, Cause, causes
from installer.jsontypes import Json

QUOTA: Json = {"code": "QuotaExceeded", "message": "No cores\n left  in westeurope.", "target": "/x/y/aks-contoso"}


def wrapped(inner: Json, code: str = "DeploymentFailed") -> Json:
    return {"error": {"code": code, "message": "At least one operation failed.", "details": [inner]}}


def test_the_innermost_cause_is_found_through_all_wrappers() -> None:
    found = causes(wrapped(wrapped(wrapped(QUOTA), "ResourceDeploymentFailure")))
    assert found == [Cause("QuotaExceeded", "No cores left in westeurope.", "/x/y/aks-contoso")]
    assert str(found[0]) == "QuotaExceeded (aks-contoso): No cores left in westeurope."


def test_a_cause_that_is_written_as_json_in_a_message_is_unfolded() -> None:
    message = f"The operation said: {json.dumps({'error': QUOTA})} and {{ended}}."
    assert [cause.code for cause in causes({"code": "Failed", "message": message})] == ["QuotaExceeded"]
    twice: Json = {"code": "Outer", "message": json.dumps({"error": {"code": "Middle", "message": json.dumps(QUOTA)}})}
    assert [cause.code for cause in causes(twice)] == ["QuotaExceeded"]


def test_the_spelling_of_the_keys_does_not_matter() -> None:
    assert causes({"Error": {"Code": "X", "Message": "no", "Target": "t"}}) == [Cause("X", "no", "t")]


def test_several_causes_each_once_in_order() -> None:
    error: Json = {
        "details": [{"code": "B", "message": "b"}, {"code": "A", "message": "a"}, {"code": "B", "message": "b"}]
    }
    assert [cause.code for cause in causes(error)] == ["B", "A"]


def test_a_wrapper_is_reported_only_when_nothing_else_is() -> None:
    assert causes({"code": "DeploymentFailed", "message": "x"}) == [Cause("DeploymentFailed", "x")]
    error: Json = {"details": [{"code": "DeploymentFailed", "message": "x"}, {"code": "A", "message": "a"}]}
    assert [cause.code for cause in causes(error)] == ["A"]


def test_what_it_is_about_is_inherited() -> None:
    assert causes({"code": "A", "target": "outer", "details": [{"code": "B", "message": "b"}]})[0].target == "outer"
    assert causes({"code": "A", "message": "a"}, target="given")[0].target == "given"
    assert str(Cause("", "only words")) == "only words"


@pytest.mark.parametrize("error", [None, "text", 3, [], [{"code": "A"}], True])
def test_other_json_has_no_cause(error: Json) -> None:
    assert causes(error) == []


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"code": None, "message": None, "details": None},
        {"code": 3, "message": ["x"], "details": "x"},
        {"message": "{" * 100_000},
        {"message": '{"error":' * 50_000},
        {"error": {"error": {"error": "x"}}},
        {"details": [None, 1, "x"]},
    ],
)
def test_a_strange_error_is_one_cause(error: Json) -> None:
    assert len(causes(error)) == 1


def test_a_bottomless_error_ends() -> None:
    error: Json = {"code": "Deepest", "message": "x"}
    for number in range(MAX_DEPTH * 3):
        error = {"code": f"Level{number}", "message": "y", "details": [error]}
    assert causes(error) == [Cause(f"Level{MAX_DEPTH * 2 - 1}", "y")]


def test_a_bottomless_error_wrapper_ends() -> None:
    error: Json = {"code": "Deepest", "message": "x"}
    for _ in range(MAX_DEPTH * 100):
        error = {"error": error}
    assert causes(error) == [Cause("", "")]


def test_an_error_at_the_maximum_depth_is_still_found() -> None:
    error: Json = {"code": "Deepest", "message": "x"}
    for _ in range(MAX_DEPTH):
        error = {"code": "Level", "message": "y", "details": [error]}
    assert causes(error) == [Cause("Deepest", "x")]
