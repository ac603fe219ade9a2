"""Settings of the admin's Prefect as Prefect itself finds them: environment variables, else the active profile. Read without Prefect.

Source: prefect 3.8.8, settings/sources.py: PREFECT_PROFILE names the profile, else `active` of the file that PREFECT_PROFILES_PATH names,
else profiles.toml in PREFECT_HOME, by default ~/.prefect. `prefect cloud login` writes URL and key there.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from installer.json_access import as_object, as_text

_API = "PREFECT_API_"


def settings() -> Mapping[str, str]:
    """The variables; one that is set counts more than the profile."""
    return {**_profile(), **os.environ}


def _profile() -> dict[str, str]:
    """Settings of the API in the active profile; empty if it cannot be read, as Prefect then has none."""
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    file = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    try:
        content = as_object(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    active = os.environ.get("PREFECT_PROFILE") or as_text(content.get("active"))
    found = as_object(as_object(content.get("profiles")).get(active))
    return {name: value for name, value in found.items() if isinstance(value, str) and name.startswith(_API)}
