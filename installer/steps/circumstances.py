"""What the success of a deployment depends on outside of it: fingerprints that tell later whether it has changed."""

import hashlib
import json
from typing import Final

from installer.cloud.service import Service, quoted
from installer.errors import InstallerError
from installer.jsontypes import Json

RIGHTS: Final = "providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
QUOTA: Final = "providers/Microsoft.Compute/locations/{location}/usages?api-version=2024-07-01"


def circumstances(arm: Service, subscription: str, location: str) -> dict[str, str]:
    """Fingerprints of the rights in a subscription and of what is left of its quota; what cannot be read is left out."""
    asked = {"rights": RIGHTS, "quota": QUOTA.format(location=quoted(location))}
    found: dict[str, str] = {}
    for name, path in asked.items():
        try:
            found[name] = _fingerprint(list[Json](arm.every(f"/subscriptions/{subscription}/{path}")))
        except InstallerError:
            continue
    return found


def _fingerprint(items: list[Json]) -> str:
    ordered = sorted(json.dumps(item, sort_keys=True) for item in items)
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()[:16]
