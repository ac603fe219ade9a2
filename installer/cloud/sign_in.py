"""Signing in to a real cloud: a service principal from the environment, the Azure CLI's session, or a device code.

The Azure CLI's own session is read through azure-cli-core, so that `az login` and Cloud Shell work without the az program.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer.cloud.target import CLI_NAMES, Target
from installer.errors import UsageError
from installer.sanitize import clean

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

Tell = Callable[[str], None]


def azure_target(cloud: str, *, tenant: str | None, tell: Tell | None = None) -> Target:
    """The target of a known cloud ("public") or of an endpoint ("https://…").

    `tell` shows the device code to a person; without it nobody is asked, and missing credentials are an error.
    Raises UsageError when nobody is signed in, or the cloud is not known.
    """
    _trust_system_authorities()
    if cloud.startswith("https://"):
        places = _discover(cloud.rstrip("/"))
    elif cloud in CLI_NAMES:
        places = _known(CLI_NAMES[cloud])
    else:
        raise UsageError(f"--cloud {cloud}: not known; use {', '.join(CLI_NAMES)} or an https:// endpoint")
    account, credential = _credential(places.authority, tenant, tell)
    return Target(
        "azure",
        cloud,
        places.endpoint,
        places.authority,
        places.audience,
        credential,
        account,
        ca_file=_ca_file(),
        graph=places.graph,
    )


@dataclass(frozen=True)
class _Places:
    """Where a cloud answers: Resource Manager with its audience, the directory's sign-in, Microsoft Graph."""

    endpoint: str
    authority: str
    audience: str
    graph: str


def _ca_file() -> str | None:
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE")


def _trust_system_authorities() -> None:
    """Company proxies sign with an authority that only the system's trust store knows."""
    if _ca_file() is None:
        import truststore

        truststore.inject_into_ssl()


def _known(name: str) -> _Places:
    from azure.cli.core.cloud import KNOWN_CLOUDS

    ends = next(cloud.endpoints for cloud in KNOWN_CLOUDS if cloud.name == name)
    endpoint = str(ends.resource_manager).rstrip("/")
    graph = str(ends.microsoft_graph_resource_id).rstrip("/")
    return _Places(endpoint, str(ends.active_directory).rstrip("/"), endpoint, graph)


def _discover(endpoint: str) -> _Places:
    """Ask a Resource Manager for its metadata. Raises UsageError when it does not answer as one."""
    from azure.core.exceptions import AzureError
    from azure.core.pipeline.transport import HttpRequest, RequestsTransport

    request = HttpRequest("GET", f"{endpoint}/metadata/endpoints?api-version=2022-09-01")
    try:
        with RequestsTransport(connection_verify=_ca_file() or True) as transport:
            answer = json.loads(transport.send(request).body())
        authentication = answer["authentication"]
        return _Places(
            endpoint,
            str(authentication["loginEndpoint"]).rstrip("/"),
            str(authentication["audiences"][0]).rstrip("/"),
            str(answer.get("microsoftGraphResourceId") or "").rstrip("/"),
        )
    except (AzureError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(
            f"--cloud {endpoint}: no Azure Resource Manager answers there ({clean(str(error))[:200]}); "
            "if it has a certificate of its own authority, name that in SSL_CERT_FILE"
        ) from error


def _credential(authority: str, tenant: str | None, tell: Tell | None) -> "tuple[str, Callable[[], TokenCredential]]":
    if os.environ.get("AZURE_CLIENT_ID") and os.environ.get("AZURE_CLIENT_SECRET"):
        return _from_environment(authority, tenant)
    account = signed_in_account()
    if account is not None:
        return account, lambda: _cli_profile()[1]
    if tell is None:
        raise UsageError(
            "nobody is signed in to Azure: run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        )
    say = tell

    def ask() -> "TokenCredential":
        from azure.identity import DeviceCodeCredential

        return DeviceCodeCredential(
            tenant_id=tenant,
            authority=authority,
            prompt_callback=lambda url, code, _until: say(f"To sign in, open {url} and enter the code {code}"),
        )

    return "device code", ask


def _from_environment(authority: str, tenant: str | None) -> "tuple[str, Callable[[], TokenCredential]]":
    owner, client = os.environ.get("AZURE_TENANT_ID") or tenant, os.environ["AZURE_CLIENT_ID"]
    if not owner:
        raise UsageError("AZURE_CLIENT_ID is set but no tenant is known: set AZURE_TENANT_ID too")

    def make() -> "TokenCredential":
        from azure.identity import ClientSecretCredential

        return ClientSecretCredential(
            owner,
            client,
            os.environ["AZURE_CLIENT_SECRET"],
            authority=authority,
            disable_instance_discovery=True,
            connection_verify=_ca_file() or True,
        )

    return f"{client} (service principal)", make


def _profile_file() -> Path:
    return Path(os.environ.get("AZURE_CONFIG_DIR", "~/.azure")).expanduser() / "azureProfile.json"


def signed_in_account() -> str | None:
    """Who is signed in with the Azure CLI, in words; None when nobody is (the CLI's folder is not created for that)."""
    if not _profile_file().exists():
        return None
    try:
        return _cli_profile()[0]
    except Exception:  # noqa: BLE001  azure-cli-core raises many kinds when its cache is stale: all mean "not signed in"
        return None


def _cli_profile() -> "tuple[str, TokenCredential]":
    from azure.cli.core import get_default_cli
    from azure.cli.core._profile import Profile

    profile = Profile(cli_ctx=get_default_cli())
    credential, _subscription, _tenant = profile.get_login_credentials()
    user = next(s["user"]["name"] for s in profile.load_cached_subscriptions() if s.get("isDefault"))
    return f"{clean(str(user))} (az login)", credential
