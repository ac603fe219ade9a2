"""Reads the data files of the providers: regions, API versions, published schemas, the seeded tenant."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.jsontypes import Json


@cache
def load(name: str) -> Json:
    """Returns the content of data/<name>.json, read once."""
    text = resources.files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    value: Json = json.loads(text)
    return value
