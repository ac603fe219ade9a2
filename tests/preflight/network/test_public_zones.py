"""Public DNS zones: in Azure or elsewhere, delegated by a parent zone that Azure has, or not known to be."""

from pathlib import Path
from typing import Final

from installer.answers.model import Answers
from installer.jsontypes import Json
from installer.preflight.model import Check, Result
from installer.preflight.network.public_zones import ELSEWHERE, REGISTRAR, public_zones
from tests.bicep.answers_variants import WAF
from tests.emulator.in_memory import SCOPE
from tests.preflight.surveyed import checked, sample

GROUP: Final = f"{SCOPE}/resourceGroups/rg-dns"
SERVERS: Final[Json] = ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."]


def zone(name: str) -> dict[str, Json]:
    where = f"{GROUP}/providers/Microsoft.Network/dnszones/{name}"
    return {"id": where, "location": "global", "properties": {"nameServers": SERVERS}}


def delegation(parent: str, label: str, server: str) -> dict[str, Json]:
    records: Json = [{"nsdname": server}]
    where = f"{GROUP}/providers/Microsoft.Network/dnszones/{parent}/NS/{label}"
    return {"id": where, "properties": {"TTL": 3600, "NSRecords": records}}


def found(folder: Path, *resources: dict[str, Json]) -> Result:
    return checked(folder, Check("zones", "Zones", public_zones), published(), resources=[*resources])


def published() -> Answers:
    """Answers with a public host name."""
    return sample(ingress={"kind": "gateway", **WAF})


HOST: Final = published().ingress.host
CHILD: Final = HOST.partition(".")[2]


def test_a_zone_elsewhere_is_not_checked(tmp_path: Path) -> None:
    result = found(tmp_path, zone("fabrikam.com"), zone(f"not{CHILD}"))
    assert result.findings == ()
    assert {one.why for one in result.not_checked} == {ELSEWHERE}


def test_a_zone_whose_parent_is_not_in_azure_may_be_delegated_or_not(tmp_path: Path) -> None:
    result = found(tmp_path, zone(CHILD))
    assert result.findings == ()
    assert [(one.what, one.why) for one in result.not_checked] == [
        (f"whether the public DNS zone {CHILD} is delegated", REGISTRAR)
    ]


def test_a_zone_that_its_parent_does_not_delegate_to_is_named(tmp_path: Path) -> None:
    inner = f"apps.{CHILD}"
    host = published().model_copy(update={"ingress": published().ingress.model_copy(update={"host": f"flows.{inner}"})})
    check = Check("zones", "Zones", public_zones)
    for number, more in enumerate(([], [delegation(CHILD, "apps", "ns9-99.azure-dns.com.")])):
        (finding,) = checked(tmp_path / str(number), check, host, resources=[zone(CHILD), zone(inner), *more]).findings
        assert finding.what == f"the public DNS zone {inner} is not delegated by its parent zone {CHILD}"
        assert f"-z {CHILD} -n apps -d" in finding.ways[0].text
    delegated = [zone(CHILD), zone(inner), delegation(CHILD, "apps", "NS1-01.azure-dns.com")]
    result = checked(tmp_path / "delegated", check, host, resources=delegated)
    assert result.state == "passed"


def test_without_a_public_host_name_there_is_nothing_to_find(tmp_path: Path) -> None:
    result = checked(tmp_path, Check("zones", "Zones", public_zones), sample("dev", "prod"))
    assert (result.findings, result.not_checked) == ((), ())
