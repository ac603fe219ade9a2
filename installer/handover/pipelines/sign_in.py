"""ARM template of the sign-in without secrets: an identity for each environment, its federated credential, and its roles.

Roles in the resource groups of the installation follow after the first installation, when these exist: then the template is deployed
again, with the parameter `installed`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from installer.conventions.pipeline_names import (
    pipelines_deployment,
    pipelines_group,
    pipelines_identity,
    role_description,
)
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.issuers import Trust
from installer.handover.pipelines.roles import PipelineRole, created_groups, pipeline_roles
from installer.resource_id import group_of, subscription_of

_IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_IDENTITY_API: Final = "2023-01-31"
_ROLE_API: Final = "2022-04-01"
_DEPLOYMENT_API: Final = "2022-09-01"
_AT_GROUP: Final = "2019-04-01/deploymentTemplate"
_AT_SUBSCRIPTION: Final = "2018-05-01/subscriptionDeploymentTemplate"
_DEFINITION: Final = "Microsoft.Authorization/roleDefinitions"
_DEPLOYMENT: Final = "Microsoft.Resources/deployments"
_LONGEST_NAME: Final = 64
_AUDIENCE: Final = "api://AzureADTokenExchange"
Resource = dict[str, Any]


def group_name(content: Content) -> str:
    """Resource group of the identities."""
    return pipelines_group(content.prefix)


def identity_name(content: Content, name: str) -> str:
    """Managed identity of an environment, or of the plan."""
    return pipelines_identity(content.prefix, name)


def sign_in_template(content: Content, trust: Mapping[str, Trust]) -> dict[str, Any]:
    """The template, for a deployment at the subscription of the installation.

    Args:
        content: The installation.
        trust: Issuer and subject of each identity; what only the platform knows is a parameter.

    """
    asked = [*dict.fromkeys(name for one in trust.values() for name in one.parameters)]
    roles = pipeline_roles(content)
    scopes = dict.fromkeys(scope for one in roles for scope in one.scopes)
    made = _inner(
        _AT_SUBSCRIPTION,
        [
            {
                "type": "Microsoft.Resources/resourceGroups",
                "apiVersion": _DEPLOYMENT_API,
                "name": group_name(content),
                "location": content.it.location,
            },
            _identities(content, trust, asked),
            *(_definition(content, role, roles) for role in roles if role.actions),
            *(_assignments(content, scope, roles) for scope in scopes),
        ],
        asked,
    )
    installed = {
        "type": "bool",
        "defaultValue": False,
        "metadata": {"description": "Whether the resource groups of the installation exist."},
    }
    outputs = {
        name: {"type": "string", "value": f"[{_reference(content, name)}.clientId]"} for name in content.identities
    }
    return {**made, "parameters": {"installed": installed, **made.get("parameters", {})}, "outputs": outputs}


def _identities(content: Content, trust: Mapping[str, Trust], asked: Sequence[str]) -> Resource:
    """A deployment of the identities with their credentials."""
    found: list[Resource] = []
    for name in content.identities:
        own = identity_name(content, name)
        found.append({"type": _IDENTITY, "apiVersion": _IDENTITY_API, "name": own, "location": content.it.location})
        found.append(
            {
                "type": f"{_IDENTITY}/federatedIdentityCredentials",
                "apiVersion": _IDENTITY_API,
                "name": f"{own}/pipelines",
                "properties": {"issuer": trust[name].issuer, "subject": trust[name].subject, "audiences": [_AUDIENCE]},
                "dependsOn": [f"[resourceId('{_IDENTITY}', '{own}')]"],
            }
        )
    return {
        "type": _DEPLOYMENT,
        "apiVersion": _DEPLOYMENT_API,
        "name": _identities_name(content),
        "resourceGroup": group_name(content),
        "dependsOn": [f"[subscriptionResourceId('Microsoft.Resources/resourceGroups', '{group_name(content)}')]"],
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {name: {"value": f"[parameters('{name}')]"} for name in asked},
            "template": _inner(_AT_GROUP, found, asked),
        },
    }


def _definition(content: Content, role: PipelineRole, roles: Sequence[PipelineRole]) -> Resource:
    """A role definition. It is assignable in every subscription, so that one serves all scopes."""
    every = dict.fromkeys(f"/subscriptions/{subscription_of(scope)}" for one in roles for scope in one.scopes)
    return {
        "type": _DEFINITION,
        "apiVersion": _ROLE_API,
        "name": f"[{_identifier(content, role)}]",
        "properties": {
            "roleName": role.title,
            "description": role_description(content.prefix),
            "type": "CustomRole",
            "permissions": [{"actions": [*role.actions], "notActions": []}],
            "assignableScopes": [*every],
        },
    }


def _assignments(content: Content, scope: str, roles: Sequence[PipelineRole]) -> Resource:
    """A deployment of the role assignments at a scope; in a group of the installation only once that exists."""
    group = group_of(scope)
    found = [_assignment(content, name, scope, role) for role in roles if scope in role.scopes for name in role.holders]
    own = {"resourceGroup": group} if group else {"location": content.it.location}
    defined = [
        f"[subscriptionResourceId('{_DEFINITION}', {_identifier(content, role)})]" for role in roles if role.actions
    ]
    return {
        "type": _DEPLOYMENT,
        "apiVersion": _DEPLOYMENT_API,
        "name": pipelines_deployment(content.prefix, group or subscription_of(scope))[:_LONGEST_NAME],
        **({"condition": "[parameters('installed')]"} if scope in created_groups(content) else {}),
        "subscriptionId": subscription_of(scope),
        **own,
        "dependsOn": [*defined, _identities_id(content)],
        "properties": {
            "mode": "Incremental",
            "template": _inner(_AT_GROUP if group else _AT_SUBSCRIPTION, found),
        },
    }


def _assignment(content: Content, name: str, scope: str, role: PipelineRole) -> Resource:
    """A role assignment, whose name is the same in every deployment."""
    own, identifier = identity_name(content, name), _identifier(content, role)
    return {
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": _ROLE_API,
        "name": f"[guid('{scope.lower()}', '{own}', {identifier})]",
        "properties": {
            "roleDefinitionId": f"[subscriptionResourceId('{_DEFINITION}', {identifier})]",
            "principalId": f"[{_reference(content, name)}.principalId]",
            # With the type given, Azure does not search the directory for the identity, where a new one may be missing yet.
            "principalType": "ServicePrincipal",
            **({"condition": role.condition, "conditionVersion": "2.0"} if role.condition else {}),
        },
    }


def _inner(kind: str, resources: Sequence[Resource], parameters: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "$schema": f"https://schema.management.azure.com/schemas/{kind}.json#",
        "contentVersion": "1.0.0.0",
        **({"parameters": {name: {"type": "string"} for name in parameters}} if parameters else {}),
        "resources": [*resources],
    }


def _reference(content: Content, name: str) -> str:
    """Expression of the properties of an identity."""
    group = f"'{content.it.subscription}', '{group_name(content)}'"
    return f"reference(resourceId({group}, '{_IDENTITY}', '{identity_name(content, name)}'), '{_IDENTITY_API}')"


def _identifier(content: Content, role: PipelineRole) -> str:
    """Expression of the ID of a role, which is the same in every deployment."""
    return f"'{role.built_in}'" if role.built_in else f"guid('{content.it.subscription}', '{role.title}')"


def _identities_name(content: Content) -> str:
    return pipelines_deployment(content.prefix)


def _identities_id(content: Content) -> str:
    group = f"format('/subscriptions/{{0}}/resourceGroups/{group_name(content)}', subscription().subscriptionId)"
    return f"[extensionResourceId({group}, '{_DEPLOYMENT}', '{_identities_name(content)}')]"
