"""Bodies that lack the one field that matters: what they would have shown is not checked, neither found nor proved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from installer.answers.model import Answers
from installer.preflight.model import Check
from installer.preflight.network.check import NETWORK
from installer.preflight.rights.check import RIGHTS
from installer.preflight.scopes import SCOPES
from installer.preflight.sign_in import SIGN_IN
from tests.emulator.in_memory import SUBSCRIPTION
from tests.emulator.test_survey import ME, OWNER, _grant
from tests.preflight.network.test_network import DNS, HUB, OFFICE, PEERED, ZONE, hub, spoke, with_hub, with_spoke, zone
from tests.preflight.surveyed import TENANT, checked, from_survey, sample
from tests.preflight.test_ways_out import denial, lock, subscription

Body = dict[str, Any]
CALLER: Final = {"objectId": ME, "principalIds": []}


def without(body: Body, name: str) -> Body:
    """A body without a property."""
    return {**body, "properties": {key: item for key, item in body["properties"].items() if key != name}}


def peered() -> Body:
    remote = {"remoteVirtualNetwork": {"id": OFFICE}}
    return {"id": f"{HUB}/virtualNetworkPeerings/to-office", "properties": remote}


CASES: Final[dict[str, tuple[Check, Callable[[], Answers], list[Body], str]]] = {
    "level of a lock": (SCOPES, sample, [without(lock("ReadOnly"), "level")], "the lock audit"),
    "permissions of a deny assignment": (
        RIGHTS,
        sample,
        [_grant(OWNER, ME), without(denial(), "permissions")],
        "Microsoft.",
    ),
    "principals of a deny assignment": (
        RIGHTS,
        sample,
        [_grant(OWNER, ME), without(denial(), "principals")],
        "whether the deny assignment stack concerns this account",
    ),
    "network of a link": (
        NETWORK,
        with_hub,
        [*hub(), *zone(HUB)[:-1], without(zone(HUB)[-1], "virtualNetwork")],
        f"a link of {DNS}/providers/Microsoft.Network/privateDnsZones/{ZONE}",
    ),
    "range of a subnet": (
        NETWORK,
        with_spoke,
        [*hub(), *PEERED, *spoke()[:-1], without(spoke()[-1], "addressPrefix")],
        "size of the subnet snet-endpoints",
    ),
    "delegation of a subnet": (
        NETWORK,
        with_spoke,
        [*hub(), *PEERED, *spoke()[:-1], without(spoke()[-1], "delegations")],
        "delegation of the subnet snet-endpoints",
    ),
    "ranges of a network": (
        NETWORK,
        with_hub,
        [hub()[0], without(hub()[1], "addressSpace"), hub()[2]],
        "address ranges of vnet-hub",
    ),
    "ranges of a peer": (NETWORK, with_hub, [*hub(), peered()], "address ranges of vnet-office"),
    "region of a network": (
        NETWORK,
        with_hub,
        [hub()[0], {key: item for key, item in hub()[1].items() if key != "location"}, hub()[2]],
        "region of vnet-hub",
    ),
}

ELSEWHERE: Final = "99999999-51b8-4a6d-9e04-c8a17b35f210"


@pytest.mark.parametrize("name", CASES)
def test_what_is_missing_is_not_checked(tmp_path: Path, name: str) -> None:
    check, given, resources, what = CASES[name]
    more = {"caller": CALLER} if check is RIGHTS else {}
    result = checked(tmp_path, check, given(), resources=resources, **more)
    assert result.findings == ()
    assert result.state == "not checked"
    assert any(one.what.startswith(what) for one in result.not_checked), result.not_checked


def test_the_state_of_a_subscription_is_not_checked_without_it(tmp_path: Path) -> None:
    body = {key: item for key, item in subscription().items() if key != "state"}
    (result,) = from_survey(tmp_path, sample(), {"resources": [body]}, (SCOPES,)).results
    assert result.findings == ()
    reasons = {one.why for one in result.not_checked}
    assert "the survey has no body of the subscription with its state" in reasons


@pytest.mark.parametrize(("tenant", "severities"), [(TENANT, ()), (TENANT.upper(), ()), (ELSEWHERE, ("blocks",))])
def test_a_subscription_of_another_tenant_blocks_without_a_directory(
    tmp_path: Path, tenant: str, severities: tuple[str, ...]
) -> None:
    body = {
        "id": f"/subscriptions/{SUBSCRIPTION}",
        "subscriptionId": SUBSCRIPTION,
        "state": "Enabled",
        "tenantId": tenant,
    }
    (result,) = from_survey(tmp_path, sample(), {"resources": [body]}, (SIGN_IN,)).results
    assert tuple(one.severity for one in result.findings) == severities
    assert all(one.ways[0].answers == (("subscription.tenant", tenant),) for one in result.findings)
    assert any(one.what == "the sign-in" for one in result.not_checked)
