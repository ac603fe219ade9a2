"""Reads of Microsoft Graph that several checks share. Source: the pages of Microsoft Graph v1.0 of each operation."""

from __future__ import annotations

from urllib.parse import quote

from installer.preflight.reads import Request, listing, post, resource


def application(client_id: str) -> Request:
    """The request for the application with a client ID."""
    return resource(f"/applications(appId='{quote(client_id, safe='')}')", f"the application {client_id}")


def service_principal(client_id: str) -> Request:
    """The request for the service principal of an application in this tenant."""
    path = f"/servicePrincipals(appId='{quote(client_id, safe='')}')"
    return resource(path, f"the service principal of {client_id}")


def federated_credentials(object_id: str) -> Request:
    """The request for the federated credentials of an application, by its object ID."""
    path = f"/applications/{quote(object_id, safe='')}/federatedIdentityCredentials"
    return listing(path, "federated credentials of the application")


def directory_roles() -> Request:
    """The request for the directory roles of the signed-in user."""
    path = "/me/transitiveMemberOf/microsoft.graph.directoryRole"
    return listing(path, "directory roles of the account")


def groups_of(object_id: str) -> Request:
    """The request for the IDs of all groups of an account, nested ones included."""
    path = f"/directoryObjects/{quote(object_id, safe='')}/getMemberObjects"
    return post(path, {"securityEnabledOnly": True}, "groups of the account")


def eligible_groups() -> Request:
    """The request for groups of which the account may activate its membership (PIM for Groups).

    Source: microsoft-graph-docs, privilegedaccessgroupeligibilityscheduleinstance-filterbycurrentuser.md.
    """
    path = "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
    return listing(f"{path}/filterByCurrentUser(on='principal')", "groups whose membership can be activated")


def authorization_policy() -> Request:
    """The request for what every user of the tenant may do."""
    return resource("/policies/authorizationPolicy", "default rights of users")


def app_management_policy() -> Request:
    """The request for the restrictions of the tenant for secrets of applications."""
    return resource("/policies/defaultAppManagementPolicy", "the app management policy of the tenant")
