"""Marks of the versions of secrets: a process whose secrets have changed gets another mark, and starts again. Pure.

A mark is a short hash of the fingerprints of secrets (steps/secret_fingerprints.py), which are hashes themselves.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from installer.estate import keys
from installer.estate.parameters.stage_spec import Outputs
from installer.json_access import as_object, as_text
from installer.jsontypes import Json

SECRET_MARKS: Final = "secretMarks"  # noqa: S105  a name
"""Output of the stage of secrets with their fingerprints; a deployment has it in a tag."""
MARK_SETTING: Final = "FLOWFORGE_SECRETS_MARK"
"""Setting of apps with a mark. A new revision reads the latest version of its secrets, an App Service whose settings have changed
does so, too: MicrosoftDocs/azure-docs, articles/container-apps/manage-secrets.md and articles/app-service/app-service-key-vault-references.md
("Rotation"). Without it they would do so within 30 minutes or a day, each at another time."""
_LENGTH: Final = 8


def mark_of(outputs: Outputs, environment: str, names: Iterable[str]) -> str:
    """Mark of secrets of an environment; "" if no deployment has written one of them."""
    every = as_object(outputs.get(keys.secrets(environment), {}).get(SECRET_MARKS))
    found = [f"{name}={as_text(every[name])}" for name in sorted(set(names)) if name in every]
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:_LENGTH] if found else ""


def mark_settings(outputs: Outputs, environment: str, names: Iterable[str]) -> dict[str, Json]:
    """The setting of an app that reads these secrets."""
    mark = mark_of(outputs, environment, names)
    return {MARK_SETTING: mark} if mark else {}
