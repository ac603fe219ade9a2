"""From an error as Azure gives it to its innermost causes."""

import json

import pytest

from installer.explain import Cause, causes
from installer.jsontypes import Json

QUOTA: dict[str, Json] = {"code": "QuotaExceeded", "message": "4 cores left,\r\n 8 needed.", "target": "/x/aks-1"}


def test_a_plain_error_is_its_own_cause() -> None:
    assert causes({"code": "A", "message": "b"}) == [Cause("A", "b")]
    assert causes({"error": {"code": "A", "message": "b"}}, "t") == [Cause("A", "b", "t")]


def test_the_innermost_error_counts_however_deep_it_is_nested() -> None:
    error: Json = QUOTA
    for code in ("Conflict", "ResourceDeploymentFailure", "DeploymentFailed", "InvalidTemplateDeployment"):
        error = {"code": code, "message": "see details", "details": [error]}
    assert causes({"error": error}) == [Cause("QuotaExceeded", "4 cores left, 8 needed.", "/x/aks-1")]
    assert str(causes(error)[0]) == "QuotaExceeded (aks-1): 4 cores left, 8 needed."


def test_an_error_is_found_as_json_inside_a_message_whatever_stands_around_it() -> None:
    inner = json.dumps({"status": "Failed", "error": {"code": "Conflict", "message": json.dumps({"error": QUOTA})}})
    for message in (inner, f"Operation {{7}} failed: {inner} See {{docs}}.", f"\r\n  {inner}\r\n"):
        assert [cause.code for cause in causes({"code": "BadRequest", "message": message})] == ["QuotaExceeded"]


def test_services_that_write_their_keys_in_capitals_are_understood() -> None:
    message = json.dumps({"Code": "NoRegisteredProviderFound", "Message": "no api version", "Target": None})
    assert causes({"Code": "BadRequest", "Message": message}) == [Cause("NoRegisteredProviderFound", "no api version")]


def test_braces_that_hold_no_error_stay_a_message() -> None:
    for message in ("use {name} or {}", '{"name": 1}', "{" * 100, "}{", "{" * 5000 + "1"):
        assert causes({"code": "A", "message": message}) == [Cause("A", message)]


def test_several_leaves_come_each_once_in_their_order() -> None:
    other: Json = {"code": "Conflict", "message": "the name is taken", "target": "/x/st"}
    wrapper: Json = {"code": "DeploymentFailed", "message": "At least one operation failed."}
    error: Json = {"code": "DeploymentFailed", "message": "m", "details": [QUOTA, other, wrapper, QUOTA]}
    assert [cause.code for cause in causes(error)] == ["QuotaExceeded", "Conflict"]


def test_a_wrapper_without_anything_inside_is_better_than_nothing() -> None:
    error: Json = {"code": "DeploymentFailed", "message": "At least one operation failed.", "details": []}
    assert causes(error) == [Cause("DeploymentFailed", "At least one operation failed.")]


def test_what_an_error_is_about_is_inherited() -> None:
    error: Json = {"code": "A", "message": "", "target": "/x/outer", "details": [{"code": "B", "message": "b"}]}
    assert causes(error, "/x/outermost") == [Cause("B", "b", "/x/outer")]


@pytest.mark.parametrize("error", [None, "text", 5, [], ["a"]])
def test_what_is_no_error_has_no_cause(error: Json) -> None:
    assert causes(error) == []


@pytest.mark.parametrize(
    "error", [{}, {"message": None}, {"code": 5, "message": ["x"], "details": "none"}, {"error": "text"}]
)
def test_an_error_of_a_strange_shape_is_one_cause(error: dict[str, Json]) -> None:
    assert len(causes(error)) == 1


def test_hostile_depth_is_cut_and_still_explained() -> None:
    deep: Json = {"code": "Leaf", "message": "leaf"}
    for number in range(5000):
        deep = {"code": f"Level{number}", "message": "m", "details": [deep]}
    (cause,) = causes(deep)
    assert cause.code.startswith("Level")
    wrapped: Json = {"code": "Leaf", "message": "leaf"}
    for _ in range(5000):
        wrapped = {"error": wrapped}
    assert len(causes(wrapped)) == 1
    assert causes({"code": "A", "message": "[" * 100_000 + '{"a":' * 100_000})[0].code == "A"
