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
from installer.emulator.providers.agent_pools import inline_pool
from installer.emulator.providers.deployment_scripts import remembered_outputs
from installer.emulator.providers.key_vault import VAULT_TYPE, soft_deleted
from installer.emulator.providers.kubernetes.watch_log import WatchLogs
from installer.emulator.providers.list_keys import implied
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
from installer.json_access import JsonObject, as_object, as_text, member, merged, objects_of
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.clock import Clock
    from installer.emulator.faults.requested import Fault
    from installer.emulator.state.database import Database
    from installer.emulator.survey import Survey
    from installer.resource_id import ResourceId

_IN_BODY = "agentPoolProfiles"
"""Member of a cluster's body with its agent pools."""


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
        """A stored resource, or one that exists implicitly with its parent; None without either."""
        stored, parsed = self.resources.get(resource_id), parse_id(resource_id)
        if stored is not None or parsed is None or parsed.parent is None:
            return stored
        parent = self.resources.get(parsed.parent.id)
        return (implied(parsed, parent) or inline_pool(parsed, parent)) if parent is not None else None

    def find_pool(self, parsed: ResourceId) -> Resource | None:
        """An agent pool that exists by the body of its cluster only; None for any other resource."""
        if parsed.parent is None or self.resources.get(parsed.id) is not None:
            return None
        cluster = self.resources.get(parsed.parent.id)
        return inline_pool(parsed, cluster) if cluster is not None else None

    def pools_in_body(self, cluster: str, resource_type: str) -> list[Resource]:
        """The agent pools that exist by the body of a cluster only; none for a collection of another type."""
        owner = self.resources.get(cluster)
        names = (
            [as_text(one.get("name")) for one in objects_of(member(owner.desired, "properties", _IN_BODY))]
            if owner
            else []
        )
        found = [
            self.find_pool(one)
            for name in names
            if (one := parse_id(f"{cluster}/{resource_type.rpartition('/')[2]}/{name}"))
        ]
        return [one for one in found if one is not None]

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
