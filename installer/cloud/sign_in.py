"""Sign-in to a real cloud: service principal from environment variables, job of a pipeline, Azure CLI session, or device code.

The Azure CLI session is read through azure-cli-core, so that `az login` and Cloud Shell work without the az program.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cloud.cli_credential import CliCredential, entra_in_time
from installer.cloud.errors import WrongAnswer
from installer.cloud.federated_sign_in import FEDERATED, federated_sign_in
from installer.cloud.target import CLI_NAMES, Target
from installer.errors import UsageError
from installer.invocation import command
from installer.json_access import as_list, as_object, parsed
from installer.sanitize import clean, printable

if TYPE_CHECKING:
    from azure.cli.core._profile import Profile
    from azure.cli.core.auth.credential_adaptor import CredentialAdaptor
    from azure.core.credentials import TokenCredential

ShowMessage = Callable[[str], None]
CLI_SESSION = "(az login)"
"""Ends the account of a session of the Azure CLI."""


def azure_target(cloud: str, *, tenant: str | None, show_message: ShowMessage | None = None) -> Target:
    """The target of a known cloud ("public") or of an endpoint ("https://…").

    Args:
        cloud: Name of a cloud, or URL of an Azure Resource Manager.
        tenant: Tenant to sign in to, if known.
        show_message: Shows the device code to the user; None for no interaction, so that missing credentials are an error.

    Raises:
        UsageError: No account is signed in, or the cloud is unknown.

    """
    _trust_system_authorities()
    if cloud.startswith("https://"):
        endpoints = _discover(cloud.rstrip("/"))
    elif cloud in CLI_NAMES:
        endpoints = _known(CLI_NAMES[cloud])
    else:
        raise UsageError(f"--cloud {cloud}: unknown cloud; use {', '.join(CLI_NAMES)} or an https:// endpoint")
    account, credential, renewable = _credential(endpoints.authority, tenant, show_message)
    return Target(
        "azure",
        cloud,
        endpoints.endpoint,
        endpoints.authority,
        endpoints.audience,
        credential,
        account,
        ca_file=_ca_file(),
        graph=endpoints.graph,
        renewable=renewable,
        secretless=account.endswith(FEDERATED),
    )


@dataclass(frozen=True)
class _Endpoints:
    """Endpoints of a cloud: Resource Manager with its audience, Entra ID authority, Microsoft Graph."""

    endpoint: str
    authority: str
    audience: str
    graph: str


def _ca_file() -> str | None:
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")


def _trust_system_authorities() -> None:
    """Use the trust store of the system, which contains the certificate authority of a company proxy."""
    if _ca_file() is None:
        import truststore

        truststore.inject_into_ssl()


def _known(name: str) -> _Endpoints:
    from azure.cli.core.cloud import KNOWN_CLOUDS

    ends = next(cloud.endpoints for cloud in KNOWN_CLOUDS if cloud.name == name)
    endpoint = str(ends.resource_manager).rstrip("/")
    graph = str(ends.microsoft_graph_resource_id).rstrip("/")
    return _Endpoints(endpoint, str(ends.active_directory).rstrip("/"), endpoint, graph)


def _discover(endpoint: str) -> _Endpoints:
    """Read the metadata of an Azure Resource Manager. Raises UsageError if the endpoint is none."""
    from azure.core.exceptions import AzureError
    from azure.core.pipeline.transport import HttpRequest

    from installer.cloud.transport import transport_to

    request = HttpRequest("GET", f"{endpoint}/metadata/endpoints?api-version=2022-09-01")
    try:
        with transport_to(_ca_file()) as transport:
            answer = as_object(parsed(transport.send(request).body()))
        authentication = as_object(answer["authentication"])
        return _Endpoints(
            endpoint,
            str(authentication["loginEndpoint"]).rstrip("/"),
            str(as_list(authentication["audiences"])[0]).rstrip("/"),
            str(answer.get("microsoftGraphResourceId") or "").rstrip("/"),
        )
    except (AzureError, WrongAnswer, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(
            f"--cloud {endpoint}: no Azure Resource Manager at this endpoint ({clean(str(error))[:200]}); "
            "if it uses a private certificate authority, set SSL_CERT_FILE"
        ) from error


def _credential(
    authority: str, tenant: str | None, show_message: ShowMessage | None
) -> "tuple[str, Callable[[], TokenCredential], Callable[[], bool]]":
    if os.environ.get("AZURE_CLIENT_ID") and os.environ.get("AZURE_CLIENT_SECRET"):
        return *_from_environment(authority, tenant), _always
    job = federated_sign_in(authority, tenant, _ca_file())
    if job is not None:
        return job.account, job.credential, _always
    account = signed_in_account(tenant)
    if account is not None:
        return account, lambda: _cli_credential(tenant), lambda: _renewable(tenant)
    if show_message is None:
        raise UsageError(
            "not signed in to Azure: run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (in a job of "
            "GitHub Actions with the permission id-token: write without the secret); "
            f"{command('rehearse')}, rehearse plan F and check F --survey FILE need no sign-in"
        )
    show = show_message

    def device_code() -> "TokenCredential":
        from azure.identity import DeviceCodeCredential

        from installer.cloud.transport import sign_in_transport

        return DeviceCodeCredential(
            tenant_id=tenant,
            authority=authority,
            # Without this, MSAL asks login.microsoftonline.com whether it knows the authority: a private cloud is no part of it.
            # Source: azure-identity, DeviceCodeCredential, disable_instance_discovery.
            disable_instance_discovery=True,
            transport=sign_in_transport(_ca_file()),
            prompt_callback=lambda url, code, _until: show(
                f"To sign in, open {printable(url)} and enter the code {printable(code)}"
            ),
        )

    return "device code", device_code, _always


def _from_environment(authority: str, tenant: str | None) -> "tuple[str, Callable[[], TokenCredential]]":
    owner, client = os.environ.get("AZURE_TENANT_ID") or tenant, os.environ["AZURE_CLIENT_ID"]
    if not owner:
        raise UsageError("AZURE_CLIENT_ID is set but the tenant is unknown: set AZURE_TENANT_ID too")

    def client_secret() -> "TokenCredential":
        from azure.identity import ClientSecretCredential

        from installer.cloud.transport import sign_in_transport

        return ClientSecretCredential(
            owner,
            client,
            os.environ["AZURE_CLIENT_SECRET"],
            authority=authority,
            disable_instance_discovery=True,
            transport=sign_in_transport(_ca_file()),
        )

    return f"{client} (service principal)", client_secret


def _profile_file() -> Path:
    return Path(os.environ.get("AZURE_CONFIG_DIR", "~/.azure")).expanduser() / "azureProfile.json"


def signed_in_account(tenant: str | None = None) -> str | None:
    """Account of the Azure CLI session, in a tenant if it has one there; None if there is no session.

    Does not create the folder of the CLI, and sends no request: whether the session is still accepted shows with the first token.
    """
    if not _profile_file().exists():
        return None
    try:
        _profile, entry = _cli_entry(tenant)
        return f"{clean(str(entry['user']['name']))} {CLI_SESSION}"
    except Exception:  # noqa: BLE001  various exceptions of azure-cli-core for a damaged profile all mean "not signed in"
        return None


def _cli_credential(tenant: str | None) -> CliCredential:
    def adaptor() -> "CredentialAdaptor":
        profile, entry = _cli_entry(tenant)
        found: CredentialAdaptor = profile.get_login_credentials(subscription_id=entry["id"])[0]
        return found

    return CliCredential(adaptor)


def _cli_entry(tenant: str | None) -> "tuple[Profile, dict[str, Any]]":
    """The profile of the Azure CLI, and its subscription whose account gets tokens of a tenant: of the default one otherwise.

    A user may be signed in to several tenants at once; the default subscription may belong to another tenant than the answers.
    """
    from azure.cli.core import get_default_cli
    from azure.cli.core._profile import Profile

    profile = Profile(cli_ctx=get_default_cli())
    listed = sorted(profile.load_cached_subscriptions(), key=lambda one: not one.get("isDefault"))
    there = [one for one in listed if tenant and str(one.get("tenantId")).lower() == tenant.lower()]
    return profile, next(iter([*there, *(one for one in listed if one.get("isDefault"))]))


def _always() -> bool:
    return True


def _renewable(tenant: str | None) -> bool:
    """Whether the Azure CLI session gets new tokens when a token ends.

    A session of a federated token does not: the token that the CLI has kept is valid for minutes.
    Source: github.com/Azure/azure-cli/issues/28708.
    """
    profile, entry = _cli_entry(tenant)
    found, *_ = entra_in_time(lambda: profile.get_login_credentials(subscription_id=entry["id"], sdk_credential=False))
    application = getattr(found, "_msal_app", None)
    given = getattr(application, "client_credential", None)
    return not (isinstance(given, dict) and "client_assertion" in given)
