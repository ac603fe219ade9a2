"""The emulator object: state, clock, directory and faults of one embedded Azure, passed to the other modules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.emulator.authorization.access import Access
from installer.emulator.authorization.tenant import Directory, open_directory, registered_namespaces
from installer.emulator.faults import conditions
from installer.emulator.faults.injection import Faults
from installer.emulator.faults.offers import open_region, surveyed
from installer.emulator.governance.policy.service import Policies
from installer.emulator.providers import registry
from installer.emulator.providers.built_in_definitions import built_in_definition
from installer.emulator.providers.deployment_scripts import remembered_outputs
from installer.emulator.providers.implicit_children import implicit_child, implicit_children
from installer.emulator.providers.key_vault import VAULT_TYPE, soft_deleted
from installer.emulator.providers.kubernetes.watch_log import WatchLogs
from installer.emulator.providers.managed_identity import system_identity
from installer.emulator.providers.provider import ProviderContext
from installer.emulator.providers.read_members import complete
from installer.emulator.seeding import remembered, seed
from installer.emulator.state.deployments import Deployments
from installer.emulator.state.jobs import Jobs
from installer.emulator.state.registrations import Registrations
from installer.emulator.state.request_log import RequestLog
from installer.emulator.state.resources import Resource, Resources
from installer.emulator.state.secret_values import SecretValues
from installer.emulator.survey import NOTHING
from installer.json_access import JsonObject, as_object, merged
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.clock import Clock
    from installer.emulator.faults.requested import Fault
    from installer.emulator.state.database import Database
    from installer.emulator.survey import Survey


@dataclass(frozen=True)
class Emulator:
    """State, clock and directory of one embedded Azure; `speed` divides every simulated duration."""

    database: Database
    clock: Clock
    speed: float
    directory: Directory
    resources: Resources
    deployments: Deployments
    jobs: Jobs
    registrations: Registrations
    request_log: RequestLog
    faults: Faults
    access: Access
    policies: Policies
    secret_values: SecretValues
    survey: Survey = NOTHING
    watches: WatchLogs = field(default_factory=WatchLogs)
    script_outputs: Mapping[str, JsonObject] = field(default_factory=dict)

    def real_seconds(self, seconds: float) -> float:
        """Convert a simulated duration to real seconds."""
        return seconds / self.speed

    def find_resource(self, resource_id: str) -> Resource | None:
        """A stored resource, one that exists with its parent or owner, or a built-in definition; None without any."""
        stored, parsed = self.resources.get(resource_id), parse_id(resource_id)
        if stored is not None or parsed is None:
            return stored
        return (
            implicit_child(self.resources, parsed, self.view)
            or built_in_definition(self.resources, parsed)
            or system_identity(self.resources, parsed)
        )

    def children_of(self, parent_id: str, resource_type: str) -> list[Resource]:
        """All children of a type: those that exist implicitly, and those that were written."""
        parsed = parse_id(parent_id)
        parent = self.find_resource(parent_id) if parsed is not None else None
        implicit = implicit_children(self.resources, parent, resource_type, self.view) if parent is not None else []
        stored = self.resources.children(f"{parent_id}/{resource_type.rpartition('/')[2]}", resource_type)
        return [*implicit, *stored]

    def provider_context(self, resource: Resource, before: Resource | None = None) -> ProviderContext:
        """A resource as its provider sees it."""
        return ProviderContext(
            resource,
            before,
            self.resources,
            self.directory.tenant_id,
            self.clock.now(),
            self.speed,
            self.survey,
            self.directory.cloud,
            self.script_outputs,
        )

    def remove(self, resource_id: str) -> None:
        """Delete a resource with everything under it; vaults stay soft-deleted until purged."""
        key = resource_id.lower()
        gone = [
            vault for vault in self.resources.of_type(VAULT_TYPE) if vault.key == key or vault.key.startswith(f"{key}/")
        ]
        with self.database.transaction():
            removed = self.resources.under(resource_id)
            self.resources.remove(resource_id)
            for vault in gone:
                self.resources.save(soft_deleted(vault, self.clock.now()))
            for resource in removed:
                registry.removed(self.provider_context(resource))

    def view(self, resource: Resource) -> JsonObject:
        """A resource as a GET answers it."""
        hooks = registry.hooks_of(resource.type)
        context = self.provider_context(resource)
        whole = complete(context, merged(resource.view(), registry.display(context)))
        if hooks.immediate:
            as_object(whole["properties"]).pop("provisioningState", None)
        return whole


def open_emulator(
    database: Database,
    clock: Clock,
    speed: float,
    *,
    tenant: str | None = None,
    subscriptions: Iterable[str] = (),
    faults: Iterable[Fault] = (),
    caller: Identity | None = None,
    survey: Survey | None = None,
    cloud: str | None = None,
    vault_key: str = "",
    script_outputs: Mapping[str, JsonObject] | None = None,
) -> Emulator:
    """Open the emulator whose state is in a database.

    Args:
        database: The open state.
        clock: Source of the current time.
        speed: How many times faster than Azure.
        tenant: Tenant id, in place of the seeded one; kept with the state.
        subscriptions: Further subscriptions, `ID` or `ID=name`; kept with the state.
        faults: Faults to inject.
        caller: The service principal that fault messages name and whose rights are checked.
        survey: Survey of a real subscription; kept with the state for later starts without one.
        cloud: Name of the emulated cloud; kept like the survey.
        script_outputs: Outputs of deployment scripts by lower-case name; kept like the survey.
        vault_key: Key of the stored values of secrets, "" to lose them with this process.

    """
    directory = open_directory(database, tenant, subscriptions, cloud)
    about = {"tenant": directory.tenant_id}
    if caller is not None:
        about |= {"client": caller.client_id, "object": caller.object_id}
    known = remembered(database, survey)
    directory = directory.surveyed(known.subscriptions())
    resources = Resources(database)
    registrations = Registrations(database, registered_namespaces())
    seed(database, known, resources, registrations, clock.now())
    injected = tuple(faults)
    homes = [one.id for one in directory.subscriptions]
    conditions.keep(database, resources, injected, homes, cloud=directory.cloud, moment=clock.now())
    known = surveyed(known, injected, directory.cloud)
    return Emulator(
        database=database,
        clock=clock,
        speed=speed,
        directory=directory,
        resources=resources,
        deployments=Deployments(database),
        jobs=Jobs(database),
        registrations=registrations,
        request_log=RequestLog(database),
        faults=Faults(database, injected, about, open_region(directory.cloud)),
        access=Access(resources, known, about.get("client", ""), about.get("object", "")),
        policies=Policies(resources, clock, directory),
        secret_values=SecretValues(database, vault_key),
        survey=known,
        script_outputs=remembered_outputs(database, script_outputs),
    )
