"""Ways out that other people take: certificates, images, networks, sign-in, sign-on; the problem is gone once they have done what was asked.

The cases are as in test_ways_out.py; what the embedded Azure refuses with each problem is tested beside its check.
"""

from pathlib import Path
from typing import Any, Final

import pytest

from installer.json_access import JsonObject, as_object
from installer.preflight.certificates import CERTIFICATES
from installer.preflight.images import IMAGES
from installer.preflight.model import Check, WayOut
from installer.preflight.names import NAMES
from installer.preflight.network.check import NETWORK
from installer.preflight.network.public_zones import public_zones
from installer.preflight.policies.check import POLICY
from installer.preflight.rights.check import RIGHTS
from installer.preflight.scopes import SCOPES
from installer.preflight.sign_in import SIGN_IN
from installer.preflight.sign_on.check import SIGN_ON
from tests.emulator.in_memory import SCOPE
from tests.emulator.test_survey import CONTRIBUTOR, ME, RBAC_ADMIN, _grant
from tests.preflight.network.test_network import HUB, PEERED, hub, spoke, with_hub, with_spoke
from tests.preflight.network.test_public_zones import CHILD, delegation, published
from tests.preflight.network.test_public_zones import zone as public_zone
from tests.preflight.network.test_security_groups import DENY_ALL, _rules
from tests.preflight.outside.surveys import DELEGATED_ADMIN
from tests.preflight.policies.assigned import CLOSED, DENY, exemption
from tests.preflight.sign_on.test_sign_on import DEVELOPER, NEW, USER
from tests.preflight.surveyed import TENANT, sample
from tests.preflight.test_certificates import GATEWAY, START, YEAR, stored
from tests.preflight.test_images import importing
from tests.preflight.test_images import stored as registry
from tests.preflight.test_ways_out import CALLER, Case, Survey, taken_out

WITH_CERTIFICATE: Final = sample(ingress=GATEWAY)
INNER: Final = f"apps.{CHILD}"
ZONES: Final = [public_zone(CHILD), public_zone(INNER)]
BELOW: Final = published().model_copy(
    update={"ingress": published().ingress.model_copy(update={"host": f"flows.{INNER}"})}
)


def certificate(**changes: Any) -> Survey:
    return {"resources": stored(**changes)}


def grouped(*rules: tuple[str, str, str, str]) -> Survey:
    """A spoke whose subnet for web apps has a network security group with rules."""
    group = _rules(*rules)
    subnets = spoke()
    web = next(one for one in subnets if str(one["id"]).endswith("/snet-web"))
    as_object(web["properties"])["networkSecurityGroup"] = {"id": group["id"]}
    return {"resources": [*hub(), *PEERED, *subnets, group]}


def renewed(_way: WayOut) -> Survey:
    return certificate(exp=START + YEAR)


def assigned(condition: str = "") -> Survey:
    """The account's roles, the administration of access with a condition."""
    admin = _grant(RBAC_ADMIN, ME)
    more: JsonObject = {"condition": condition, "conditionVersion": "2.0"} if condition else {}
    admin["properties"] = {**as_object(admin["properties"]), **more}
    return {**CALLER, "resources": [_grant(CONTRIBUTOR, ME), admin]}


def named(way: WayOut) -> Survey:
    """The exemption that a way out asks for, at the scope and from the assignment that it names."""
    words = way.text.split()
    scope = words[words.index("exemption") + 2].rstrip(":")
    one = exemption(DENY, scope)
    assert words[words.index("policyAssignmentId") + 1] == DENY["id"]
    return {"resources": [CLOSED, DENY, one]}


