"""Changes of other users and of time that make a problem of a right installation."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from installer.cloud.clusters import ADMIN_ROLE, ROLE_DESCRIPTION
from installer.json_access import as_object
from tests.operations.status.observed_estate import Seen

DAY: Final = 86_400.0
_VERSIONS: Final = {"managedclusters": "2026-03-01", "flexibleservers": "2025-08-01", "sites": "2025-03-01"}


def stop(part: str) -> Callable[[Seen], None]:
    def act(one: Seen) -> None:
        found = one.find(part)
        kind = found.split("/")[-2].lower()
        one.ask("POST", f"{found}/stop?api-version={_VERSIONS[kind]}")

    return act


def role_left(one: Seen, description: str = ROLE_DESCRIPTION) -> None:
    """A run is killed while its account is an administrator of the cluster."""
    cluster = one.find("/managedclusters/aks-ff-contoso-dev")
    scope = f"/subscriptions/{one.answers.subscription.subscription}/providers/Microsoft.Authorization"
    properties = {
        "roleDefinitionId": f"{scope}/roleDefinitions/{ADMIN_ROLE}",
        "principalId": "11111111-0000-0000-0000-000000000009",
        "principalType": "User",
        "description": description,
    }
    path = f"{cluster}/providers/Microsoft.Authorization/roleAssignments/11111111-0000-0000-0000-00000000000a"
    one.ask("PUT", f"{path}?api-version=2022-04-01", {"properties": properties})


def tagged(one: Seen) -> None:
    """Another user changes a tag that the templates set."""
    cluster = one.find("/managedclusters/aks-ff-contoso-dev")
    found = one.estate.azure.emulator.resources.get(cluster)
    assert found is not None
    tags = as_object(found.desired.get("tags"))
    one.change(cluster, desired={**found.desired, "tags": {**tags, next(iter(tags)): "theirs"}})


def deleted(one: Seen) -> None:
    """Another user deletes a diagnostic setting."""
    emulator = one.estate.azure.emulator
    found = next(id_ for id_ in one.contents() if "/diagnosticsettings/" in id_)
    emulator.resources.remove(found)


def failed(one: Seen) -> None:
    one.change(one.find("/vaults/kv-ff-contoso-dev"), state="Failed")


def secret_ends(days: float, name: str = "prefect-auth") -> Callable[[Seen], None]:
    def act(one: Seen) -> None:
        secret = next(id_ for id_ in one.contents() if id_.endswith(f"/secrets/{name}"))
        found = one.estate.azure.emulator.resources.get(secret)
        assert found is not None
        ends = int(one.estate.azure.clock.now() + days * DAY)
        attributes = {**as_object(as_object(found.desired["properties"]).get("attributes")), "exp": ends}
        one.change(secret, desired={**found.desired, "properties": {"attributes": attributes}})

    return act


def client_secrets(*days: float) -> Callable[[Seen], None]:
    """Client secrets of the app registration, which end after these days."""

    def act(one: Seen) -> None:
        application = next(id_ for id_ in one.contents() if id_.startswith("/graph/applications/"))
        found = one.estate.azure.emulator.resources.get(application)
        assert found is not None
        credentials = [{"endDateTime": _moment(one, each)} for each in days]
        one.change(application, desired={**found.desired, "passwordCredentials": credentials})

    return act


def _moment(one: Seen, days: float) -> str:
    return datetime.fromtimestamp(one.estate.azure.clock.now() + days * DAY, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spent(amount: float) -> Callable[[Seen], None]:
    def act(one: Seen) -> None:
        budget = next(id_ for id_ in one.contents() if "/budgets/" in id_)
        one.change(budget, computed={"properties": {"currentSpend": {"amount": amount, "unit": "EUR"}}})

    return act


def without_budget(one: Seen) -> None:
    budget = next(id_ for id_ in one.contents() if "/budgets/" in id_)
    one.estate.azure.emulator.resources.remove(budget)


def cluster_version(version: str) -> Callable[[Seen], None]:
    def act(one: Seen) -> None:
        cluster = one.find("/managedclusters/aks-ff-contoso-dev")
        found = one.estate.azure.emulator.resources.get(cluster)
        assert found is not None
        properties = {**as_object(found.computed["properties"]), "currentKubernetesVersion": version}
        one.change(cluster, computed={**found.computed, "properties": properties})

    return act


def old_server(one: Seen) -> None:
    server = one.find("/flexibleservers/pg-ff-contoso")
    found = one.estate.azure.emulator.resources.get(server)
    assert found is not None
    one.change(
        server, desired={**found.desired, "properties": {**as_object(found.desired["properties"]), "version": "11"}}
    )


def old_acceptance(one: Seen) -> None:
    one.accepted = {"dev": one.estate.azure.clock.now() - 45 * DAY}


def no_acceptance(one: Seen) -> None:
    one.accepted = {}
