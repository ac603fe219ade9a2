"""Reads of the checks: each needs a right, the embedded Azure refuses it without, and the printed role has it."""

import asyncio
import json
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.emulator.survey import parse
from installer.jsontypes import Json
from installer.preflight.checks import CHECKS
from installer.preflight.model import Report
from installer.preflight.report import check_all
from installer.preflight.rights.custom_role import custom_role
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import SCOPE, SUBSCRIPTION
from tests.emulator.test_survey import ME, _grant
from tests.preflight.surveyed import sample, subject_of

ROLE: Final = "cccccccc-0000-0000-0000-000000000001"
OTHERS: Final = frozenset({"images", "certificates", "sign-in", "sign-on", "prefect-cloud"})
"""Checks that ask others than Azure Resource Manager."""
APPS: Final = {"runtime": "container_apps", "control_plane": "container_app"}


def report(folder: Path, given: Answers, actions: list[Json]) -> Report:
    """Results for a caller with these actions and no others."""
    permission: Json = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
    where = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"
    role: dict[str, Json] = {"id": where, "properties": {"roleName": "own", "permissions": [permission]}}
    caller = {"objectId": ME, "principalIds": []}
    with subject_of(folder, given, caller=caller, resources=[role, _grant(ROLE, ME)]) as subject:
        return check_all(subject, [one for one in CHECKS if one.key not in OTHERS])


@pytest.mark.parametrize(
    "given",
    [sample("dev", "prod", governance={"locks": "data"}), sample(platform=APPS)],
    ids=["kubernetes", "container apps"],
)
def test_with_the_printed_role_every_check_sees_what_it_reads(tmp_path: Path, given: Answers) -> None:
    actions = custom_role(given)["Actions"]
    assert isinstance(actions, list)
    found = report(tmp_path, given, actions)
    unread = [one for result in found.results for one in result.not_checked]
    assert [f"{one.what}: {one.why}" for one in unread] == []
    assert found.findings == ()


WITHOUT_ROLES: Final = json.dumps(
    {
        "version": 1,
        "subscriptionId": SUBSCRIPTION,
        "caller": {"objectId": ME},
        "listed": ["Microsoft.Authorization/roleAssignments"],
    }
)
PATHS: Final = {
    "providers": "Microsoft.Resources/subscriptions/providers/read",
    "locations": "Microsoft.Resources/subscriptions/locations/read",
    "providers/Microsoft.Compute/skus": "Microsoft.Compute/skus/read",
    "providers/Microsoft.Compute/locations/westeurope/usages": "Microsoft.Compute/locations/usages/read",
    "providers/Microsoft.Network/locations/westeurope/usages": "Microsoft.Network/locations/usages/read",
    "providers/Microsoft.DBforPostgreSQL/locations/westeurope/capabilities": "Microsoft.DBforPostgreSQL/locations/capabilities/read",
    "providers/Microsoft.DBforPostgreSQL/locations/westeurope/resourceType/flexibleServers/usages": (
        "Microsoft.DBforPostgreSQL/locations/resourceType/usages/read"
    ),
    "providers/Microsoft.KeyVault/deletedVaults": "Microsoft.KeyVault/deletedVaults/read",
    "providers/Microsoft.Network/privateDnsZones": "Microsoft.Network/privateDnsZones/read",
    "providers/Microsoft.Authorization/locks": "Microsoft.Authorization/locks/read",
}


@pytest.mark.parametrize("path", PATHS)
def test_azure_refuses_a_list_without_its_right_and_names_it(tmp_path: Path, path: str) -> None:
    nothing = parse(WITHOUT_ROLES)
    reply = asyncio.run(local(tmp_path, survey=nothing).ask("GET", f"{SCOPE}/{path}?api-version=2022-04-01"))
    assert (reply.status, reply.code) == (403, "AuthorizationFailed")
    assert f"'{PATHS[path]}'" in str(reply.json)
    assert f"scope '{SCOPE}'" in str(reply.json)


def test_a_name_is_checked_with_a_right_that_is_called_a_read(tmp_path: Path) -> None:
    nothing = parse(WITHOUT_ROLES)
    path = f"{SCOPE}/providers/Microsoft.Storage/checkNameAvailability?api-version=2025-06-01"
    reply = asyncio.run(local(tmp_path, survey=nothing).ask("POST", path, {"name": "st", "type": "x"}))
    assert "'Microsoft.Storage/checknameavailability/read'" in str(reply.json)
