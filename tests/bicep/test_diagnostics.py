"""Diagnostic settings: every resource with logs has one, with categories of its type."""

from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.providers.data_files import load
from installer.estate.parameters import stages
from installer.json_access import as_list, as_object, as_text, member
from installer.resource_id import parse_id
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import VARIANTS
from tests.bicep.snapshots import NEEDS_COMPILER
from tests.bicep.stage_requests import Resource, stage_resources

pytestmark = NEEDS_COMPILER

SETTINGS: Final = "/providers/Microsoft.Insights/diagnosticSettings/"
LOGS: Final = {
    name.lower(): [as_text(one) for one in as_list(member(found, "categories"))]
    for name, found in as_object(member(load("monitor"), "logs")).items()
}
CASES: Final = {
    name: given
    for name, given in {**VARIANTS, **MATRIX}.items()
    if name
    in {
        "public endpoints",
        "container apps",
        "behind a front door",
        "existing networks, DNS by policy",
        "every optional service, a new catalog",
        "monitored behind a gateway, lakes backed up",
        "container apps in production, in China",
        "22-redis",
        "26-everything-optional",
    }
}


def everything(given: Answers) -> list[Resource]:
    names = dict.fromkeys(spec.stage for spec in stages(given))
    return [resource for name in names for resource in stage_resources(given, name)]


def type_of(resource_id: str) -> str:
    parsed = parse_id(resource_id)
    return parsed.type.lower() if parsed else ""


@pytest.mark.parametrize("name", CASES)
def test_every_resource_with_logs_has_a_setting(name: str) -> None:
    ids = [str(resource["id"]) for resource in everything(CASES[name])]
    logged = {one.partition(SETTINGS)[0].lower() for one in ids if SETTINGS in one}
    with_logs = {one.lower() for one in ids if LOGS.get(type_of(one))}
    assert with_logs
    assert with_logs - logged == set()


@pytest.mark.parametrize("name", CASES)
def test_every_category_is_one_of_the_type(name: str) -> None:
    settings = [resource for resource in everything(CASES[name]) if SETTINGS in str(resource["id"])]
    assert settings
    for setting in settings:
        known = LOGS[type_of(str(setting["id"]).partition(SETTINGS)[0])]
        logs = as_list(member(setting, "properties", "logs"))
        assert known or logs == []
        named = [as_text(member(log, "category")) for log in logs if member(log, "category")]
        assert [one for one in named if one not in known] == []


def test_the_cases_are_there() -> None:
    assert len(CASES) == 9
