"""The credential of the workload in whose job a program runs."""

import os
from typing import Any


def workload_credential(client_id: str | None = None) -> Any:
    """The managed identity: on AKS for a federated service account, else from the runtime's endpoint.

    Args:
        client_id: That of the identity; by default the one in AZURE_CLIENT_ID.

    """
    from azure.identity import ManagedIdentityCredential, WorkloadIdentityCredential

    own = client_id or os.environ.get("AZURE_CLIENT_ID")
    if os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
        # The cluster names the authority, so a further request to check it would only need more egress.
        return WorkloadIdentityCredential(client_id=own, disable_instance_discovery=True)
    return ManagedIdentityCredential(client_id=own)
