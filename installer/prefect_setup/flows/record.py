"""The record of an environment: the objects that FlowForge has made for the customer's flows, as Prefect stored them.

It is an artifact, because artifacts exist in every Prefect server and in Prefect Cloud, hold JSON of any size, and keep their
earlier versions. It has hashes only, so a field that a user has changed since is noticed and left alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.flows.order import Deployer

FORMAT: Final = 1


@dataclass(frozen=True)
class Hashes:
    """Hashes of a field: as the file wanted it, and as Prefect stored it then."""

    wanted: str
    stored: str


@dataclass(frozen=True)
class Record:
    """The record of an environment.

    Attributes:
        mark: Short hash of the files that were deployed last.
        image: Their image by digest.
        objects: Hashes of the fields by object key.
        pending: Keys of objects that an interrupted deployment may have created.
        deployer: The run that has written it.
        version: A new one at each writing. Prefect returns the latest artifact of a key under the ID of the key, which stays the
            same (prefect 3.8.8, server/models/artifacts.py, read_latest_artifact).

    """

    mark: str = ""
    image: str = ""
    objects: Mapping[str, Mapping[str, Hashes]] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    deployer: Deployer = field(default_factory=Deployer)
    version: str = ""

    def owns(self, key: str) -> bool:
        """Whether FlowForge has made the object."""
        return key in self.objects or key in self.pending

    def to_json(self) -> dict[str, Json]:
        """The record as JSON."""
        return {
            "format": FORMAT,
            "mark": self.mark,
            "image": self.image,
            "by": self.deployer.by,
            "key": self.deployer.key,
            "version": self.version,
            "pending": [*sorted(self.pending)],
            "objects": {
                key: {name: [one.wanted, one.stored] for name, one in fields.items()}
                for key, fields in sorted(self.objects.items())
            },
        }

    @classmethod
    def from_json(cls, document: Json) -> "Record":
        """Parse a record; unknown content is read as not FlowForge's."""
        given = as_object(document)
        objects = {
            key: {
                name: Hashes(as_text(pair[0]), as_text(pair[1]))
                for name, pair in as_object(fields).items()
                if isinstance(pair, list) and len(pair) == 2
            }
            for key, fields in as_object(given.get("objects")).items()
        }
        pending = frozenset(as_text(one) for one in as_list(given.get("pending")))
        deployer = Deployer(as_text(given.get("by")), as_text(given.get("key")))
        mark, image, version = (as_text(given.get(name)) for name in ("mark", "image", "version"))
        return cls(mark, image, objects, pending, deployer, version)


def hash_of(value: Json) -> str:
    """Short hash of a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
