"""Pages of the answers that decide what is billed."""

from __future__ import annotations

from typing import Final

PRICED_PAGES: Final = frozenset(
    {
        "governance",
        "network",
        "ingress",
        "platform",
        "images",
        "sizing",
        "data",
        "monitoring",
        "dev",
        "qa",
        "uat",
        "prod",
    }
)
"""Pages of the wizard that show the estimate."""
DECIDING_PAGES: Final = PRICED_PAGES | {"subscription", "integrations"}
"""The same with pages on which no estimate is shown."""
