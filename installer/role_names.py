"""Names of built-in roles by ID, from role_names.json, which the embedded Azure shares. Pure."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from installer.shipped_files import role_names

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def built_in_names() -> Mapping[str, str]:
    """Name of each built-in role by its ID in lower case."""
    return {identity.lower(): name for identity, name in json.loads(role_names())["names"].items()}
