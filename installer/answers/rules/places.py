"""Rules about places: regions, networks that exist, clouds that lack something."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.answers.pages.patterns import ENVIRONMENTS
from installer.conventions.regions import LACKING, WITH_LAKE_BACKUP, WITHOUT_PARTNER, WITHOUT_ZONES
from installer.errors import Problem


def regions(view: View) -> dict[str, str]:
    """Key of the question to the region that it names, for all that are in use."""
    found = {"subscription.region": view.get("subscription.region")}
    for name in _environments(view):
        if name in _several(view, "subscription.differ"):
            found[f"{name}.region"] = view.get(f"{name}.region")
    return {key: region for key, region in found.items() if isinstance(region, str) and region}


def regions_are_allowed(view: View) -> Iterator[Problem]:
    """Nothing is built where the organisation does not allow it."""
    allowed = _several(view, "governance.allowed_regions")
    for key, region in regions(view).items():
        if allowed and region not in allowed:
            yield Problem(key, f"{region} is not among the allowed regions: {', '.join(allowed)}")


def regions_have_zones(view: View) -> Iterator[Problem]:
    """A standby in another zone, and copies in three, need a region that has zones."""
    home = str(view.get("subscription.region"))
    if home in WITHOUT_ZONES and view.get("sizing.postgres_ha") is True:
        yield Problem("sizing.postgres_ha", _no_zones(home, "there is no place for a standby", "no standby"))
    for name, region in _homes(view).items():
        own = view.get(f"{name}.storage_redundancy") if name in _several(view, "subscription.differ") else "same"
        shared = own in ("same", None)
        copies = view.get("sizing.storage_redundancy") if shared else own
        if region in WITHOUT_ZONES and copies in ("Standard_ZRS", "Standard_GZRS"):
            key = "sizing.storage_redundancy" if shared else f"{name}.storage_redundancy"
            yield Problem(key, _no_zones(region, "data cannot be kept in three", "Standard_LRS"))
            return


def _no_zones(region: str, therefore: str, instead: str) -> str:
    return f"{region} has no availability zones, so {therefore}; take {instead}, or the region {WITHOUT_ZONES[region]}"


def regions_have_a_partner(view: View) -> Iterator[Problem]:
    """What is copied to the paired region needs one."""
    home = str(view.get("subscription.region"))
    if home in WITHOUT_PARTNER and view.get("data.geo_backup") is True:
        words = f"{home} is paired with no region; take no, or the region {WITHOUT_PARTNER[home]}"
        yield Problem("data.geo_backup", words)
    if home in WITHOUT_PARTNER and view.get("sizing.storage_redundancy") == "Standard_GZRS":
        words = f"{home} is paired with no region; take Standard_ZRS, or the region {WITHOUT_PARTNER[home]}"
        yield Problem("sizing.storage_redundancy", words)


def regions_back_up_lakes(view: View) -> Iterator[Problem]:
    """A lake is backed up in its own region, of which few can; sovereign clouds have a rule of their own."""
    if view.get("monitoring.storage_backup") is not True or view.get("subscription.cloud") != "public":
        return
    without = sorted({region for region in _homes(view).values() if region and region not in WITH_LAKE_BACKUP})
    if without:
        words = f"lakes are not backed up in {', '.join(without)}"
        yield Problem(
            "monitoring.storage_backup",
            f"{words}; take no, or one of the regions {', '.join(sorted(WITH_LAKE_BACKUP))}",
        )


def spokes_are_complete(view: View) -> Iterator[Problem]:
    """Every environment has one network of its own."""
    if view.get("network.mode") != "existing" or not _several(view, "network.spoke_ids"):
        return
    pairs = [entry.partition("=") for entry in _several(view, "network.spoke_ids")]
    named = [name for name, _, _ in pairs]
    networks = [network.lower() for _, _, network in pairs]
    missing = [name for name in _environments(view) if name not in named]
    twice = sorted({name for name in named if named.count(name) > 1})
    if missing:
        yield Problem(
            "network.spoke_ids", f"no network is given for {', '.join(missing)}; add {missing[0]}=resource id"
        )
    elif twice:
        yield Problem("network.spoke_ids", f"more than one network is given for {', '.join(twice)}; give one")
    elif len(set(networks)) < len(networks):
        yield Problem("network.spoke_ids", "two environments are given the same network; each needs one of its own")


def the_cloud_has_it(view: View) -> Iterator[Problem]:
    """Sovereign clouds lack some services."""
    lacks = LACKING.get(str(view.get("subscription.cloud")), {})
    for key, value, service in (
        ("ingress.kind", "frontdoor", "frontdoor"),
        ("integrations.purview", "new", "purview"),
        ("monitoring.storage_backup", True, "storage_backup"),
    ):
        if view.get(key) == value and service in lacks:
            yield Problem(key, lacks[service])


def _homes(view: View) -> dict[str, str]:
    """Environment to its region."""
    found = regions(view)
    home = found.get("subscription.region", "")
    return {name: found.get(f"{name}.region", home) for name in _environments(view)}


def _environments(view: View) -> list[str]:
    return [name for name in ENVIRONMENTS if name in _several(view, "subscription.environments")]


def _several(view: View, key: str) -> list[str]:
    given = view.get(key)
    return [str(entry) for entry in given] if isinstance(given, list) else []
