"""Run command: kubectl in a private Kubernetes cluster through Azure Resource Manager.

Azure runs each command in a pod of the cluster with the permissions of the signed-in account. That requires an Azure RBAC
role for the Kubernetes API, which Owner of the subscription does not include: it is assigned for the time of the run only.
"""

import base64
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from installer.cloud.errors import AzureRefused, refusals
from installer.cloud.rest import Service, kind_of_account, signed_in
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.resource_id import name_of, subscription_of
from installer.sanitize import clean

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

SERVER_APP: Final = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Audience of tokens for clusters with Entra authentication (the documented AKS server application)."""
ADMIN_ROLE: Final = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
"""Azure Kubernetes Service RBAC Cluster Admin."""
ROLE_DESCRIPTION: Final = "For the time of a run of the FlowForge installer"
"""Description of its assignment to an account."""
_VERSION: Final = "2026-03-01"
_ROLES_VERSION: Final = "2022-04-01"
_POLL_SECONDS: Final = 3.0
MIN_POLL_SECONDS: Final = 0.25
_MAX_POLLS: Final = 400
_MAX_LOG_CHARACTERS: Final = 600_000
"""Slightly more than the output limit of a command."""
_UNAUTHORIZED: Final = re.compile(r"\(Forbidden\): (?:.* is forbidden: )?User \"[^\"]*\" cannot ")
"""Text of the API server for a missing permission: kubernetes.io/docs/reference/access-authn-authz/authorization."""
_WEBHOOK: Final = "admission webhook "
"""Beginning of the refusal of a webhook: kubernetes/kubernetes, apiserver/pkg/admission/plugin/webhook/errors/statuserror.go."""
_NAMESPACE: Final = UUID("2f0c7b52-1c64-4d8b-a7b7-90f3ad4d1e65")
"""UUID namespace for the names of FlowForge's role assignments, so that a resumed run finds them."""


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a command."""

    code: int
    log: str

    @property
    def forbidden(self) -> bool:
        """Whether the account had no permission in the cluster.

        Quotas, Pod Security, admission policies and webhooks refuse objects as forbidden, too, and a webhook in any words:
        kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers ("Response").
        """
        lines = (line for line in self.log.splitlines() if _WEBHOOK not in line)
        return self.code != 0 and any(_UNAUTHORIZED.search(line) for line in lines)


class ClusterCommands:
    """Commands in the cluster with this resource ID. Methods block."""

    def __init__(self, arm: Service, cluster: str) -> None:
        self.arm = arm
        self.cluster = cluster

    def run(self, command: str, files: Mapping[str, str], pause: Callable[[float], None]) -> CommandResult:
        """Run a command to completion.

        Args:
            command: The command line.
            files: Text files for the working directory of the command, content by name.
            pause: Waits for a number of seconds between polls; its exceptions are passed on.

        Raises:
            AzureRefused: Azure rejected the command or gave no result in time.

        """
        doing = f"command in {name_of(self.cluster)}"
        body: dict[str, Json] = {"command": command, "clusterToken": self._token()}
        if files:
            body["context"] = _zipped(files)
        answer = self.arm.ask("POST", f"{self.cluster}/runCommand?api-version={_VERSION}", body, doing=doing)
        where = answer.location
        for _ in range(_MAX_POLLS):
            if answer.status == 200:
                return _result(answer.body)
            pause(max(_POLL_SECONDS / self.arm.target.speed, MIN_POLL_SECONDS))
            answer = self.arm.ask("GET", where, doing=doing, most=_MAX_LOG_CHARACTERS)
            where = answer.location or where
        raise AzureRefused(f"Azure returned no result ({doing})", status=504)

    def _token(self) -> str:
        with refusals("a token for the cluster"):
            return self._credential.get_token(f"{SERVER_APP}/.default").token

    @cached_property
    def _credential(self) -> "TokenCredential":
        return self.arm.target.credential()

    # -- role of the signed-in account ------------------------------------------------------------------------------------

    def assign_role(self) -> None:
        """Assign the cluster admin role to the signed-in account; it takes effect later.

        It cannot be given an end: the properties of Microsoft.Authorization/roleAssignments have none. Only Privileged Identity
        Management has assignments with an end (roleAssignmentScheduleRequests), for tenants licensed for it:
        learn.microsoft.com/entra/id-governance/licensing-fundamentals ("Microsoft Entra ID P2 or Microsoft Entra ID Governance").
        """
        who, kind = signed_in(self.arm.target), kind_of_account(self.arm.target)
        role = f"{self._scope}/roleDefinitions/{ADMIN_ROLE}"
        properties: Json = {
            "roleDefinitionId": role,
            "principalId": who,
            "principalType": kind,
            "description": ROLE_DESCRIPTION,
        }
        self.arm.ask("PUT", self._assignment(who), {"properties": properties}, doing="assign the cluster admin role")

    def has_role(self) -> bool:
        """Whether that role assignment exists."""
        return self.arm.find(self._assignment(signed_in(self.arm.target))) is not None

    def remove_role(self) -> None:
        """Delete that role assignment."""
        self.arm.ask("DELETE", self._assignment(signed_in(self.arm.target)), doing="remove the cluster admin role")

    @property
    def role_assignment_id(self) -> str:
        """ID of that role assignment."""
        return self._assignment(signed_in(self.arm.target)).partition("?")[0]

    @property
    def _scope(self) -> str:
        return f"/subscriptions/{subscription_of(self.cluster)}/providers/Microsoft.Authorization"

    def _assignment(self, who: str) -> str:
        name = uuid5(_NAMESPACE, f"{self.cluster.lower()}/{who.lower()}")
        return f"{self.cluster}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version={_ROLES_VERSION}"


def _zipped(files: Mapping[str, str]) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return base64.b64encode(content.getvalue()).decode()


def _result(body: dict[str, Json]) -> CommandResult:
    properties = as_object(body.get("properties"))
    code = properties.get("exitCode")
    if not isinstance(code, int):
        reason = clean(str(properties.get("reason") or properties.get("provisioningState") or "no reason given"))
        raise AzureRefused(f"the command did not run: {reason}", status=500)
    return CommandResult(code, str(properties.get("logs") or ""))
