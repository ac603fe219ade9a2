"""Sign-in to web apps with the authentication of App Service and Container Apps, as Entra would answer it.

Azure accepts every configuration; its faults show only when a user signs in. Sources of the rules:

- name of the setting that selects a managed identity instead of a secret: App Service, learn.microsoft.com
  app-service/configure-authentication-provider-aad ("Use a managed identity instead of a secret"); Container Apps,
  github.com/Azure-Samples/appservice-builtinauth-bicep infra/appupdate.bicep. Any other name is a client secret;
- error codes: learn.microsoft.com entra/identity-platform/reference-error-codes (AADSTS50011, 700213, 7000215, 7000218);
- assignment: learn.microsoft.com entra/identity-platform/howto-restrict-your-app-to-a-set-of-users.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from installer.emulator.providers.clouds import PUBLIC, in_cloud
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.emulator.state.resources import Resource, Resources

_CONTAINER_APPS = "Microsoft.App/containerApps"
_SITES = ("Microsoft.Web/sites", "Microsoft.Web/sites/slots")
_IDENTITY_SETTING = {
    _CONTAINER_APPS.lower(): "override-use-mi-fic-assertion-client-id",
    **{kind.lower(): "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID" for kind in _SITES},
}
_CALLBACK = "/.auth/login/aad/callback"


@dataclass(frozen=True)
class SignIn:
    """The answer to a browser without a session.

    Attributes:
        resource_id: Id of the web app, its slot or the Container App.
        host: Its host name.
        access: `open` without any sign-in, `refused` with 401 or 403, `sign-in` with a redirect to Entra.
        error: Error of Entra after the redirect, or ''.
        everyone: Whether every user of the tenant, guests included, may sign in; False for unknown registrations.

    """

    resource_id: str
    host: str
    access: Literal["open", "refused", "sign-in"]
    error: str = ""
    everyone: bool = False

    def view(self) -> JsonObject:
        """The answer as JSON, with the attributes as members."""
        return as_object(asdict(self))


def sign_ins(resources: Resources, cloud: str = PUBLIC) -> Iterator[SignIn]:
    """The answers of all web apps, slots and Container Apps with an ingress."""
    for kind in (*_SITES, _CONTAINER_APPS):
        for app in resources.of_type(kind):
            if host := as_text(in_cloud(cloud, _host(app))):
                yield _sign_in(resources, app, host)


def _host(app: Resource) -> str:
    properties = app.computed.get("properties")
    return as_text(member(properties, "defaultHostName") or member(properties, "configuration", "ingress", "fqdn"))


def _sign_in(resources: Resources, app: Resource, host: str) -> SignIn:
    kept = resources.get(f"{app.id}/config/authsettingsV2") or resources.get(f"{app.id}/authConfigs/current")
    auth = as_object(member(kept.desired, "properties")) if kept else {}
    action = as_text(member(auth, "globalValidation", "unauthenticatedClientAction"))
    if not member(auth, "platform", "enabled") or action in ("", "AllowAnonymous"):
        return SignIn(app.id, host, "open")
    provider = as_object(member(auth, "identityProviders", "azureActiveDirectory"))
    if action.startswith("Return") or not provider.get("enabled"):
        return SignIn(app.id, host, "refused")
    application = _application(resources, as_text(member(provider, "registration", "clientId")))
    error = _credential_error(resources, app, provider, application) or _redirect_error(application, host)
    return SignIn(app.id, host, "sign-in", error, _everyone(resources, application))


def _application(resources: Resources, client_id: str) -> JsonObject | None:
    """The app registration, or None for one that this directory does not show."""
    found = (item.desired for item in resources.of_type("graph/applications"))
    return next((item for item in found if as_text(item.get("appId")).lower() == client_id.lower()), None)


def _credential_error(resources: Resources, app: Resource, provider: JsonObject, application: JsonObject | None) -> str:
    """The error of Entra about the credential that the app presents, or ''."""
    name = as_text(member(provider, "registration", "clientSecretSettingName"))
    settings = _settings(resources, app)
    if name not in settings:
        return "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    identities = _identities(app)
    if name == _IDENTITY_SETTING[app.type.lower()]:
        # Container Apps never shows the value of a secret, so that each of its identities may be the one.
        own = [item for item in identities if settings[name] in ("", item["clientId"])]
        if not own:
            return f"ManagedIdentityCredential authentication unavailable. No identity {settings[name]} is assigned."
        if application is None or _trusted(resources, application, {item["principalId"] for item in own}):
            return ""
        return "AADSTS700213: No matching federated identity record found for presented assertion subject."
    plain = settings[name] in {item["clientId"] for item in identities}
    if plain or (application is not None and not as_list(application.get("passwordCredentials"))):
        return "AADSTS7000215: Invalid client secret provided."
    return ""


def _settings(resources: Resources, app: Resource) -> Mapping[str, str]:
    """App settings or secrets of an app by name; '' where a value is not shown."""
    if app.type.lower() == _CONTAINER_APPS.lower():
        secrets = as_list(member(app.desired, "properties", "configuration", "secrets"))
        return {as_text(member(item, "name")): "" for item in secrets}
    kept = resources.get(f"{app.id}/config/appsettings")
    given = as_object(member(kept.desired, "properties")) if kept else {}
    return {name: as_text(value) for name, value in given.items()}


def _identities(app: Resource) -> list[dict[str, str]]:
    """Client id and object id of the user-assigned identities of an app."""
    assigned = as_object(member(app.computed, "identity", "userAssignedIdentities"))
    return [{name: as_text(member(item, name)) for name in ("clientId", "principalId")} for item in assigned.values()]


def _trusted(resources: Resources, application: JsonObject, subjects: set[str]) -> bool:
    prefix = f"/graph/credentials/{as_text(application['id'])}/".lower()
    credentials = (item for item in resources.of_type("graph/credentials") if item.key.startswith(prefix))
    return any(as_text(item.desired.get("subject")) in subjects for item in credentials)


def _redirect_error(application: JsonObject | None, host: str) -> str:
    if application is None or f"https://{host}{_CALLBACK}" in as_list(member(application, "web", "redirectUris")):
        return ""
    return (
        f"AADSTS50011: The redirect URI 'https://{host}{_CALLBACK}' specified in the request does not match the redirect "
        "URIs configured for the application."
    )


def _everyone(resources: Resources, application: JsonObject | None) -> bool:
    if application is None:
        return False
    principals = (item.desired for item in resources.of_type("graph/servicePrincipals"))
    own = (item for item in principals if item.get("appId") == application.get("appId"))
    return any(not item.get("appRoleAssignmentRequired") for item in own)
