"""API versions: which ones a type has, and what is said of one that it does not have."""

from __future__ import annotations

import re
from functools import cache

from installer.emulator.errors import ArmError
from installer.emulator.providers.clouds import PUBLIC, regions
from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_object, as_text, member

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+(\.\d+)?)?", re.IGNORECASE)
_OLDEST = "2014-01-01"
_OF_ARM = ("microsoft.resources", "microsoft.authorization", "microsoft.features")
# Made by providers and never deployed: the index of types tells less of them than is served.
_AS_THEIR_PARENT = ("/executions", "/privateendpointconnections")
_GROUPS = "microsoft.resources/resourcegroups"


def versions_of(resource_type: str) -> tuple[str, ...]:
    """The API versions of a type, newest first; none when nothing is known of the type."""
    return _versions().get(resource_type.lower(), ())


def check_version(resource_type: str, version: str, location: str = "") -> None:
    """Refuse a version that the type does not have (ArmError); types of which nothing is known take any."""
    known = versions_of(resource_type)
    if resource_type.lower().endswith(_AS_THEIR_PARENT):
        known = (*known, *versions_of(resource_type.rpartition("/")[0]))
    if not known or version.lower() in known:
        return
    namespace, _, kind = resource_type.partition("/")
    if namespace.lower() in _OF_ARM:
        raise _invalid(version, known)
    places = ", ".join(as_text(region["name"]) for region in regions(PUBLIC))
    raise ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{version}' for type "
        f"'{kind}'. The supported api-versions are '{', '.join(known)}'. The supported locations are '{places}'.",
    )


def check_form(version: str) -> None:
    """Refuse what cannot be an API version of ARM itself (ArmError): no date, or one that is not served."""
    known = versions_of(_GROUPS)
    if not _FORM.fullmatch(version) or not _OLDEST <= version[:10] <= _newest():
        raise _invalid(version, known)


@cache
def _newest() -> str:
    """The date of the newest version of any type."""
    return max(item[:10] for versions in _versions().values() for item in versions)


def _invalid(version: str, known: tuple[str, ...]) -> ArmError:
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. The supported versions are '{','.join(known)}'.",
    )


@cache
def _versions() -> dict[str, tuple[str, ...]]:
    found = {
        f"{namespace}/{kind}".lower(): tuple(as_text(version).lower() for version in as_list(versions))
        for namespace, kinds in as_object(load("api_versions")).items()
        for kind, versions in as_object(kinds).items()
    }
    for name, more in as_object(member(load("clients"), "versions")).items():
        found[name] = tuple(sorted({*found[name], *map(as_text, as_list(more))}, reverse=True))
    return found
