"""Roles of the identities of pipelines: what each may do, and where.

The identity of the plan, and that of the environment that carries it out, deploy the whole installation: what-if, too, needs the right
to write what it predicts (Microsoft Learn, ValidationLevel "Provider"). That of any other environment deploys flows: it starts jobs
and changes container apps in its own resource group, uses what all environments share, and reads the rest. Which requests
that are, tests have from commands of a rehearsal (tests/handover/pipelines/requests/).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from installer.handover.pipelines.content import PLAN, Content
from installer.json_access import as_list, as_text
from installer.preflight.rights.custom_role import custom_role
from installer.preflight.rights.needs import CALLER, Need, needs_of
from installer.resource_id import group_of, subscription_of

ACR_PUSH: Final = "8311e382-0749-4cb8-b61a-304f252e45ec"
"""Role AcrPush (role_names.json): a deployer has no right to push."""
_ASSIGN: Final = "Microsoft.Authorization/roleAssignments/write"
_UNASSIGN: Final = "Microsoft.Authorization/roleAssignments/delete"
_CHANGE_APP: Final = "Microsoft.App/containerApps/write"
_RECORD: Final = "Microsoft.Resources/deployments/write"
"""Flows record their image as a deployment without resources; one with resources needs the rights to these, too."""
_QUERY: Final = "Microsoft.OperationalInsights/workspaces/query/read"
"""The workspace with the output of the jobs of an environment is in a group that all share."""
_GROUP_WRITE: Final = "Microsoft.Resources/subscriptions/resourceGroups/write"
_REGISTRY_WRITE: Final = "microsoft.containerregistry/registries/write"
_ROLE: Final = "roledefinitionid"
"""Attribute of a need: the role that is assigned."""


@dataclass(frozen=True)
class PipelineRole:
    """A role for identities, at scopes.

    Attributes:
        title: Its name.
        actions: Its actions; none for a built-in role.
        holders: Names of the identities that hold it.
        scopes: IDs of subscriptions and resource groups.
        built_in: ID of a built-in role.
        assignable: IDs of the roles that its holders may assign; none if it cannot assign roles.
        removes_any: Whether they may remove assignments of other roles, too: those of an earlier version.

    """

    title: str
    actions: tuple[str, ...]
    holders: tuple[str, ...]
    scopes: tuple[str, ...]
    built_in: str = ""
    assignable: tuple[str, ...] = ()
    removes_any: bool = False

    @property
    def condition(self) -> str:
        """Condition of its assignments: only these roles may be assigned, and removed unless the whole installation is deployed.

        learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples (constrain roles).
        """
        if not self.assignable:
            return ""
        attribute = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
        ids = f"{{{', '.join(self.assignable)}}}"
        assign = f"((!(ActionMatches{{'{_ASSIGN}'}})) OR (@Request[{attribute}] ForAnyOfAnyValues:GuidEquals {ids}))"
        remove = f"((!(ActionMatches{{'{_UNASSIGN}'}})) OR (@Resource[{attribute}] ForAnyOfAnyValues:GuidEquals {ids}))"
        return assign if self.removes_any else f"{assign} AND {remove}"


def pipeline_roles(content: Content) -> tuple[PipelineRole, ...]:
    """The roles, each only with actions that the installation needs there."""
    return tuple(_roles(content))


def created_groups(content: Content) -> frozenset[str]:
    """IDs of the resource groups that exist after the first installation."""
    return frozenset(need.place for need in needs_of(content.answers) if need.action == _GROUP_WRITE)


def _roles(content: Content) -> Iterator[PipelineRole]:
    whole, needs = custom_role(content.answers), needs_of(content.answers)
    created = created_groups(content)
    subscriptions = tuple(
        dict.fromkeys(
            f"/subscriptions/{subscription_of(need.place)}"
            for need in needs
            if not group_of(need.place) or need.place in created
        )
    )
    # Of a subscription of others, such as that of an existing hub, only the resource groups that are named.
    elsewhere = [need for need in needs if f"/subscriptions/{subscription_of(need.place)}" not in subscriptions]
    actions = tuple(as_text(one) for one in as_list(whole["Actions"]))
    deployers = (PLAN, content.deploys)
    name = as_text(whole["Name"])
    scopes = (*subscriptions, *_places(elsewhere))
    yield PipelineRole(name, actions, deployers, scopes, assignable=_assigned(needs), removes_any=True)
    registry = dict.fromkeys(need.place for need in needs if need.action.lower() == _REGISTRY_WRITE)
    yield PipelineRole("AcrPush", (), (content.deploys,), tuple(registry), ACR_PUSH)
    others = tuple(name for name in content.it.environments if name not in deployers)
    if not others:
        return
    everywhere = [need for need in needs if not group_of(need.place) and need.action.endswith("/read")]
    reads = tuple(sorted({*_actions(everywhere), _RECORD}))
    yield PipelineRole(f"FlowForge reader of {content.prefix}", reads, others, subscriptions)
    owners = {content.it.names.group(name).lower(): name for name in content.it.environments}
    used = [need for need in needs if need.place in created and need.action.endswith(("/read", "/action"))]
    shared = [need for need in used if group_of(need.place).lower() not in owners]
    uses = tuple(sorted({*_actions(shared), _QUERY}))
    yield PipelineRole(f"FlowForge user of {content.prefix}", uses, others, _places(shared))
    for name in others:
        own = [need for need in used if owners.get(group_of(need.place).lower()) == name]
        within = [need for need in needs if owners.get(group_of(need.place).lower()) == name]
        changes = {need.action for need in within if need.action == _CHANGE_APP}
        assigned: tuple[str, ...] = ()
        if content.it.site(name).on_kubernetes:
            # A program in a cluster is started as its administrator, for as long as it runs.
            assigned = _assigned(need for need in within if dict(need.attributes).get("principaltype") == CALLER)
            changes |= {_ASSIGN, _UNASSIGN}
        found = tuple(sorted({*_actions(own), *changes}))
        title = f"FlowForge operator of {content.prefix} {name}"
        yield PipelineRole(title, found, (name,), _places(own), assignable=assigned)


def _actions(needs: Iterable[Need]) -> tuple[str, ...]:
    return tuple(sorted({need.action for need in needs}))


def _places(needs: Iterable[Need]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(need.place for need in needs))


def _assigned(needs: Iterable[Need]) -> tuple[str, ...]:
    """IDs of the roles that the installation assigns."""
    return tuple(sorted({dict(need.attributes)[_ROLE] for need in needs if _ROLE in dict(need.attributes)}))
