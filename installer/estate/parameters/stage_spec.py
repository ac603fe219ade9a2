"""A deployment of the plan and its compiled template."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from installer.jsontypes import Json
from installer.shipped_files import compiled_template

Outputs: TypeAlias = Mapping[str, Mapping[str, Json]]
"""Outputs (value by name) by stage key."""
NOT_KNOWN: Final = "not known to the plan"
"""Placeholder for the value of a secret."""


@dataclass(frozen=True)
class Reading:
    """Location of a value that Azure changes automatically, such as grown storage.

    Attributes:
        path: Property names and list indices, from the root of the resource JSON.

    """

    resource_id: str
    api_version: str
    path: tuple[str | int, ...]


def _nothing() -> Json:
    return None


@dataclass(frozen=True)
class KeptByOthers:
    """Settings of others on a resource: read before a deployment, and sent again with it.

    Attributes:
        parameter: Parameter of the template.
        key: Member of the parameter, "" for the whole parameter.
        action: Suffix of the path, for values that Azure returns to a POST request only.
        flag: Parameter that is true if anything is kept, for a secure parameter that what-if cannot evaluate; "" for none.
        absent: Value if the resource does not exist, evaluated when it is read; None for nothing.
        select: What others have set, from the resource; None for nothing.
        label: Name of the resource in messages.
        holds: Property with the items of a selected list, or with a selected value; "" if an object of properties is
            selected.

    """

    parameter: str
    key: str
    resource_id: str
    api_version: str
    label: str
    select: Callable[[dict[str, Json]], Json] = field(repr=False, compare=False)
    action: str = ""
    flag: str = ""
    holds: str = ""
    absent: Callable[[], Json] = field(default=_nothing, repr=False, compare=False)


@dataclass(frozen=True)
class StageSpec:
    """One deployment at subscription scope.

    Attributes:
        key: Unique key among the stages of an installation.
        stage: Name of the template.
        title: Display name.
        needs: Keys of stages that must complete before.
        secrets: Dotted key of the answer with the reference, or "generated:NAME" for a generated secret, by secure
            parameter or name in the key vault. Never part of `parameters`.
        into_vault: The secrets go to a key vault: a secure object `values`, and the names to write in `names`.
        readings: Values to read before a later run, by parameter, so that the run does not reduce them; omitted if the
            resource does not exist yet.
        secret_days: Days after which its secrets expire; 0 for never. The parameter `expires` is added when it is sent.
        vaults: Resource id and region of its key vaults, which are recovered if they were deleted.
        backups: Resource ids of its backup vaults, each with the data source whose backup is recovered if it was deleted.
        kept: What others may have set on its resources, read before a later run as well.

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
    kept: tuple[KeptByOthers, ...] = ()
    vaults: tuple[tuple[str, str], ...] = ()
    secret_days: int = 0
    backups: tuple[tuple[str, str], ...] = ()

    def parameters(self, outputs: Outputs) -> dict[str, Json]:
        """Parameters in ARM format, `{name: {"value": …}}`, in a fixed order, without nulls.

        Raises KeyError if outputs of a required stage are missing.
        """
        return {name: {"value": value} for name, value in self.values(outputs).items() if value is not None}

    def secure(self, values: Mapping[str, str]) -> dict[str, Json]:
        """Secure parameters in ARM format, for the values of some or all secrets."""
        if not self.into_vault:
            return {name: {"value": value} for name, value in values.items()}
        names: list[Json] = list(values)
        return {"names": {"value": names}, "values": {"value": dict(values)}}

    @property
    def unknown(self) -> dict[str, Json]:
        """Placeholder secure parameters for planning."""
        return self.secure(dict.fromkeys(self.secrets, NOT_KNOWN)) if self.secrets else {}


def template(stage: str) -> dict[str, Json]:
    """The compiled template of a stage."""
    loaded: dict[str, Json] = json.loads(compiled_template(stage).read_bytes())
    return loaded
