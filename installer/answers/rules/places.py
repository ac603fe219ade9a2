"""Rules about regions, existing networks and sovereign clouds."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.answers.pages.patterns import ENVIRONMENTS
from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.regions import (
    KNOWN_REGIONS,
    LACKING,
    NEAREST_ORIGIN,
    PRIVATE_LINK_ORIGINS,
    WITH_LAKE_BACKUP,
    WITHOUT_PARTNER,
    WITHOUT_ZONES,
    has_redundant_nat,
    near_regions,
)
from installer.errors import Problem
from installer.resource_id import subscription_of


def regions(view: View) -> dict[str, str]:
    """Selected regions, by the key of the question that names each of them."""
    found = {"subscription.region": view.get("subscription.region")}
    for name in _environments(view):
        if name in _several(view, "subscription.differ"):
            found[f"{name}.region"] = view.get(f"{name}.region")
    return {key: region for key, region in found.items() if isinstance(region, str) and region}


def regions_are_allowed(view: View) -> Iterator[Problem]:
    """Every region in use is an allowed region."""
    allowed = _several(view, "governance.allowed_regions")
    for key, region in regions(view).items():
        if allowed and region not in allowed:
            unknown = next((one for one in allowed if one not in KNOWN_REGIONS and near_regions(one)), "")
            if unknown:
                words = f"{unknown} is no region that is known here; did you mean {' or '.join(near_regions(unknown))}?"
                yield Problem("governance.allowed_regions", words)
                return
            yield Problem(key, f"{region} is not an allowed region; allowed: {', '.join(allowed)}")


def regions_have_zones(view: View) -> Iterator[Problem]:
    """Zone redundancy requires a region with availability zones."""
    home = str(view.get("subscription.region"))
    if home in WITHOUT_ZONES and view.get("sizing.postgres_ha") is True:
        yield Problem("sizing.postgres_ha", _no_zones(home, "PostgreSQL cannot be zone-redundant", "no"))
    if view.get("platform.zones") == "all":
        for region in dict.fromkeys(region for region in _homes(view).values() if region in WITHOUT_ZONES):
            yield Problem("platform.zones", _no_zones(region, "nothing can be in all zones", "none"))
            break
    for name, region in _homes(view).items():
        own = view.get(f"{name}.storage_redundancy") if name in _several(view, "subscription.differ") else "same"
        shared = own in ("same", None)
        copies = view.get("sizing.storage_redundancy") if shared else own
        if region in WITHOUT_ZONES and copies in ("Standard_ZRS", "Standard_GZRS"):
            key = "sizing.storage_redundancy" if shared else f"{name}.storage_redundancy"
            yield Problem(key, _no_zones(region, "storage cannot be zone-redundant", "Standard_LRS"))
            return


def _no_zones(region: str, therefore: str, instead: str) -> str:
    return (
        f"{region} has no availability zones, so {therefore}; select {instead}, or the region {WITHOUT_ZONES[region]}"
    )


def regions_have_a_partner(view: View) -> Iterator[Problem]:
    """Geo-redundancy requires a paired region."""
    home = str(view.get("subscription.region"))
    if home in WITHOUT_PARTNER and view.get("data.geo_backup") is True:
        words = f"{home} has no paired region; select no, or the region {WITHOUT_PARTNER[home]}"
        yield Problem("data.geo_backup", words)
    if home in WITHOUT_PARTNER and view.get("sizing.storage_redundancy") == "Standard_GZRS":
        words = f"{home} has no paired region; select Standard_ZRS, or the region {WITHOUT_PARTNER[home]}"
        yield Problem("sizing.storage_redundancy", words)


def regions_back_up_lakes(view: View) -> Iterator[Problem]:
    """Data lake backup is available in few regions; the rule for sovereign clouds is separate."""
    if view.get("monitoring.storage_backup") is not True or view.get("subscription.cloud") != "public":
        return
    without = sorted({region for region in _homes(view).values() if region and region not in WITH_LAKE_BACKUP})
    if without:
        words = f"data lake backup is not available in {', '.join(without)}"
        yield Problem(
            "monitoring.storage_backup",
            f"{words}; select no, or one of the regions {', '.join(sorted(WITH_LAKE_BACKUP))}",
        )


def regions_have_a_private_link(view: View) -> Iterator[Problem]:
    """Front Door reaches a web app through one of the regions with private link origins; elsewhere none is known to be near."""
    if view.get("ingress.kind") != "frontdoor" or view.get("subscription.cloud") != "public":
        return
    named, homes = regions(view), set(_homes(view).values())
    for key, region in named.items():
        if region in homes and region not in PRIVATE_LINK_ORIGINS and region not in NEAREST_ORIGIN:
            words = f"Front Door has no private link origin in or near {region}; select gateway, or one of the regions"
            yield Problem(key, f"{words} {', '.join(sorted(PRIVATE_LINK_ORIGINS))}")


def regions_have_a_redundant_nat(view: View) -> Iterator[Problem]:
    """Zone-redundant NAT gateways are missing in some regions and in sovereign clouds."""
    explicit = view.get("network.nat_gateway") == "zone_redundant"
    if not explicit or view.get("network.egress") != "nat" or view.get("network.mode") in {"existing", "public"}:
        return
    cloud = str(view.get("subscription.cloud"))
    for region in dict.fromkeys(region for region in _homes(view).values() if region):
        if not has_redundant_nat(cloud, region):
            words = f"{region} has no zone-redundant NAT gateways (StandardV2); select zonal, or another region"
            yield Problem("network.nat_gateway", words)
            return


def spokes_are_complete(view: View) -> Iterator[Problem]:
    """Every environment has its own virtual network."""
    if view.get("network.mode") != "existing" or not _several(view, "network.spoke_ids"):
        return
    pairs = [entry.partition("=") for entry in _several(view, "network.spoke_ids")]
    named = [name for name, _, _ in pairs]
    networks = [network.lower() for _, _, network in pairs]
    missing = [name for name in _environments(view) if name not in named]
    twice = sorted({name for name in named if named.count(name) > 1})
    if missing:
        yield Problem("network.spoke_ids", f"no virtual network for {', '.join(missing)}; add {missing[0]}=resource ID")
    elif twice:
        yield Problem("network.spoke_ids", f"more than one virtual network for {', '.join(twice)}; enter one")
    elif len(set(networks)) < len(networks):
        yield Problem("network.spoke_ids", "two environments share a virtual network; each needs its own")


def container_apps_are_beside_their_network(view: View) -> Iterator[Problem]:
    """Azure creates a Container Apps environment only in the subscription of its network (azure-container-apps#1534)."""
    if view.get("network.mode") != "existing":
        return
    spokes = {name: spoke for name, _, spoke in (one.partition("=") for one in _several(view, "network.spoke_ids"))}
    differ = _several(view, "subscription.differ")
    for name in _environments(view):
        own = name in differ
        runtime = view.get(f"{name}.runtime") if own else "same"
        shared = runtime in ("same", None)
        effective = view.get("platform.runtime") if shared else runtime
        if effective != "container_apps" and view.get("platform.control_plane") != "container_app":
            continue
        home = str((own and view.get(f"{name}.subscription")) or view.get("subscription.subscription") or "").lower()
        network = subscription_of(spokes.get(name, "")).lower()
        if home and network and network != home:
            words = f"{name} uses Container Apps, which require a network in the same subscription"
            yield Problem(
                "network.spoke_ids", f"{words}; {name}=… is in {network}: use a network in {home}, or select aks"
            )


def services_are_in_the_cloud(view: View) -> Iterator[Problem]:
    """Selected services are available in the cloud."""
    cloud = str(view.get("subscription.cloud"))
    lacks = LACKING.get(cloud, {})
    for key, value, service in (
        ("ingress.kind", "frontdoor", "frontdoor"),
        ("monitoring.storage_backup", True, "storage_backup"),
        ("monitoring.private_link", "open", "private_link"),
        ("monitoring.private_link", "private_only", "private_link"),
    ):
        if view.get(key) == value and service in lacks:
            yield Problem(key, lacks[service])
    for name, integration in INTEGRATIONS.items():
        if cloud in integration.missing and view.get(f"integrations.{name}") in (True, "new"):
            yield Problem(f"integrations.{name}", integration.missing[cloud])


def _homes(view: View) -> dict[str, str]:
    """Region of each environment."""
    found = regions(view)
    home = found.get("subscription.region", "")
    return {name: found.get(f"{name}.region", home) for name in _environments(view)}


def _environments(view: View) -> list[str]:
    return [name for name in ENVIRONMENTS if name in _several(view, "subscription.environments")]


def _several(view: View, key: str) -> list[str]:
    given = view.get(key)
    return [str(entry) for entry in given] if isinstance(given, list) else []
