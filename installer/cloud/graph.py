"""Client of Microsoft Graph: app registrations, federated credentials, service principals, app roles."""

from collections.abc import Mapping

from installer.cloud.rest import Service, quoted
from installer.jsontypes import Json


class Graph:
    """Microsoft Graph for one tenant. Methods block; every failure is an AzureRefused."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def by_name(self, unique_name: str) -> dict[str, Json] | None:
        """The app registration with this unique name."""
        return self._service.find(
            f"/applications(uniqueName='{quoted(unique_name)}')", doing="read the app registration"
        )

    def by_client(self, client_id: str) -> dict[str, Json] | None:
        """The app registration with this application (client) ID."""
        return self._service.find(f"/applications(appId='{quoted(client_id)}')", doing="read the app registration")

    def register(self, unique_name: str, content: Mapping[str, Json]) -> None:
        """Create or update the app registration with this unique name; properties not in `content` stay unchanged."""
        path = f"/applications(uniqueName='{quoted(unique_name)}')"
        self._service.ask("PATCH", path, content, prefer="create-if-missing", doing="create the app registration")

    def credentials(self, object_id: str) -> list[dict[str, Json]]:
        """Federated credentials of an app registration."""
        return self._service.every(_credentials(object_id), doing="read the federated credentials")

    def add_credential(self, object_id: str, content: Mapping[str, Json]) -> None:
        """Add a federated credential."""
        self._service.ask("POST", _credentials(object_id), content, doing="add a federated credential")

    def change_credential(self, object_id: str, credential: str, content: Mapping[str, Json]) -> None:
        """Update a federated credential."""
        path = f"{_credentials(object_id)}/{quoted(credential)}"
        self._service.ask("PATCH", path, content, doing="update a federated credential")

    def principal(self, client_id: str) -> dict[str, Json] | None:
        """The service principal of an app registration."""
        return self._service.find(
            f"/servicePrincipals(appId='{quoted(client_id)}')", doing="read the service principal"
        )

    def add_principal(self, client_id: str) -> None:
        """Create the service principal of an app registration."""
        self._service.ask("POST", "/servicePrincipals", {"appId": client_id}, doing="create the service principal")

    def require_assignment(self, principal_id: str) -> None:
        """Let only assigned users and groups sign in to an app."""
        path = f"/servicePrincipals/{quoted(principal_id)}"
        self._service.ask("PATCH", path, {"appRoleAssignmentRequired": True}, doing="require assignment")

    def assigned(self, principal_id: str) -> list[dict[str, Json]]:
        """App role assignments of a service principal."""
        return self._service.every(_assigned(principal_id), doing="read the app role assignments")

    def assign(self, principal_id: str, role_id: str, holder_id: str) -> None:
        """Assign an app role to a principal."""
        content: dict[str, Json] = {"principalId": holder_id, "resourceId": principal_id, "appRoleId": role_id}
        self._service.ask("POST", _assigned(principal_id), content, doing="assign an app role")


def _credentials(object_id: str) -> str:
    return f"/applications/{quoted(object_id)}/federatedIdentityCredentials"


def _assigned(principal_id: str) -> str:
    return f"/servicePrincipals/{quoted(principal_id)}/appRoleAssignedTo"
