"""Resources that steps need before them, made in the embedded Azure without their templates."""

from installer.cloud.rest import Service
from installer.jsontypes import Json


def put(azure: Service, path: str, version: str, **body: Json) -> None:
    """Create a resource, and wait until it exists."""
    azure.ask("PUT", f"{path}?api-version={version}", body)
    for _ in range(500):
        found = azure.find(f"{path}?api-version={version}")
        properties = found.get("properties") if found else None
        state = properties.get("provisioningState", "Succeeded") if isinstance(properties, dict) else "Succeeded"
        if found and state == "Succeeded":
            return
        assert state != "Failed", found
    raise AssertionError(f"{path} does not exist: {found}")
