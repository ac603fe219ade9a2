"""Environment variables of the secrets in exported files, and how a team makes those that the installer would make."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from installer.steps.secret_fingerprints import GENERATED, TLS, TLS_CERTIFICATE, TLS_KEY
from installer.steps.server_certificates import LIFETIME

_WORD: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class SecretValue:
    """A secret that a deployment needs.

    Attributes:
        variable: Name of the environment variable.
        command: Bash expression with a new value of a secret that the installer would make; "" for others.

    """

    variable: str
    command: str = ""


def secret_value(name: str, key: str, flat: Mapping[str, object], environment: str | None) -> SecretValue:
    """The variable of a secret: that of the answer, or one named after the secret.

    Args:
        name: of the secret.
        key: of the answer with its reference, or how the installer makes it.
        flat: answers by dotted key.
        environment: of the deployment.

    """
    if key.startswith(GENERATED):
        return SecretValue(_variable(name), '"flowforge:$(openssl rand -hex 24)"')
    if key.startswith(TLS):
        private, certificate = (_variable(f"{prefix}{environment}") for prefix in TLS)
        if key.startswith(TLS_KEY):
            return SecretValue(
                private, '"$(openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt)"'
            )
        return SecretValue(certificate, _certificate(private, key.removeprefix(TLS_CERTIFICATE).split()[1:]))
    kind, _, variable = str(flat[key]).partition(":")
    return SecretValue(variable) if kind == "env" else SecretValue(_variable(name))


def _variable(name: str) -> str:
    return f"FLOWFORGE_SECRET_{'_'.join(_WORD.findall(name)).upper()}"


def _certificate(private: str, hosts: list[str]) -> str:
    """Self-signed certificate of a private key for names and addresses, as the installer makes it."""
    names = ",".join(f"{'IP' if _is_address(host) else 'DNS'}:{host}" for host in hosts)
    return (
        f'"$(openssl req -x509 -new -key <(printf \'%s\\n\' "${private}") -days {LIFETIME.days} '
        f"-subj '/CN={hosts[0][:64]}' -addext 'subjectAltName={names}' -addext 'extendedKeyUsage=serverAuth')\""
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
