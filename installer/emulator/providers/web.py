"""Microsoft.Web: App Service sites, whose names are globally unique."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.emulator.errors import ArmError
from installer.emulator.ids import derived_hex
from installer.emulator.providers.power_state import SITE
from installer.emulator.providers.provider import ProviderContext, ProviderHooks, name_taken
from installer.emulator.providers.secret_references import reference_in, status_of
from installer.json_access import JsonObject, as_object, as_text, member, merged, objects_of, strings
from installer.resource_id import name_of, parse_id

if TYPE_CHECKING:
    from installer.emulator.state.resources import Resource
    from installer.jsontypes import Json

# Members of SiteConfig beside the collections of StringDictionary and ConnectionStringDictionary: azure-mgmt-web.
_IN_SITE = {"appsettings": "appSettings", "connectionstrings": "connectionStrings"}
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,58}[A-Za-z0-9])?")


def _check_site(context: ProviderContext) -> None:
    name = context.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(400, "BadRequest", f"The host name for this site is invalid: '{name}'.", cause="service")
    if name_taken(context):
        raise ArmError(409, "Conflict", f"Website with given name {name} already exists.", cause="service")


def _site(context: ProviderContext) -> JsonObject:
    host = f"{_host(context.id)}.azurewebsites.net"
    addresses = [f"203.0.113.{(int(derived_hex(context.id, 'outbound', 2), 16) + step) % 254 + 1}" for step in range(3)]
    shown: JsonObject = {
        "properties": {
            "defaultHostName": host,
            "hostNames": strings([host]),
            "enabledHostNames": strings([host, host.replace(".azure", ".scm.azure")]),
            "outboundIpAddresses": ",".join(addresses),
            "customDomainVerificationId": derived_hex(context.id.split("/providers/")[0], "verification", 32).upper(),
        }
    }
    return merged(shown, SITE.members(context))


def _host(site_id: str) -> str:
    parsed = parse_id(site_id)
    return "-".join(parsed.names).lower() if parsed else ""


def _references(context: ProviderContext, _body: JsonObject) -> Json:
    """The Key Vault references in a site's settings with their current status."""
    given = as_object(member(_collection(context, f"{context.id}/config/appsettings"), "properties"))
    identity = context.text("keyVaultReferenceIdentity")
    own = identity if "/" in identity else ""
    value: list[Json] = []
    for name, setting in given.items():
        reference = reference_in(as_text(setting))
        if reference is None:
            continue
        status, vault, secret = status_of(context, reference, own)
        details: JsonObject = {
            "reference": setting,
            "status": status,
            "vaultName": vault,
            "secretName": secret,
            "identityType": "UserAssigned" if own else "SystemAssigned",
            "source": "KeyVault",
            "location": "ApplicationSetting",
        }
        where = f"{context.id}/config/configreferences/appsettings/{name}"
        value.append({"id": where, "name": name, "type": "Microsoft.Web/sites/config", "properties": details})
    return {"value": value}


def _settings(context: ProviderContext, _body: JsonObject) -> Json:
    """The settings of a site in clear, for its owner."""
    return _collection(context, f"{context.id}/config/appsettings")


def _shown(context: ProviderContext, _body: JsonObject) -> Json:
    """One of a site's collections of settings in clear, for its owner."""
    return _collection(context, context.id)


def _collection(context: ProviderContext, config_id: str) -> JsonObject:
    """A collection of settings: as it, or the site with it, was written last (Azure/azure-quickstart-templates#8495)."""
    kept, kind = context.resources.get(config_id), name_of(config_id)
    site = context.resources.get(config_id.rpartition("/config/")[0])
    with_site = _written_with(site, kind) if site else []
    if kept is not None and not (site and with_site and site.changed > kept.changed):
        return _in_clear(kept)
    return {
        "id": config_id,
        "name": kind,
        "type": f"{site.type if site else 'Microsoft.Web/sites'}/config",
        "properties": initial_configuration(site, kind) if site else {},
    }


def _in_clear(settings: Resource) -> JsonObject:
    view = settings.view()
    properties = {name: value for name, value in as_object(view["properties"]).items() if name != "provisioningState"}
    return {**view, "properties": properties}


def _written_with(site: Resource, kind: str) -> list[JsonObject]:
    """A collection of settings in the request of the site itself."""
    return objects_of(member(site.desired, "properties", "siteConfig", _IN_SITE.get(kind.lower(), "")))


def initial_configuration(site: Resource, name: str) -> JsonObject:
    """A site's settings of one kind as its request has them, or its publishing credentials.

    Forms: REST API, Web Apps - Get Configuration, List Application Settings, List Connection Strings, List Publishing Credentials;
    the user is `$` and the name of the site: github.com/projectkudu/ARMClient/wiki/Site-Publishing-Credentials.
    """
    match name.lower():
        case "web":
            given = as_object(member(site.desired, "properties", "siteConfig"))
            return {key: value for key, value in given.items() if key not in _IN_SITE.values()}
        case "appsettings":
            return {as_text(one.get("name")): one.get("value") for one in _written_with(site, name)}
        case "connectionstrings":
            found = {as_text(one.get("name")): one for one in _written_with(site, name)}
            return {key: {"value": one.get("connectionString"), "type": one.get("type")} for key, one in found.items()}
        case "publishingcredentials":
            host = _host(site.id)
            user, password = f"${host}", f"rehearsal-{derived_hex(site.id, 'publishing', 32)}"
            return {
                "name": user,
                "publishingUserName": user,
                "publishingPassword": password,
                "scmUri": f"https://{user}:{password}@{host}.scm.azurewebsites.net",
            }
    return {}


CONFIGURATIONS = frozenset({"microsoft.web/sites/config", "microsoft.web/sites/slots/config"})
REFERENCES = "config/configreferences/appsettings"
_ACTIONS = {REFERENCES: _references, "config/appsettings/list": _settings, **SITE.actions}
HOOKS = {
    "Microsoft.Web/sites": ProviderHooks(check=_check_site, computed=_site, actions=_ACTIONS),
    "Microsoft.Web/sites/slots": ProviderHooks(computed=_site, actions=_ACTIONS),
    "Microsoft.Web/sites/config": ProviderHooks(actions={"list": _shown}),
    "Microsoft.Web/sites/slots/config": ProviderHooks(actions={"list": _shown}),
}
