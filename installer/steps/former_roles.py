"""Step: removes roles that earlier versions assigned at whole key vaults, once the roles at single secrets are in effect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Service
from installer.engine.step import Context, Outputs
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.principals import principals_of
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.resource_titles import ASSIGNMENTS, Principals
from installer.json_access import as_text, member
from installer.resource_id import extended_id_of, name_of

_SECRETS_USER: Final = "4633458b-17de-408a-b874-0445c86b69e6"
_VERSION: Final = "2022-04-01"


@dataclass(frozen=True)
class RemoveFormerRoles:
    """Removes the role Key Vault Secrets User of FlowForge's identities at the vaults of the environments."""

    service: Service
    it: Installation
    needs: tuple[str, ...]
    key: ClassVar[str] = keys.FORMER_ROLES
    title: ClassVar[str] = "Roles of earlier versions removed"

    @property
    def usual_seconds(self) -> float:
        """A request for each environment."""
        return len(self.it.sites) / self.service.target.speed

    def found(self, outputs: Mapping[str, Outputs]) -> Iterator[str]:
        """IDs of the role assignments; `outputs`: of the deployed stages, which name the identities. Queries Azure."""
        for site in self.it.sites:
            yield from self.found_at(site, outputs)

    def found_at(self, site: Site, outputs: Mapping[str, Outputs]) -> Iterator[str]:
        """The same of one environment."""
        own = {one.object_id.lower() for one in principals_of(outputs, site.name).values()}
        group, vault = self.it.names.group(site.name), self.it.names.key_vault(site.name)
        where = resource_id(site.subscription, group, "Microsoft.KeyVault/vaults", vault)
        path = f"{where}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()&api-version={_VERSION}"
        for one in self.service.every(path, doing=f"read the role assignments of {vault}"):
            at = extended_id_of(as_text(one.get("id"))).lower()
            role = name_of(as_text(member(one, "properties", "roleDefinitionId"))).lower()
            principal = as_text(member(one, "properties", "principalId")).lower()
            if at == where.lower() and role == _SECRETS_USER and principal in own:
                yield as_text(one.get("id"))

    def check(self, context: Context) -> Outputs | None:
        """Done when there are none."""
        return None if next(self.found(context.outputs), None) else {}

    def apply(self, context: Context) -> Outputs:
        """Delete them; one that Azure does not delete is named, and the run continues."""
        for one in list(self.found(context.outputs)):
            try:
                self.service.ask("DELETE", f"{one}?api-version={_VERSION}", doing="remove a role of an earlier version")
            except AzureRefused as refused:
                text = f"Role of an earlier version at a whole key vault: Azure does not delete {one}: {refused.code}"
                context.emit("warning", text, left=text, id=one)
                continue
            context.emit(
                "log",
                f"deleted {Principals({}).title(one, ASSIGNMENTS, None)}: its identity reads single secrets",
                ids=[one],
            )
        return {}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing depends on it."""
