"""DNS records are created if their zone is in Azure; otherwise they are shown. Records of other owners are kept."""

import pytest

from installer.cloud.rest import Service
from installer.errors import WaitingForInput
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.steps.dns_records import EnsureDnsRecords
from tests.bicep.answers_variants import WAF, answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

ADDRESS = "203.0.113.7"
DNS = "2018-05-01"


def gateway(prefix: str, host: str) -> Installation:
    return Installation(answers("prod", prefix=prefix, ingress={"kind": "gateway", **WAF, "host": host}))


def front_door(prefix: str, host: str) -> Installation:
    return Installation(answers("prod", prefix=prefix, ingress={"kind": "frontdoor", "host": host}))


class Known(Service):
    """An Azure with a configurable ingress."""

    found: dict[str, dict[str, Json]]

    @classmethod
    def beside(cls, azure: Service, **found: dict[str, Json]) -> "Known":
        """`found`: properties of existing resources, by the last but one part of their path."""
        known = cls(azure.target, azure.endpoint, azure.audience)
        known.found = found
        return known

    def find(self, path: str, *, doing: str = "") -> dict[str, Json] | None:
        """The configured resource, or the one in the embedded Azure."""
        kind = path.split("?", maxsplit=1)[0].split("/")[-2]
        return {"properties": self.found[kind]} if kind in self.found else super().find(path, doing=doing)


def zone(azure: Service, name: str) -> str:
    put(azure, f"{GROUPS}/rg-dns", "2025-04-01", location="swedencentral")
    where = f"{GROUPS}/rg-dns/providers/Microsoft.Network/dnszones/{name}"
    put(azure, where, DNS, location="global")
    return where


def step(azure: Service, it: Installation) -> EnsureDnsRecords:
    return EnsureDnsRecords(azure, it, "prod", ())


def test_a_gateway_gets_its_address_once(azure: Service) -> None:
    known = Known.beside(azure, publicIPAddresses={"ipAddress": ADDRESS})
    where = zone(azure, "names-a.example")
    it = gateway("namea", "flowforge.names-a.example")
    assert Attempt().run(step(known, it))[0] == "done"
    record = azure.find(f"{where}/A/flowforge?api-version={DNS}")
    assert record is not None
    assert record["properties"]["ARecords"] == [{"ipv4Address": ADDRESS}]  # type: ignore[index, call-overload]
    assert Attempt().run(step(known, it))[0] == "was so"


def test_records_of_other_owners_are_kept(azure: Service) -> None:
    known = Known.beside(azure, publicIPAddresses={"ipAddress": ADDRESS})
    where = f"{zone(azure, 'names-b.example')}/A/flowforge?api-version={DNS}"
    azure.ask("PUT", where, {"properties": {"TTL": 60, "ARecords": [{"ipv4Address": "198.51.100.1"}]}})
    attempt = Attempt()
    attempt.run(step(known, gateway("nameb", "flowforge.names-b.example")))
    assert attempt.texts("warning") == [
        f"ask the owner of the DNS zone to create a record: flowforge.names-b.example A {ADDRESS}"
    ]
    assert "198.51.100.1" in str(azure.find(where))


def test_a_front_door_gets_its_proof_too(azure: Service) -> None:
    token: Json = {"validationToken": "t0k3n"}
    known = Known.beside(
        azure,
        afdEndpoints={"hostName": "x.z01.azurefd.net"},
        customDomains={"domainValidationState": "Pending", "validationProperties": token},
    )
    where = zone(azure, "names-c.example")
    it = front_door("namec", "flowforge.names-c.example")
    assert Attempt().run(step(known, it))[0] == "done"
    assert "x.z01.azurefd.net" in str(azure.find(f"{where}/CNAME/flowforge?api-version={DNS}"))
    assert "t0k3n" in str(azure.find(f"{where}/TXT/_dnsauth.flowforge?api-version={DNS}"))
    assert Attempt().run(step(known, it))[0] == "was so"


def test_the_step_waits_for_records_that_azure_waits_for(azure: Service) -> None:
    token: Json = {"validationToken": "t0k3n"}
    domain: dict[str, Json] = {"domainValidationState": "Pending", "validationProperties": token}
    known = Known.beside(azure, afdEndpoints={"hostName": "x.azurefd.net"}, customDomains=domain)
    it = front_door("named", "flowforge.elsewhere.test")
    with pytest.raises(WaitingForInput, match=r"flowforge\.elsewhere\.test CNAME x\.azurefd\.net; _dnsauth.*t0k3n"):
        Attempt().run(step(known, it))
    domain["domainValidationState"] = "Approved"
    attempt = Attempt()
    assert attempt.run(step(known, it))[0] == "done"
    (warning,) = [event for event in attempt.events if event.kind == "warning"]
    assert warning.data["left"] == "DNS: flowforge.elsewhere.test CNAME x.azurefd.net"


def test_the_top_of_a_zone_has_no_alias_of_ours(azure: Service) -> None:
    known = Known.beside(azure, afdEndpoints={"hostName": "x.azurefd.net"}, customDomains={})
    zone(azure, "names-e.example")
    attempt = Attempt()
    attempt.run(step(known, front_door("namee", "names-e.example")))
    assert attempt.texts("warning") == [
        "ask the owner of the DNS zone to create a record: names-e.example CNAME x.azurefd.net"
    ]
