"""Values of a project that are probably secrets: prefect.yaml is kept in git, in the image, in Prefect and in each Job."""

import re
from collections.abc import Mapping
from typing import Final

from installer.flow_project.target import Described
from installer.flow_project.templates import PLACEHOLDER
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json

_SECRET: Final = re.compile(
    r"password|secret|token|connection_string|api_?key|access_?key|account_key|private_key", re.IGNORECASE
)
_CLONE: Final = "git_clone"
_USER: Final = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def secret_keys(values: Mapping[str, Json]) -> list[str]:
    """Keys that name secrets, of values that are written in the file."""
    return sorted(
        key for key, value in values.items() if _SECRET.search(key) and isinstance(value, str) and _is_literal(value)
    )


def check_secrets(given: Mapping[str, Json], where: str, found: Described) -> None:
    """Problems of credentials in the pull steps of a deployment; notes of others, whose names may mislead."""
    for step in [given["pull"]] if isinstance(given.get("pull"), dict) else as_list(given.get("pull")):
        for name, options in as_object(step).items():
            token, address = (as_text(as_object(options).get(key)) for key in ("access_token", "repository"))
            if name.endswith(_CLONE) and (_is_literal(token) or _is_literal("".join(_USER.findall(address)))):
                found.problems.append(
                    f"{where}: pull has the credentials of a repository in clear; write credentials or access_token as "
                    "{{ prefect.blocks… }}, or leave pull out: the image has the files"
                )
    environment = as_object(as_object(as_object(given.get("work_pool")).get("job_variables")).get("env"))
    for place, values in (("job_variables.env", environment), ("parameters", as_object(given.get("parameters")))):
        found.notes += [
            f"{where}: {place}.{key} is in clear in this file, in Prefect and in each Job; if it is a secret, keep it in Key Vault"
            for key in secret_keys(values)
        ]


def _is_literal(value: str) -> bool:
    return bool(value) and not PLACEHOLDER.search(value)
