"""Step: creates the DNS records of the public host names, if their zone is in Azure and this account may write to it.

Otherwise the exact records are shown to the user. A record of another owner is never replaced.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.errors import WaitingForInput
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.ingress import domain_name
from installer.estate.parameters.resource_ids import ingress_home, resource_id
from installer.jsontypes import Json
from installer.resource_id import name_of

RECORDS_VERSION: Final = "2018-05-01"
RESOURCES_VERSION: Final = "2021-04-01"
ADDRESSES_VERSION: Final = "2025-05-01"
FRONT_DOOR_VERSION: Final = "2025-06-01"
TTL_SECONDS: Final = 3600
FORBIDDEN: Final = 403
_ZONES: Final = "Microsoft.Network/dnszones"
Kind = Literal["A", "CNAME", "TXT"]


@dataclass(frozen=True)
class DnsRecord:
    """A required DNS record."""

    kind: Kind
    name: str
    value: str

    @property
    def line(self) -> str:
        """The record in zone file notation, for the user."""
        return f"{self.name} {self.kind} {self.value}"

    def content(self) -> dict[str, Json]:
        """Request body for Azure DNS."""
        kept: dict[Kind, dict[str, Json]] = {
            "A": {"ARecords": [{"ipv4Address": self.value}]},
            "CNAME": {"CNAMERecord": {"cname": self.value}},
            "TXT": {"TXTRecords": [{"value": [self.value]}]},
        }
        return {"properties": {"TTL": TTL_SECONDS, **kept[self.kind]}}

    def values(self, found: dict[str, Json]) -> list[str]:
        """Values of an existing record set of this type."""
        properties = _member(found, "properties")
        if self.kind == "CNAME":
            return [str(_member(properties, "CNAMERecord").get("cname", "")).rstrip(".")]
        listed = properties.get(f"{self.kind}Records")
        rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        if self.kind == "A":
            return [str(row.get("ipv4Address", "")) for row in rows]
        return ["".join(map(str, value)) for row in rows if isinstance(value := row.get("value"), list)]


@dataclass(frozen=True)
class EnsureDnsRecords:
    """Ensures that the host name of one environment points to its ingress."""

    arm: Service
    it: Installation
    environment: str
    needs: tuple[str, ...]
    usual: ClassVar[float] = 5.0

    @property
    def key(self) -> str:
        """One for each environment."""
        return keys.dns_records(self.environment)

    @property
    def title(self) -> str:
        """Title of the step."""
        return f"Names in DNS · {self.environment}"

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.arm.target.speed

    @property
    def _site(self) -> Site:
        return self.it.site(self.environment)

    @property
    def host(self) -> str:
        """The public host name."""
        return self.it.public_host(self.environment)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Done when every record is in a zone in Azure and has the required value."""
        required = self._required()
        zone = self._zone()
        return {} if zone and required and all(self._exists(zone, one) for one in required) else None

    def apply(self, context: Context) -> Outputs:
        """Create missing records, and report those that the user has to create.

        Raises:
            WaitingForInput: Azure itself waits for a record that the user has to create.

        """
        context.remember("begun", name=self.host)
        required, zone = self._required(), self._zone()
        missing = [one for one in required if zone is None or not self._ensure(context, zone, one)]
        for one in missing:
            context.emit(
                "warning", f"ask the owner of the DNS zone to create a record: {one.line}", left=f"DNS: {one.line}"
            )
        if missing and self._awaits_validation():
            raise WaitingForInput(
                f"Front Door waits for records of {self.host}: {'; '.join(one.line for one in missing)}. Create them, then resume"
            )
        return {}

    def compare(self) -> Iterator[tuple[DnsRecord, str | None, tuple[str, ...]]]:
        """Each required record with the ID of its zone, None if this account sees none, and its present values.

        Nothing while the address of the ingress is not known. Queries Azure.
        """
        zone = self._zone()
        for one in self._required():
            found = self.arm.find(self.path(zone, one), doing=f"read the DNS record {one.name}") if zone else None
            yield one, zone, tuple(one.values(found)) if found else ()

    @staticmethod
    def is_by_owner(one: DnsRecord, zone: str | None, present: Collection[str]) -> bool:
        """Whether a record with another value, or none, is left to the owner of its zone: see `_ensure`."""
        return zone is None or bool(present) or (one.name == name_of(zone) and one.kind == "CNAME")

    def _ensure(self, context: Context, zone: str, one: DnsRecord) -> bool:
        """Create a record if missing; returns whether it has the required value.

        Records of other owners and a CNAME at the apex of a zone are left alone.
        """
        if self._exists(zone, one):
            return True
        if one.name == name_of(zone) and one.kind == "CNAME":
            return False
        found = self.arm.find(self.path(zone, one), doing=f"read the DNS record {one.name}")
        if found is not None and one.values(found):
            return False
        try:
            self.arm.ask("PUT", self.path(zone, one), one.content(), doing=f"write {one.name}")
        except AzureRefused as refused:
            if refused.status != FORBIDDEN:
                raise
            return False
        context.emit("resource.finished", "written", resource=one.line, type="DNS record")
        return True

    def _exists(self, zone: str, one: DnsRecord) -> bool:
        found = self.arm.find(self.path(zone, one), doing=f"read the DNS record {one.name}")
        return found is not None and one.value in one.values(found)

    def path(self, zone: str, one: DnsRecord) -> str:
        """Request path of a record set."""
        name = one.name.removesuffix(name_of(zone)).rstrip(".") or "@"
        return f"{zone}/{one.kind}/{name}?api-version={RECORDS_VERSION}"

    def _zone(self) -> str | None:
        """Id of the most specific zone of the host, in any subscription of the installation."""
        found: list[str] = []
        for subscription in dict.fromkeys((self.it.subscription, self._site.subscription)):
            path = f"/subscriptions/{subscription}/resources?$filter=resourceType eq '{_ZONES}'&api-version={RESOURCES_VERSION}"
            every = self.arm.every(path, doing="list DNS zones")
            found += [str(one["id"]) for one in every if f".{self.host}".endswith(f".{str(one['name']).lower()}")]
        return max(found, key=lambda zone: len(name_of(zone)), default=None)

    # -- required records, read from the ingress -----------------------------------------------------------------

    def _required(self) -> list[DnsRecord]:
        gateway = self.it.answers.ingress.kind == "gateway"
        return list(self._gateway_records() if gateway else self._front_door_records())

    def _gateway_records(self) -> Iterator[DnsRecord]:
        home = ingress_home(self.it, self.environment)
        name = self.it.names.gateway_address(home.network)
        address = resource_id(home.subscription, home.group, "Microsoft.Network/publicIPAddresses", name)
        found = self.arm.find(f"{address}?api-version={ADDRESSES_VERSION}", doing="read the public IP address") or {}
        if value := _member(found, "properties").get("ipAddress"):
            yield DnsRecord("A", self.host, str(value))

    def _front_door_records(self) -> Iterator[DnsRecord]:
        endpoint = f"{self._profile}/afdEndpoints/{self.it.names.front_door_endpoint(self.environment)}"
        found = (
            self.arm.find(f"{endpoint}?api-version={FRONT_DOOR_VERSION}", doing="read the Front Door endpoint") or {}
        )
        if value := _member(found, "properties").get("hostName"):
            yield DnsRecord("CNAME", self.host, str(value))
        if self._awaits_validation() and (
            token := _member(self._domain(), "validationProperties").get("validationToken")
        ):
            yield DnsRecord("TXT", f"_dnsauth.{self.host}", str(token))

    @property
    def _profile(self) -> str:
        home = ingress_home(self.it, self.environment)
        name = self.it.names.front_door(home.network)
        return resource_id(home.subscription, home.group, "Microsoft.Cdn/profiles", name)

    def _domain(self) -> dict[str, Json]:
        domain = f"{self._profile}/customDomains/{domain_name(self.host)}?api-version={FRONT_DOOR_VERSION}"
        return _member(self.arm.find(domain, doing="read the custom domain of Front Door") or {}, "properties")

    def _awaits_validation(self) -> bool:
        """Whether Front Door waits for the validation of the domain."""
        if self.it.answers.ingress.kind == "gateway":
            return False
        return str(self._domain().get("domainValidationState", "")).lower() in {"pending", "pendingrevalidation"}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Azure's response confirms the created records; those of the user are reported, not awaited."""


def _member(raw: dict[str, Json], key: str) -> dict[str, Json]:
    found = raw.get(key)
    return found if isinstance(found, dict) else {}
