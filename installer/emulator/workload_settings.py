"""Settings of local processes that differ from those of their containers in Azure, which they get otherwise unchanged.

- the certificate authority of this embedded Azure, beside those of the system;
- a proxy for HTTPS that leads the names of storage accounts, key vaults and Azure Monitor to this embedded Azure, in place
  of DNS (data_plane/proxy.py); other names are those of the internet;
- the identity of the workload: what the webhook of AKS workload identity injects into a pod, or the identity endpoint of a
  container app, both with the loopback address of the embedded Azure;
- the loopback address of a PostgreSQL server, in place of DNS; its certificate has the name that Azure's has.
"""

from __future__ import annotations

import shutil
import ssl
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import certifi

from installer.emulator.prefect.local import digest
from installer.emulator.protocol.managed_identities import ENDPOINT, EXCHANGE_AUDIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.data_plane.proxy import NameProxy
    from installer.emulator.postgresql.servers import LocalServers
    from installer.emulator.providers.kubernetes.workloads import Container, ServiceAccount
    from installer.json_access import JsonObject

_LIFETIME: Final = 30 * 86400
"""Seconds for which the proof of an identity is valid: in Azure it is renewed while the container runs."""
_NAMES: Final = (
    "the way of workloads to storage, key vault and Azure Monitor: their processes get a proxy (HTTPS_PROXY) in place of "
    "DNS and private endpoints"
)
_DATABASE_HOST: Final = "FLOWFORGE_DATABASE_HOST"
_DATABASE_PROGRAM: Final = "FLOWFORGE_DATABASE_AUDIENCE"
"""Setting of programs that sign in to PostgreSQL."""


@dataclass
class WorkloadSettings:
    """Makes the settings.

    Attributes:
        endpoint: URL of this embedded Azure.
        ca_file: Certificate of its authority.
        tenant: Tenant ID.
        identity: Issuer of its tokens.
        home: Folder for tokens of service accounts.
        servers: Local PostgreSQL servers.
        names: Leads the names of data planes here; None for none.

    """

    endpoint: str
    ca_file: Path
    tenant: str
    identity: Identity
    home: Path
    servers: LocalServers
    names: NameProxy | None = None
    _proxy: str = ""
    _trusted: Path | None = None

    def __enter__(self) -> Self:
        shutil.rmtree(self.home, ignore_errors=True)  # tokens of a killed session
        self.servers.__enter__()
        if self.names is not None:
            self._proxy = self.names.listen()
            self._trusted = trusted_certificates(self.ca_file)
        return self

    def __exit__(self, *failure: object) -> None:
        """End the servers and the proxy, and remove the tokens."""
        if self.names is not None:
            self.names.close()
        self.servers.__exit__(*failure)
        shutil.rmtree(self.home, ignore_errors=True)

    def of(self, where: str, container: Container) -> Mapping[str, str]:
        """Settings of the process of a container; `where`: ID of the object that the container belongs to."""
        found: dict[str, str] = {}
        if container.account is not None:
            found |= self._of_account(where, container.account)
        elif container.identities:
            claims: JsonObject = {"identities": list(container.identities), "jti": str(uuid.uuid4())}
            header = self.identity.signed(claims, _LIFETIME)
            found |= {"IDENTITY_ENDPOINT": f"{self.endpoint}{ENDPOINT}", "IDENTITY_HEADER": header}
        address = self.servers.address_of(container.settings.get(_DATABASE_HOST, ""))
        if address is not None:
            found["FLOWFORGE_DATABASE_ADDRESS"] = address
        elif self.servers.unavailable and _DATABASE_HOST in container.settings:
            found["FLOWFORGE_DATABASE_ADDRESS"] = "unavailable"
        if self._proxy:
            found |= {"HTTPS_PROXY": self._proxy, "https_proxy": self._proxy}
        trusted = str(self._trusted or self.ca_file)
        return {**found, "SSL_CERT_FILE": trusted, "REQUESTS_CA_BUNDLE": trusted} if found else {}

    def can_run(self, container: Container) -> bool:
        """Whether what a container needs can run on this machine."""
        return _DATABASE_PROGRAM not in container.settings or not self.servers.unavailable

    def assumptions(self) -> list[str]:
        """Results that are assumed because this machine cannot run their programs."""
        reason = self.servers.unavailable
        found = [f"roles and privileges in PostgreSQL: no server runs on this machine ({reason})"] if reason else []
        return [*found, _NAMES] if self.names is not None else found

    def _of_account(self, where: str, account: ServiceAccount) -> dict[str, str]:
        """As MicrosoftDocs/azure-aks-docs, articles/aks/workload-identity-overview.md, "Azure Identity client libraries"."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.home / f"{digest(where)}.token"
        file.touch(mode=0o600)
        claims = {"iss": account.issuer, "sub": account.subject, "aud": EXCHANGE_AUDIENCE}
        file.write_text(self.identity.signed({**claims}, _LIFETIME), encoding="ascii")
        return {
            "AZURE_AUTHORITY_HOST": self.endpoint,
            "AZURE_CLIENT_ID": account.client_id,
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
            "AZURE_TENANT_ID": self.tenant,
        }


def trusted_certificates(ca_file: Path) -> Path:
    """A file with the certificate authorities of this machine, or those of certifi, and that of this embedded Azure."""
    found = ssl.get_default_verify_paths().cafile or certifi.where()
    system = Path(found).read_text(encoding="utf-8", errors="replace")
    file = ca_file.with_name("trusted.pem")
    file.write_text(f"{system}\n{ca_file.read_text(encoding='utf-8')}", encoding="utf-8")
    return file
