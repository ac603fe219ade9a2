"""Orders for the customer's flows, as JSON for the setup program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from installer.flow_project.objects import KINDS, FlowObject
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json

Mode = Literal["diff", "reserve", "apply"]
_MODES: Final[Mapping[str, Mode]] = {"reserve": "reserve", "apply": "apply"}


@dataclass(frozen=True)
class Deployer:
    """The run that deploys flows.

    Attributes:
        by: The run and its machine, for messages: "contoso-1@host".
        key: Distinguishes two runs of the same name; the same in every attempt of a run.

    """

    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class FlowsOrder:
    """Compare the objects of an environment with Prefect, or also apply them.

    Attributes:
        environment: Name of the environment, which has its own record.
        mode: "diff" changes nothing; "reserve" keeps other runs from deploying until "apply" has ended.
        mark: Short hash of the project's files.
        image: Image of the flow runs, by digest; "" if it is not built yet.
        objects: The wanted objects, in the order of their kinds.
        take: Keys of objects to overwrite although another user has made or changed them.
        project: Folder of the project, to read the parameters of its flows; "" where it does not exist.
        assumes_packages: Packages that the project requires may be missing: a rehearsal installs none.
        built_elsewhere: The image was not built from these files by the installer: compare the files in it with the mark.
        deployer: The run.
        seen: Version of the record that was compared, "" if there was none: with another one nothing is applied. None = any.

    """

    environment: str
    mode: Mode
    mark: str
    objects: tuple[FlowObject, ...]
    image: str = ""
    take: tuple[str, ...] = ()
    project: str = ""
    assumes_packages: bool = False
    built_elsewhere: bool = False
    deployer: Deployer = field(default_factory=Deployer)
    seen: str | None = None

    def to_json(self) -> dict[str, Json]:
        """The order as JSON."""
        return {
            "environment": self.environment,
            "mode": self.mode,
            "mark": self.mark,
            "objects": [[one.kind, one.name, dict(one.fields)] for one in self.objects],
            "image": self.image,
            "take": [*self.take],
            "project": self.project,
            "assumes_packages": self.assumes_packages,
            "built_elsewhere": self.built_elsewhere,
            "by": self.deployer.by,
            "key": self.deployer.key,
            "seen": self.seen,
        }

    @classmethod
    def from_json(cls, document: Json) -> "FlowsOrder":
        """The order of `to_json`."""
        given = as_object(document)
        text = {name: as_text(given.get(name)) for name in ("environment", "mark", "image", "project")}
        triples = (one for one in as_list(given.get("objects")) if isinstance(one, list))
        objects = tuple(
            FlowObject(kind, as_text(name), as_object(fields))
            for found, name, fields in triples
            for kind in KINDS
            if kind == found
        )
        take, seen = tuple(as_text(one) for one in as_list(given.get("take"))), given.get("seen")
        return cls(
            **text,
            mode=_MODES.get(as_text(given.get("mode")), "diff"),
            objects=objects,
            take=take,
            assumes_packages=given.get("assumes_packages") is True,
            built_elsewhere=given.get("built_elsewhere") is True,
            deployer=Deployer(as_text(given.get("by")), as_text(given.get("key"))),
            seen=None if seen is None else as_text(seen),
        )


@dataclass(frozen=True)
class RunOrder:
    """Run a deployment once, and follow the run to its end.

    Attributes:
        deployment: "flow/deployment".
        parameters: Parameters of the run, over those of the deployment.
        key: Idempotency key: the same key resumes the same run.

    """

    deployment: str
    key: str
    parameters: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The order as JSON."""
        return {"deployment": self.deployment, "key": self.key, "parameters": dict(self.parameters)}

    @classmethod
    def from_json(cls, document: Json) -> "RunOrder":
        """The order of `to_json`."""
        given = as_object(document)
        name, key = as_text(given.get("deployment")), as_text(given.get("key"))
        return cls(name, key, as_object(given.get("parameters")))
