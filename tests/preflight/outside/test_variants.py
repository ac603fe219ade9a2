"""Surveys in other spellings: cases of IDs and types, fields that Azure adds or leaves out, lists: the same findings, no crash."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from installer.json_access import as_object
from tests.preflight.outside.surveys import SURVEYS
from tests.preflight.outside.test_surveys import CASES, answers, seen
from tests.preflight.surveyed import from_survey

Survey = dict[str, Any]
Body = dict[str, Any]


def other_case(survey: Survey) -> Survey:
    """Segments of IDs and types as some of Azure's services spell them."""

    def spelled(body: Body) -> Body:
        own = str(body["id"])
        for name, other in (
            ("/resourceGroups/", "/resourcegroups/"),
            ("/providers/Microsoft.", "/providers/microsoft."),
        ):
            own = own.replace(name, other)
        return {**body, "id": own, **({"type": str(body["type"]).lower()} if "type" in body else {})}

    return {**survey, "resources": [spelled(one) for one in survey["resources"]]}


def upper_case(survey: Survey) -> Survey:
    """Names of groups in upper case, as the portal's exports have them."""

    def spelled(body: Body) -> Body:
        parts = str(body["id"]).split("/")
        if len(parts) > 4 and parts[3].lower() == "resourcegroups":
            parts[4] = parts[4].upper()
        return {**body, "id": "/".join(parts)}

    return {**survey, "resources": [spelled(one) for one in survey["resources"]]}


def extra_fields(survey: Survey) -> Survey:
    """Members that this program does not know, in every body and its properties."""
    new = {"etag": 'W/"1"', "systemData": {"createdBy": "x"}, "newFeature": [{"deep": {"er": None}}], "zones": None}
    return {
        **survey,
        "resources": [
            {**one, **new, "properties": {**as_object(one.get("properties")), "somethingNew": {"state": [1, None]}}}
            for one in survey["resources"]
        ],
    }


def as_lists(survey: Survey) -> Survey:
    """Bodies as lists with an empty link to a next page."""
    return {**survey, "resources": [{"value": [one], "nextLink": ""} for one in survey["resources"]]}


def backwards(survey: Survey) -> Survey:
    """Children before parents, assignments before definitions."""
    return {**survey, "resources": survey["resources"][::-1]}


VARIANTS: Final[dict[str, Callable[[Survey], Survey]]] = {
    "other case": other_case,
    "upper case": upper_case,
    "extra fields": extra_fields,
    "lists": as_lists,
    "reversed": backwards,
}
SAMPLE: Final = [one for one in CASES if one[0] in ("managed application", "networks", "locked", "reader with PIM")]
PAIRS: Final = [
    (case, variant) for number, case in enumerate(SAMPLE) for at, variant in enumerate(VARIANTS) if (number + at) % 2
]


@pytest.mark.parametrize(("case", "variant"), PAIRS, ids=[f"{case[0]}, {variant}" for case, variant in PAIRS])
def test_the_same_subscription_in_another_spelling_has_the_same_findings(
    tmp_path: Path, case: tuple[str, str, set[tuple[str, str]]], variant: str
) -> None:
    name, file, expected = case
    report = from_survey(tmp_path, answers(file), VARIANTS[variant](SURVEYS[name]))
    assert seen(report) == expected, [finding.what for finding in report.findings]


# -- missing fields ----------------------------------------------------------------------------------------------


def bare(survey: Survey) -> Iterator[Body]:
    """Bodies with empty properties, as a role without rights on them gets to see some."""
    for one in survey["resources"]:
        yield {"id": one["id"], "properties": {}}


def nulls(survey: Survey) -> Iterator[Body]:
    """Bodies whose members are all null."""
    for one in survey["resources"]:
        properties = as_object(one.get("properties"))
        yield {**dict.fromkeys(one), "id": one["id"], "properties": dict.fromkeys(properties)}


def wrong_kinds(survey: Survey) -> Iterator[Body]:
    """Bodies whose members are of other kinds than documented."""
    for one in survey["resources"]:
        properties = as_object(one.get("properties"))
        odd: list[Any] = ["text", 7, [None], {"id": 3}, True]
        yield {
            **one,
            "location": None,
            "properties": {name: odd[number % len(odd)] for number, name in enumerate(properties)},
        }


@pytest.mark.parametrize("damaged", [bare, nulls, wrong_kinds])
@pytest.mark.parametrize(("name", "file"), [("landing zone", "11-existing-hub"), ("managed application", "33-direct")])
def test_bodies_without_their_fields_crash_nothing_and_prove_nothing(
    tmp_path: Path, name: str, file: str, damaged: Callable[[Survey], Iterator[Body]]
) -> None:
    survey = SURVEYS[name]
    report = from_survey(tmp_path, answers(file), {**survey, "resources": [*damaged(survey)]})
    assert all(finding.where and finding.why and finding.ways for finding in report.findings)
    assert any(result.not_checked for result in report.results)
    about = {"rights", "scopes", *(["network"] if answers(file).network.mode != "new" else [])}
    assert about & {one.key for one in report.results if one.state == "passed"} == set()
