"""Names of resource types in the portal's words, such as "Key vault"; they are data, in resource_type_names.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache

from installer.shipped_files import resource_type_names


@cache
def _names() -> Mapping[str, str]:
    return tomllib.loads(resource_type_names())


def type_name(resource_type: str) -> str:
    """The portal's name of a type, or else the last part of the type."""
    return _names().get(resource_type.lower()) or resource_type.rpartition("/")[2]
