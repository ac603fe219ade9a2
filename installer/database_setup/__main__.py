"""Program of the database administrator, inside the network: `python -m installer.database_setup`.

It is transferred in settings (job_program/packing.py). Its order is in FLOWFORGE_ORDER; the server and the identity are in
FLOWFORGE_DATABASE_HOST, FLOWFORGE_DATABASE_USER, FLOWFORGE_DATABASE_AUDIENCE and AZURE_CLIENT_ID. It writes JSON lines: events,
then {"result": "done"} or {"error": text}. It can be repeated at any time.
"""

import asyncio
import json
import os
import sys
import traceback

from installer.database_setup.apply import apply
from installer.database_setup.connection import Server
from installer.database_setup.model import DatabaseOrder
from installer.errors import InstallerError
from installer.job_program.output import json_lines


def main() -> int:
    """Execute the order; returns exit code 1 if it failed."""
    write = json_lines()
    order = DatabaseOrder.from_json(json.loads(os.environ["FLOWFORGE_ORDER"]))
    try:
        asyncio.run(apply(order, Server.of(os.environ), write))
    except InstallerError as error:
        write({"error": str(error)})
        return 1
    except Exception as error:  # noqa: BLE001  any error is reported as text; the log has the traceback
        traceback.print_exc()
        write({"error": f"{type(error).__name__}: {error}"})
        return 1
    write({"result": "done"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
