"""Writes the field names of Kubernetes' objects that the emulator's API server knows.

They are taken from the OpenAPI document of Kubernetes in the package kubernetes-validate (github.com/willthames/kubernetes-validate):

    python -m tests.emulator.providers.kubernetes.kubernetes_fields
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Final

from installer.emulator.providers import data_files
from installer.emulator.providers.kubernetes.kinds import KINDS
from installer.json_access import as_object, as_text
from installer.jsontypes import Json

VERSION: Final = "1.36"
"""The version of an emulated cluster (container_service.py)."""
FILE: Final = Path(str(files(data_files.__package__))) / "data" / "kubernetes_fields.json"
_SCHEMAS: Final = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{VERSION}.0-local-strict"
_API: Final = "io.k8s.api"


def fields() -> dict[str, Json]:
    """Names of the fields of each definition that the kinds of the emulator reach, with the definition of their values."""
    definitions: dict[str, Json] = json.loads((_SCHEMAS / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    kinds = {kind.name: name for kind in KINDS if (name := _definition(kind.name, kind.group)) in definitions}
    waiting, found = list(kinds.values()), dict[str, Json]()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        own = {field: _target(value) for field, value in as_object(as_object(definitions[name])["properties"]).items()}
        known = {field: target if _has_fields(definitions, target) else "" for field, target in own.items()}
        found[name] = {field: _short(target) for field, target in sorted(known.items())}
        waiting += [target for target in known.values() if target]
    return {
        "version": VERSION,
        "kinds": {kind: _short(name) for kind, name in kinds.items()},
        "fields": {_short(name): found[name] for name in sorted(found)},
    }


def _definition(kind: str, group: str) -> str:
    return f"{_API}.{group.partition('.')[0] or 'core'}.v1.{kind}"


def _target(schema: Json) -> str:
    """Name of the definition of a field or of the items of a list; "" for plain values and maps."""
    one = as_object(schema)
    for candidate in (one, as_object(one.get("items"))):
        if reference := as_text(candidate.get("$ref")):
            return reference.rpartition("/")[2]
    return ""


def _has_fields(definitions: dict[str, Json], name: str) -> bool:
    return bool(as_object(as_object(definitions.get(name)).get("properties")))


def _short(name: str) -> str:
    """A name without what all have in common."""
    return name.removeprefix(f"{_API}.").removeprefix("io.k8s.apimachinery.pkg.apis.")


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(fields(), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
