"""The cloud that the emulator represents: its regions, its host names and the value of environment().

Providers are written for the public cloud; for another cloud, the host names in their responses are replaced.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from installer import shipped_files
from installer.arm_templates.clouds import PUBLIC_CLOUD
from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from installer.jsontypes import Json

PUBLIC: Final = "public"
CLOUDS: Final = (PUBLIC, "usgov", "china")


def environment(cloud: str) -> JsonObject:
    """The value of the template function environment."""
    return PUBLIC_CLOUD if cloud == PUBLIC else as_object(member(load("clouds"), cloud, "environment"))


@cache
def regions(cloud: str) -> list[JsonObject]:
    """Regions of a cloud."""
    every = [as_object(item) for item in as_list(load("regions"))]
    return [item for item in every if (as_text(item.get("cloud")) or PUBLIC) == cloud]


def in_cloud(cloud: str, value: Json) -> Json:
    """Replaces the host names of the public cloud in a JSON value by those of another cloud."""
    if cloud == PUBLIC:
        return value
    if isinstance(value, dict):
        return {name: in_cloud(cloud, item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_cloud(cloud, item) for item in value]
    return _pattern(cloud).sub(lambda found: _hosts(cloud)[found[0]], value) if isinstance(value, str) else value


@cache
def _hosts(cloud: str) -> dict[str, str]:
    pairs = [as_list(pair) for pair in as_list(member(load("clouds"), cloud, "hosts"))]
    optional = [
        as_object(member(row, "hosts"))
        for row in as_object(json.loads(shipped_files.integrations())["services"]).values()
    ]
    pairs += [[hosts[PUBLIC], hosts[cloud]] for hosts in optional if hosts]
    return {as_text(public): as_text(other) for public, other in pairs}


@cache
def _pattern(cloud: str) -> re.Pattern[str]:
    """Matches a suffix only at the end of a host name, so that no name is replaced twice."""
    longest_first = sorted(_hosts(cloud), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)")
