"""Permissions of service accounts: roles and their bindings in a namespace.

Text: kubernetes.io/docs/reference/access-authn-authz/authorization; rules: kubernetes.io/docs/reference/access-authn-authz/rbac.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.emulator.providers.kubernetes.pods import namespace_of
from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from installer.jsontypes import Json


@dataclass(frozen=True)
class Access:
    """A request of a service account.

    Attributes:
        subject: Its name: system:serviceaccount:NAMESPACE:NAME.
        verb: get, list, watch, create, patch or delete.
        group: API group.
        resource: Plural name of the kind, with the subresource.
        namespace: The namespace, "" for all of them.

    """

    subject: str
    verb: str
    group: str
    resource: str
    namespace: str


def forbidden(access: Access, objects: Callable[[str], Sequence[JsonObject]]) -> str:
    """Why a request is refused, or ''. Only roles of a namespace exist here.

    Args:
        access: The request.
        objects: All objects of a kind.

    """
    roles = {(namespace_of(one), as_text(member(one, "metadata", "name"))): one for one in objects("Role")}
    for binding in objects("RoleBinding"):
        place = namespace_of(binding)
        role = roles.get((place, as_text(member(binding, "roleRef", "name"))))
        bound = role is not None and place == access.namespace and access.subject in _subjects(binding)
        if bound and any(_allows(rule, access) for rule in objects_of(member(role, "rules"))):
            return ""
    place = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    full = f"{access.resource}.{access.group}" if access.group else access.resource
    return (
        f'{full} is forbidden: User "{access.subject}" cannot {access.verb} resource "{access.resource}" '
        f'in API group "{access.group}" {place}'
    )


def _subjects(binding: JsonObject) -> Iterator[str]:
    for one in objects_of(binding.get("subjects")):
        if one.get("kind") == "ServiceAccount":
            yield f"system:serviceaccount:{one.get('namespace') or namespace_of(binding)}:{one.get('name')}"


def _allows(rule: JsonObject, access: Access) -> bool:
    wanted = {"verbs": access.verb, "apiGroups": access.group, "resources": access.resource}
    return all(_has(rule.get(name), value) for name, value in wanted.items())


def _has(values: Json, value: str) -> bool:
    return value in as_list(values) or "*" in as_list(values)


def status(code: int, reason: str, message: str) -> JsonObject:
    """An error of the API server: kubernetes.io/docs/reference/kubernetes-api/common-definitions/status."""
    return as_object(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
        }
    )
