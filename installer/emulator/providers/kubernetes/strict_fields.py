"""Strict field validation of the API server: an object with a field that Kubernetes does not know is refused.

kubectl asks for it by default: kubernetes.io/docs/reference/using-api/api-concepts ("Field validation"). Text:
kubernetes/kubernetes, staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go (transformDecodeError). The fields are those of
the version of an emulated cluster; kinds of custom resources (Cilium, Secrets Store CSI driver) are not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator.providers.data_files import load
from installer.json_access import JsonObject, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json


def refusal_of_fields(manifest: JsonObject) -> str:
    """Why the API server cannot decode an object, or ''."""
    kind = as_text(manifest.get("kind"))
    definition = as_text(member(load("kubernetes_fields"), "kinds", kind))
    unknown = ", ".join(f'unknown field "{path}"' for path in _unknown(manifest, definition, "")) if definition else ""
    version = as_text(manifest.get("apiVersion")).rpartition("/")[2]
    return (
        f'{kind} in version "{version}" cannot be handled as a {kind}: strict decoding error: {unknown}'
        if unknown
        else ""
    )


def _unknown(value: Json, definition: str, path: str) -> Iterator[str]:
    """Paths of unknown fields below a value with the fields of a definition."""
    known = as_object(member(load("kubernetes_fields"), "fields", definition))
    for name, item in as_object(value).items():
        own = f"{path}.{name}" if path else name
        target = known.get(name)
        if target is None:
            yield own
        elif target:
            yield from _below(item, as_text(target), own)


def _below(value: Json, definition: str, path: str) -> Iterator[str]:
    """The same for each item of a list."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unknown(item, definition, f"{path}[{number}]")
    else:
        yield from _unknown(value, definition, path)
