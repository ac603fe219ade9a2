"""The command roles: a custom role of exactly what the deployer needs."""

import json
from pathlib import Path
from typing import Any

Settings = dict[str, Any]


def roles(_settings: Settings, path: Path) -> int:
    """Print the role as JSON; offline."""
    from installer.answers.files import load
    from installer.preflight.rights.custom_role import custom_role

    print(json.dumps(custom_role(load(path).answers), indent=2, ensure_ascii=False))
    return 0
