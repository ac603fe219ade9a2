"""What the installer asks of Microsoft Graph: app registrations, what may stand in for their secrets, and their principals."""

from collections.abc import Mapping

from installer.cloud.rest import Service, quoted
from installer.jsontypes import Json


class Graph:
    """The directory of one tenant. Methods block; every failure is an AzureRefused."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def by_name(self, unique_name: str) -> dict[str, Json] | None:
        """The app registration with a unique name of ours."""
        return self._service.find(f"/applications(uniqueName='{quoted(unique_name)}')", doing="look for the app")

    def by_client(self, client_id: str) -> dict[str, Json] | None:
        """The app registration with a client id."""
        return self._service.find(f"/applications(appId='{quoted(client_id)}')", doing="look for the app registration")

    def register(self, unique_name: str, content: Mapping[str, Json]) -> None:
        """Make the app registration with this unique name, or change it; what is not named stays as it is."""
        path = f"/applications(uniqueName='{quoted(unique_name)}')"
        self._service.ask("PATCH", path, content, prefer="create-if-missing", doing="register the app")

    def credentials(self, object_id: str) -> list[dict[str, Json]]:
        """What may stand in for a secret of an app registration."""
        return self._service.every(_credentials(object_id), doing="look at the credentials of the app")

    def add_credential(self, object_id: str, content: Mapping[str, Json]) -> None:
        """One more."""
        self._service.ask("POST", _credentials(object_id), content, doing="add a credential to the app")

    def change_credential(self, object_id: str, credential: str, content: Mapping[str, Json]) -> None:
        """Set one right."""
        path = f"{_credentials(object_id)}/{quoted(credential)}"
        self._service.ask("PATCH", path, content, doing="set a credential of the app right")

    def principal(self, client_id: str) -> dict[str, Json] | None:
        """The service principal of an app registration."""
        return self._service.find(f"/servicePrincipals(appId='{quoted(client_id)}')", doing="look for the principal")

    def add_principal(self, client_id: str) -> None:
        """Make it."""
        self._service.ask("POST", "/servicePrincipals", {"appId": client_id}, doing="make the principal of the app")

    def assigned(self, principal_id: str) -> list[dict[str, Json]]:
        """Who has which role of an app."""
        return self._service.every(_assigned(principal_id), doing="look at the roles of the app")

    def assign(self, principal_id: str, role_id: str, holder_id: str) -> None:
        """Give somebody a role of an app."""
        content: dict[str, Json] = {"principalId": holder_id, "resourceId": principal_id, "appRoleId": role_id}
        self._service.ask("POST", _assigned(principal_id), content, doing="give a role of the app")


def _credentials(object_id: str) -> str:
    return f"/applications/{quoted(object_id)}/federatedIdentityCredentials"


def _assigned(principal_id: str) -> str:
    return f"/servicePrincipals/{quoted(principal_id)}/appRoleAssignedTo"
