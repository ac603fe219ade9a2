"""Target of an installation: a real cloud or a rehearsal.

The two differ only in endpoints, credential, certificate authority and speed.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

CLI_NAMES: Final = {"public": "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
"""Azure CLI name by FlowForge's name of each cloud."""
REHEARSAL: Final = "rehearsal"
"""Name of the embedded Azure of a rehearsal, in place of that of a cloud."""


@dataclass(frozen=True)
class Target:
    """Endpoints and credential of a cloud.

    Attributes:
        endpoint: URL of Azure Resource Manager, without a trailing slash.
        authority: URL of the Entra ID authority.
        audience: Audience of tokens for Azure Resource Manager.
        credential: Creates the credential on first use.
        account: Display name of the signed-in account.
        ca_file: Additional trusted certificate authority, or None.
        speed: Simulated seconds per real second; 1 for a real cloud.
        graph: URL of Microsoft Graph without a trailing slash; "" if unknown.
        renewable: Whether the credential gets a new token when one ends.
        secretless: Whether the account is known to sign in without a secret or certificate.

    """

    kind: Literal["azure", "rehearsal"]
    cloud: str
    endpoint: str
    authority: str
    audience: str
    credential: "Callable[[], TokenCredential]" = field(repr=False)
    account: str = ""
    ca_file: str | None = None
    speed: float = 1.0
    graph: str = ""
    renewable: "Callable[[], bool]" = field(default=lambda: True, repr=False)
    secretless: bool = False

    @property
    def is_rehearsal(self) -> bool:
        """Whether the target is the embedded Azure."""
        return self.kind == REHEARSAL
