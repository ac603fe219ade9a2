"""The reports by which a flow run shows that it lives (docs.prefect.io/v3/advanced/detect-zombie-flows)."""

from typing import Final

HEARTBEAT_SECONDS: Final = 60
"""Time between two reports: a setting of workers, at least 30 (prefect/settings/models/flows.py)."""
HEARTBEAT_EVENT: Final = "prefect.flow-run.heartbeat"