CASES: Final[dict[str, Case]] = {
    "a vault with access policies": Case(
        CERTIFICATES,
        "the key vault kv-certs uses access policies",
        "switch it to roles",
        certificate(vault={"enableRbacAuthorization": False}),
        lambda _way: certificate(),
        WITH_CERTIFICATE,
    ),
    "a vault that is closed to services": Case(
        CERTIFICATES,
        "the firewall of the key vault kv-certs",
        "admit them: az keyvault update --subscription",
        certificate(vault={"networkAcls": {"defaultAction": "Deny", "bypass": "None"}}),
        lambda _way: certificate(vault={"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}),
        WITH_CERTIFICATE,
    ),
    "a disabled certificate": Case(
        CERTIFICATES,
        "the certificate flowforge is disabled",
        "enable it: az keyvault certificate set-attributes --vault-name kv-certs -n flowforge",
        certificate(enabled=False),
        lambda _way: certificate(),
        WITH_CERTIFICATE,
    ),
    "an expired certificate": Case(
        CERTIFICATES,
        "the certificate flowforge expired",
        "renew it in the key vault",
        certificate(exp=START - 60),
        renewed,
        WITH_CERTIFICATE,
    ),
    "a certificate that expires soon": Case(
        CERTIFICATES,
        "the certificate flowforge expires",
        "renew it in the key vault",
        certificate(exp=START + 86_400),
        renewed,
        WITH_CERTIFICATE,
    ),
    "a registry that is closed to services": Case(
        IMAGES,
        "the firewall of the registry crvendor",
        "admit them: az acr update --subscription",
        {
            "resources": registry(
                anonymousPullEnabled=True, publicNetworkAccess="Disabled", networkRuleBypassOptions="None"
            )
        },
        lambda _way: {
            "resources": registry(
                anonymousPullEnabled=True, publicNetworkAccess="Disabled", networkRuleBypassOptions="AzureServices"
            )
        },
        importing(),
    ),
    "a deleted vault of this installation": Case(
        NAMES,
        "the name kv-ff-contoso-dev belongs to a deleted key vault",
        "purge it: az keyvault purge --subscription",
        {"deletedVaults": [{"name": "kv-ff-contoso-dev", "location": "westeurope"}]},
        lambda _way: {"deletedVaults": []},
    ),
    "a spoke without peerings": Case(
        NETWORK,
        "vnet-dev is not connected with vnet-hub",
        "ask the owners of both networks for a peering in each direction",
        {"resources": [*hub(), *spoke()]},
        lambda _way: {"resources": [*hub(), *spoke(), *PEERED]},
        with_spoke(),
    ),
    "a security group that closes a subnet": Case(
        NETWORK,
        "the network security group nsg-given of the subnet snet-web denies",
        "ask its owner for a rule before those that deny: az network nsg rule create --subscription",
        grouped(DENY_ALL),
        lambda _way: grouped(),
        with_spoke(),
    ),
    "a public zone without delegation": Case(
        Check("zones", "Zones", public_zones),
        f"the public DNS zone {INNER} is not delegated",
        "delegate it: az network dns record-set ns add-record --subscription",
        {"resources": ZONES},
        lambda _way: {"resources": [*ZONES, delegation(CHILD, "apps", "ns1-01.azure-dns.com")]},
        BELOW,
    ),
    "a hub that does not exist": Case(
        NETWORK,
        "rg-hub (Resource group) does not exist",
        "ask its owner for the role Reader",
        {"resources": []},
        lambda _way: {"resources": hub()},
        with_hub(network={"gateway_transit": False}),
    ),
    "a peering of another name": Case(
        NETWORK,
        "vnet-hub is peered with the spoke of dev already, as peer",
        "ask its owner to delete it",
        {
            "resources": [
                *hub(),
                {
                    "id": f"{HUB}/virtualNetworkPeerings/peer",
                    "name": "peer",
                    "properties": {
                        "remoteVirtualNetwork": {
                            "id": f"{SCOPE}/resourceGroups/rg-ff-contoso-dev/providers/Microsoft.Network/virtualNetworks/"
                            "vnet-ff-contoso-dev"
                        },
                        "remoteAddressSpace": {"addressPrefixes": ["10.40.16.0/20"]},
                    },
                },
            ]
        },
        lambda _way: {"resources": hub()},
        with_hub(network={"gateway_transit": False}),
    ),
    "a role with a condition": Case(
        RIGHTS,
        "the condition of its role lets this account not assign",
        "ask for the role Role Based Access Control Administrator without a condition",
        assigned(
            DELEGATED_ADMIN.replace("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "4633458b-17de-408a-b874-0445c86b69e6")
        ),
        lambda _way: assigned(),
    ),
    "a policy": Case(
        POLICY,
        "the policy assignment rule",
        "ask Platform Team",
        {"resources": [CLOSED, DENY]},
        named,
    ),
    "a subscription of another tenant": Case(
        SIGN_IN,
        f"the subscription {SCOPE.rpartition('/')[2]} belongs to the tenant",
        "choose a subscription of the tenant",
        {"resources": [{"id": SCOPE, "state": "Enabled", "tenantId": "99999999-0000-4000-8000-000000000000"}]},
        lambda _way: {"resources": [{"id": SCOPE, "state": "Enabled", "tenantId": TENANT}]},
    ),
    "a secret that ends during the run": Case(
        SIGN_IN,
        "the last secret of the application",
        "add a new secret to the application",
        {"directory": {"secretEnds": "2026-09-21T14:15:00Z"}},
        lambda _way: {"directory": {"secretEnds": "2027-09-21T14:15:00Z"}},
    ),
    "one factor": Case(
        SIGN_IN,
        "the user has signed in without a second factor",
        "sign in",
        {"directory": {"claims": {"idtyp": "user", "amr": ["pwd"]}}},
        lambda _way: {"directory": {"claims": {"idtyp": "user", "amr": ["pwd", "mfa"]}}},
    ),
    "no right to register": Case(
        SIGN_ON,
        "this account may not register applications",
        "ask for the directory role Application Developer",
        {"directory": {"claims": USER, "usersRegister": False}},
        lambda _way: {"directory": {"claims": USER, "usersRegister": False, "roles": [DEVELOPER]}},
        sample(sign_on=NEW),
    ),
    "a warned subscription": Case(
        SCOPES,
        "the subscription lz is Warned",
        "ask its billing owner to settle what is due",
        {"resources": [{"id": SCOPE, "displayName": "lz", "state": "Warned"}]},
        lambda _way: {"resources": [{"id": SCOPE, "displayName": "lz", "state": "Enabled"}]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_others_do_removes_the_problem(tmp_path: Path, name: str) -> None:
    taken_out(tmp_path, CASES[name])
