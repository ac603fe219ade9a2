"""Values that a real provider generates at random, derived from the resource id instead: reproducible."""

from __future__ import annotations

import uuid

_DERIVED = uuid.UUID("5d4a3f2e-6a0b-5c1d-9e8f-7a6b5c4d3e2f")


def derived_guid(resource_id: str, purpose: str) -> str:
    """A GUID that is the same on every run for the same resource and purpose."""
    return str(uuid.uuid5(_DERIVED, f"{purpose}:{resource_id.lower()}"))


def derived_hex(resource_id: str, purpose: str, length: int) -> str:
    """Up to 32 hexadecimal digits that depend on the resource only."""
    return derived_guid(resource_id, purpose).replace("-", "")[:length]


def derived_etag(resource_id: str, changed: float) -> str:
    """The tag of a resource; every write changes it."""
    return f'W/"{derived_guid(f"{resource_id}@{changed}", "etag")}"'
