"""Settings of local processes that differ from those of their containers in Azure, which they get otherwise unchanged.

- the certificate authority of this embedded Azure, beside those of the system;
- a proxy for HTTPS that leads the names of storage accounts, key vaults, Azure Monitor and Prefect servers to this machine, in
  place of DNS (data_plane/proxy.py); other names are those of the internet;
- the identity of the workload: what the webhook of AKS workload identity injects into a pod, or the identity endpoint of a
  container app, both with the loopback address of the embedded Azure;
- a kubeconfig file, in place of the token of the service account in /var/run, which only root may write;
- the loopback address of a PostgreSQL server, in place of DNS; its certificate has the name that Azure's has;
- the loopback address of a Redis, in place of its name;
- values of secrets in vaults that are not part of the rehearsal: each version has one made of its name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import ssl
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import certifi

from installer.emulator.prefect.local import digest
from installer.emulator.protocol.managed_identities import ENDPOINT, EXCHANGE_AUDIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.emulator.authorization.tokens import Identity
    from installer.emulator.data_plane.proxy import NameProxy
    from installer.emulator.postgresql.servers import LocalServers
    from installer.emulator.providers.kubernetes.workloads import ClusterAccess, Container, ServiceAccount
    from installer.emulator.redis.servers import LocalRedis
    from installer.json_access import JsonObject

_LIFETIME: Final = 30 * 86400
"""Seconds for which the proof of an identity is valid: in Azure it is renewed while the container runs."""
_NAMES: Final = (
    "the way of workloads to Prefect, storage, key vault and Azure Monitor: their processes get a proxy (HTTPS_PROXY) in place "
    "of DNS and private endpoints"
)
_DATABASE_HOST: Final = "FLOWFORGE_DATABASE_HOST"
_DATABASE_PROGRAM: Final = "FLOWFORGE_DATABASE_AUDIENCE"
"""Setting of programs that sign in to PostgreSQL."""
_RENEW_SECONDS: Final = 1800.0
"""Half of the lifetime of a token (authorization/tokens.py)."""


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
        redis: Local Redis servers; None for none.
        names: Leads the names of data planes and workloads here; None for none.
        values: Returns the value of a version of a secret, None if no vault of the rehearsal has it.

    """

    endpoint: str
    ca_file: Path
    tenant: str
    identity: Identity
    home: Path
    servers: LocalServers
    redis: LocalRedis | None = None
    names: NameProxy | None = None
    values: Callable[[str], str | None] = lambda _reference: None
    _proxy: str = ""
    _trusted: Path | None = None
    _tokens: dict[Path, JsonObject] = field(default_factory=dict)
    _renewed: list[float] = field(default_factory=lambda: [time.monotonic()])

    def __enter__(self) -> Self:
        shutil.rmtree(self.home, ignore_errors=True)  # tokens of a killed session
        self.servers.__enter__()
        if self.redis is not None:
            self.redis.__enter__()
        if self.names is not None:
            self._proxy = self.names.listen()
            self._trusted = trusted_certificates(self.ca_file, self.names.authority.pem)
        return self

    def __exit__(self, *failure: object) -> None:
        """End the servers and the proxy, and remove the tokens."""
        if self.names is not None:
            self.names.close()
        if self.redis is not None:
            self.redis.__exit__(*failure)
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
        if container.access is not None:
            found["KUBECONFIG"] = str(self._kubeconfig(where, container.access))
        address = self.servers.address_of(container.settings.get(_DATABASE_HOST, ""))
        if address is not None:
            found["FLOWFORGE_DATABASE_ADDRESS"] = address
        elif self.servers.unavailable and _DATABASE_HOST in container.settings:
            found["FLOWFORGE_DATABASE_ADDRESS"] = "unavailable"
        if self._proxy:
            found |= {"HTTPS_PROXY": self._proxy, "https_proxy": self._proxy}
        trusted = str(self._trusted or self.ca_file)
        return {**found, "SSL_CERT_FILE": trusted, "REQUESTS_CA_BUNDLE": trusted} if found else {}

    def database_url(self, url: str) -> str | None:
        """URL of a database with the loopback address of its server; None if that does not run here."""
        parts = urlsplit(url)
        address = self.servers.address_of(parts.hostname or "")
        if address is None:
            return None
        user = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{user}@{address}").geturl()

    def redis_problem(self, url: str) -> str:
        """Why the Redis of a URL does not run here, "" if it does."""
        return "Redis does not run" if self.redis is None else self.redis.problem_of(url)

    def redis_url(self, url: str) -> str:
        """URL of a Redis with its loopback address; unchanged if it does not run here."""
        return url if self.redis is None else self.redis.local_url(url)

    def secret(self, reference: str) -> str:
        """Value of a version of a secret: the one in its vault, else one in the form of a sign-in, which Prefect expects."""
        kept = self.values(reference)
        if kept is not None:
            return kept
        value = hmac.new(self.identity.key, f"secret {reference}".encode(), hashlib.sha256).hexdigest()
        return f"flowforge:{value}"

    def renew_tokens(self) -> None:
        """Write the tokens of service accounts again before they expire, as the kubelet does. Thread-safe."""
        if time.monotonic() - self._renewed[0] > _RENEW_SECONDS:
            self._renewed[0] = time.monotonic()
            for file, claims in list(self._tokens.items()):
                file.write_text(self.identity.signed({**claims}), encoding="ascii")

    def can_run(self, container: Container) -> bool:
        """Whether what a container needs can run on this machine."""
        return _DATABASE_PROGRAM not in container.settings or not self.servers.unavailable

    def assumptions(self) -> list[str]:
        """Results that are assumed because this machine cannot run their programs."""
        reason = self.servers.unavailable
        databases = (
            f"roles and privileges in PostgreSQL: no server runs on this machine ({reason})",
            "the database of Prefect in PostgreSQL: a file replaces it",
        )
        web = "that the image of the web app holds its requirements: its commands and its web server are not run"
        return [
            web,
            *(databases if reason else ()),
            *(self.redis.assumptions() if self.redis is not None else ()),
            *((_NAMES,) if self.names is not None else ()),
        ]

    def _of_account(self, where: str, account: ServiceAccount) -> dict[str, str]:
        """As MicrosoftDocs/azure-aks-docs, articles/aks/workload-identity-overview.md, "Azure Identity client libraries"."""
        claims: JsonObject = {"iss": account.issuer, "sub": account.subject, "aud": EXCHANGE_AUDIENCE}
        return {
            "AZURE_AUTHORITY_HOST": self.endpoint,
            "AZURE_CLIENT_ID": account.client_id,
            "AZURE_FEDERATED_TOKEN_FILE": str(self._token_file(f"{digest(where)}.token", claims)),
            "AZURE_TENANT_ID": self.tenant,
        }

    def _kubeconfig(self, where: str, access: ClusterAccess) -> Path:
        """kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig."""
        token = self._token_file(f"{digest(where)}.cluster", {"aud": access.path, "sub": access.subject})
        server = {"server": f"{self.endpoint}{access.path}", "certificate-authority": str(self.ca_file)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "own",
            "contexts": [{"name": "own", "context": {"cluster": "own", "user": "own"}}],
            "clusters": [{"name": "own", "cluster": server}],
            "users": [{"name": "own", "user": {"tokenFile": str(token)}}],
        }
        file = self.home / f"{digest(where)}.kubeconfig"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    def _token_file(self, name: str, claims: JsonObject) -> Path:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.home / name
        file.touch(mode=0o600)
        file.write_text(self.identity.signed({**claims}), encoding="ascii")
        self._tokens[file] = claims
        return file


def trusted_certificates(ca_file: Path, more: str) -> Path:
    """A file with the certificate authorities of this machine, or those of certifi, and those of this embedded Azure.

    Args:
        ca_file: File with the authority of its server.
        more: Certificate of the authority of its container apps.

    """
    found = ssl.get_default_verify_paths().cafile or certifi.where()
    system = Path(found).read_text(encoding="utf-8", errors="replace")
    file = ca_file.with_name("trusted.pem")
    file.write_text(f"{system}\n{ca_file.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    return file
