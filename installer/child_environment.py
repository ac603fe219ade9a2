"""Environment of child processes: what programs need of the system, and nothing that only this process should have.

An environment is inherited as a whole unless one is given: with the client secret of the deployer, with tokens of the pipeline and
with every `env:` secret of the answers. Each child gets an allow-list from here.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

SYSTEM: Final = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "TERM",
        "COLORTERM",
        "NO_COLOR",
        "COLUMNS",
        "LINES",
        "SYSTEMROOT",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONHASHSEED",
        "VIRTUAL_ENV",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
    ]
)
"""Variables of the system and of Python."""
NETWORK: Final = frozenset(
    [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ]
)
"""Variables of programs that download: proxies and certificate authorities. The URL of a proxy may hold a password."""
_PIP: Final = "PIP_"
_SYSTEM_PREFIXES: Final = ("LC_", "XDG_")
_SIGN_IN_PREFIXES: Final = (
    "AZURE_",
    "AZURESUBSCRIPTION_",
    "ACTIONS_ID_TOKEN_",
    "SYSTEM_",
    "IDENTITY_",
    "MSI_",
    "FLOWFORGE_",
    "PYTHON_KEYRING_",
    "KEYRING_",
    "DBUS_",
)
"""Variables with which the installer signs in (cloud/sign_in.py, cloud/federated_sign_in.py), its options, and those of the keyring."""
_REFERENCE: Final = re.compile(r"\benv:([A-Za-z_][A-Za-z0-9_]*)")


def of_system(*, network: bool = False) -> dict[str, str]:
    """Environment of a program without secrets; with `network`, of one that downloads."""
    allowed = SYSTEM | NETWORK if network else SYSTEM
    prefixes = (*_SYSTEM_PREFIXES, _PIP) if network else _SYSTEM_PREFIXES
    return _only(lambda name: name.upper() in allowed or name.startswith(prefixes))


def of_installer(answers: Iterable[str] = ()) -> dict[str, str]:
    """Environment of another installer, which signs in to Azure itself; with the secrets that its answers name as `env:NAME`."""
    named = {name for text in answers for name in _REFERENCE.findall(text)}
    whole = of_system(network=True)
    return {**whole, **_only(lambda name: name in named or name.startswith(_SIGN_IN_PREFIXES))}


def _only(allowed: Callable[[str], bool]) -> dict[str, str]:
    environment: Mapping[str, str] = os.environ
    return {name: value for name, value in environment.items() if allowed(name)}
