"""Containers of manifests as processes of this machine: their command and environment, with as little replaced as possible."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from installer.emulator.prefect.local import LOOPBACK, image_python, process_environment
from installer.estate.parameters.kubernetes.objects import Manifest
from installer.json_access import as_list, as_object, objects_of
from installer.jsontypes import Json
from tests.bicep.stage_requests import at

WITHOUT_AZURE: Final = frozenset({"PREFECT_PLUGINS_ENABLED"})
"""Settings of a manifest that a process of this machine cannot have: no managed identity signs in to its database."""


def container_of(manifests: Sequence[Manifest], name: str) -> dict[str, Json]:
    """The container of the deployment or job whose name begins so."""
    (found,) = [
        one
        for one in manifests
        if one["kind"] in {"Deployment", "Job"} and str(at(one["metadata"], "name")).startswith(name)
    ]
    return as_object(at(found, "spec", "template", "spec", "containers", 0))


def environment_of(
    container: dict[str, Json], home: Path, *, vault: Mapping[str, str], local: Mapping[str, str]
) -> dict[str, str]:
    """Environment of the container, with secrets of a vault, and settings that lead to parts of this machine.

    Raises AssertionError if the manifest has none of these settings, KeyError if the vault has not one of the secrets.
    """
    variables = objects_of(container["env"])
    plain = {str(one["name"]): str(one["value"]) for one in variables if "value" in one}
    kept = {
        str(one["name"]): vault[str(at(one["valueFrom"], "secretKeyRef", "key"))]
        for one in variables
        if "secretKeyRef" in as_object(one.get("valueFrom"))
    }
    found = {name: value for name, value in {**plain, **kept}.items() if name not in WITHOUT_AZURE}
    unknown = local.keys() - found.keys()
    assert not unknown, unknown
    return {**found, **process_environment(home), **local}


def start(
    container: dict[str, Json], environment: Mapping[str, str], log: IO[bytes], own: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Start the command of a container with the packages of the image; `own` replaces words of it."""
    words = [own.get(str(word), str(word)) for word in as_list(container["command"])]
    command = {"prefect": [image_python(), "-m", "prefect"], "python": [image_python()]}[words[0]]
    host = {"0.0.0.0": LOOPBACK}  # noqa: S104  replaced
    return subprocess.Popen(
        [*command, *(host.get(word, word) for word in words[1:])],
        env=dict(environment),
        stdout=log,
        stderr=log,
        cwd=environment["PREFECT_HOME"],
    )
