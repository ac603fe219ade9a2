"""The target: the cloud in which an installation happens, real or rehearsed.

The two differ in endpoints, credential and certificate authority, and in how fast time passes: nowhere else.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

CLI_NAMES: Final = {"public": "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}
"""Our names of clouds, and those by which the Azure CLI knows them."""


@dataclass(frozen=True)
class Target:
    """Where to go and as whom.

    endpoint: of Azure Resource Manager, without a trailing slash.
    audience: of its tokens. authority: where tokens come from.
    ca_file: certificate authority to trust beside the system's, or None.
    speed: how many simulated seconds pass in a real one; 1 for a real cloud.
    account: who is signed in, in words.
    credential: makes the credential when it is first needed.
    graph: where Microsoft Graph answers, without a trailing slash; "" where that is not known.
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

    @property
    def is_rehearsal(self) -> bool:
        """Whether everything happens in the embedded Azure."""
        return self.kind == "rehearsal"
