"""API versions: those of each type, and the refusal of any other."""

from __future__ import annotations

import re
from functools import cache

from installer.emulator.errors import ArmError
from installer.emulator.providers.clouds import PUBLIC, regions
from installer.emulator.providers.data_files import load
from installer.json_access import as_list, as_object, as_text, member

_FORMAT = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+(\.\d+)?)?", re.IGNORECASE)
_OLDEST = "2014-01-01"
_ARM_NAMESPACES = ("microsoft.resources", "microsoft.authorization", "microsoft.features")
# Created by providers and never deployed: the index of types lists fewer versions than are served.
_VERSIONED_LIKE_PARENT = ("/executions", "/privateendpointconnections")
_GROUPS = "microsoft.resources/resourcegroups"


def versions_of(resource_type: str) -> tuple[str, ...]:
    """The API versions of a type, newest first; empty for an unknown type."""
    return _versions().get(resource_type.lower(), ())


def check_version(resource_type: str, version: str, location: str = "") -> None:
    """Refuses a version that the type does not have (ArmError); unknown types accept any."""
    known = versions_of(resource_type)
    if resource_type.lower().endswith(_VERSIONED_LIKE_PARENT):
        known = (*known, *versions_of(resource_type.rpartition("/")[0]))
    if not known or version.lower() in known:
        return
    namespace, _, kind = resource_type.partition("/")
    if namespace.lower() in _ARM_NAMESPACES:
        raise _invalid(version, known)
    places = ", ".join(as_text(region["name"]) for region in regions(PUBLIC))
    raise ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{version}' for type "
        f"'{kind}'. The supported api-versions are '{', '.join(known)}'. The supported locations are '{places}'.",
    )


def check_form(version: str) -> None:
    """Refuses a string that cannot be an API version of ARM (ArmError): not a date, or not a served one."""
    known = versions_of(_GROUPS)
    if not _FORMAT.fullmatch(version) or not _OLDEST <= version[:10] <= _newest():
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
