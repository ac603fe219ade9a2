"""One deployment of the plan, and the compiled template that it sends."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from installer.jsontypes import Json
from installer.shipped_files import compiled_template

Outputs: TypeAlias = Mapping[str, Mapping[str, Json]]
"""Key of a stage to its outputs: name to value."""


@dataclass(frozen=True)
class Reading:
    """A value that Azure moves by itself, such as storage that grew, and where it is found.

    path: names of properties and indices of lists, from the resource's own JSON on.
    """

    resource_id: str
    api_version: str
    path: tuple[str | int, ...]


@dataclass(frozen=True)
class StageSpec:
    """One deployment at subscription scope.

    key: unique among the stages of an installation. stage: name of the template. title: for people.
    needs: keys of the stages that must be done before.
    secrets: secure parameter, or name in the vault, to the dotted key of the answer that refers to its
    value, or to "generated:NAME" for one that the installer makes; they are never among `parameters`.
    into_vault: the secrets are written to a vault: one secure object `values`, and which of them to write in `names`.
    readings: parameter to what is read back before a later run, so that it takes nothing away; left out when nothing is
    there yet.
    """

    key: str
    stage: str
    environment: str | None
    deployment_name: str
    location: str
    title: str
    needs: tuple[str, ...]
    values: Callable[[Outputs], dict[str, Json]] = field(repr=False, compare=False)
    secrets: Mapping[str, str] = field(default_factory=dict)
    into_vault: bool = False
    readings: Mapping[str, Reading] = field(default_factory=dict)

    def parameters(self, outputs: Outputs) -> dict[str, Json]:
        """Parameters as ARM takes them, `{name: {"value": …}}`, always in the same order; what is null is left out.

        Raises KeyError if the outputs of a stage that this one needs are not there.
        """
        return {name: {"value": value} for name, value in self.values(outputs).items() if value is not None}

    def secure(self, values: Mapping[str, str]) -> dict[str, Json]:
        """The secure parameters as ARM takes them, for the values of some or all of its secrets."""
        if not self.into_vault:
            return {name: {"value": value} for name, value in values.items()}
        names: list[Json] = list(values)
        return {"names": {"value": names}, "values": {"value": dict(values)}}

    @property
    def unknown(self) -> dict[str, Json]:
        """The secure parameters when only the plan is made."""
        return self.secure(dict.fromkeys(self.secrets, "not known to the plan")) if self.secrets else {}


def template(stage: str) -> dict[str, Json]:
    """The compiled template of a stage, from a checkout or from an installed distribution."""
    loaded: dict[str, Json] = json.loads(compiled_template(stage).read_bytes())
    return loaded
