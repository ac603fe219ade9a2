"""Settings of local processes that differ from those of their containers in Azure, which they get otherwise unchanged.

- the certificate authority of this embedded Azure, in place of those of the system;
- the identity of the workload: what the webhook of AKS workload identity injects into a pod, or the identity endpoint of a
  container app, both with the loopback address of the embedded Azure;
- the loopback address of a PostgreSQL server, in place of DNS; its certificate has the name that Azure's has.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from installer.emulator.prefect.local import digest
from installer.emulator.protocol.managed_identities import ENDPOINT, EXCHANGE_AUDIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.postgresql.servers import LocalServers
    from installer.emulator.providers.kubernetes.workloads import Container, ServiceAccount

_DATABASE_HOST: Final = "FLOWFORGE_DATABASE_HOST"
_DATABASE_PROGRAM: Final = "FLOWFORGE_DATABASE_AUDIENCE"
"""Setting of programs that sign in to PostgreSQL."""


@dataclass(frozen=True)
class WorkloadSettings:
    """Makes the settings.

    Attributes:
        endpoint: URL of this embedded Azure.
        ca_file: Certificate of its authority.
        tenant: Tenant ID.
        identity: Issuer of its tokens.
        home: Folder for tokens of service accounts.
        servers: Local PostgreSQL servers.

    """

    endpoint: str
    ca_file: Path
    tenant: str
    identity: Identity
    home: Path
    servers: LocalServers

    def __enter__(self) -> Self:
        shutil.rmtree(self.home, ignore_errors=True)  # tokens of a killed session
        self.servers.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        """End the servers, and remove the tokens."""
        self.servers.__exit__(*failure)
        shutil.rmtree(self.home, ignore_errors=True)

    def of(self, where: str, container: Container) -> Mapping[str, str]:
        """Settings of the process of a container; `where`: ID of the object that the container belongs to."""
        found: dict[str, str] = {}
        if container.account is not None:
            found |= self._of_account(where, container.account)
        elif container.identities:
            header = self.identity.signed({"identities": list(container.identities), "jti": str(uuid.uuid4())})
            found |= {"IDENTITY_ENDPOINT": f"{self.endpoint}{ENDPOINT}", "IDENTITY_HEADER": header}
        address = self.servers.address_of(container.settings.get(_DATABASE_HOST, ""))
        if address is not None:
            found["FLOWFORGE_DATABASE_ADDRESS"] = address
        return {**found, "SSL_CERT_FILE": str(self.ca_file), "REQUESTS_CA_BUNDLE": str(self.ca_file)} if found else {}

    def can_run(self, container: Container) -> bool:
        """Whether what a container needs can run on this machine."""
        return _DATABASE_PROGRAM not in container.settings or not self.servers.unavailable

    def assumptions(self) -> list[str]:
        """Results that are assumed because this machine cannot run their programs."""
        reason = self.servers.unavailable
        web = "that the image of the web app holds its requirements: its commands and its web server are not run"
        database = f"roles and privileges in PostgreSQL: no server runs on this machine ({reason})"
        return [web, *((database,) if reason else ())]

    def _of_account(self, where: str, account: ServiceAccount) -> dict[str, str]:
        """As MicrosoftDocs/azure-aks-docs, articles/aks/workload-identity-overview.md, "Azure Identity client libraries"."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.home / f"{digest(where)}.token"
        file.touch(mode=0o600)
        claims = {"iss": account.issuer, "sub": account.subject, "aud": EXCHANGE_AUDIENCE}
        file.write_text(self.identity.signed({**claims}), encoding="ascii")
        return {
            "AZURE_AUTHORITY_HOST": self.endpoint,
            "AZURE_CLIENT_ID": account.client_id,
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
            "AZURE_TENANT_ID": self.tenant,
        }
