"""Orders to read or restore the objects of a Prefect server, and the packed form in which objects cross the network.

Orders travel in settings of a job and results in its log: both are limited, so that the objects are compressed, and a result is
split into lines that no log cuts.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject, Kind
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json

Mode = Literal["read", "compare", "apply"]
_MODES: Final[tuple[Mode, ...]] = get_args(Mode)
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LINE: Final = 12_000
"""Characters of a line: Log Analytics cuts a value at 32 KB (learn.microsoft.com/azure/azure-monitor/service-limits)."""
MAX_CHARACTERS: Final = 400_000
"""The output of a command in a cluster has at most 512 kB (learn.microsoft.com/azure/aks/access-private-cluster)."""


def packed(objects: Sequence[FlowObject]) -> str:
    """The objects as text of few characters."""
    plain = json.dumps([[one.kind, one.name, dict(one.fields)] for one in objects], separators=(",", ":"))
    return base64.b85encode(zlib.compress(plain.encode(), 9)).decode("ascii")


def unpacked(text: str) -> tuple[FlowObject, ...]:
    """The objects of `packed`. Raises PrefectFailed if it is damaged."""
    try:
        found = as_list(json.loads(zlib.decompress(base64.b85decode(text))))
    except (ValueError, zlib.error, binascii.Error) as error:
        raise PrefectFailed("the objects of Prefect arrived damaged; try again") from error
    triples = (one for one in found if isinstance(one, list))
    return tuple(
        FlowObject(kind, as_text(name), as_object(fields))
        for given, name, fields in triples
        for kind in _KINDS
        if kind == given
    )


def in_lines(objects: Sequence[FlowObject]) -> Iterator[dict[str, Json]]:
    """Lines of a program with these objects, then a result that proves them complete.

    Raises PrefectFailed if they are more than a log has room for.
    """
    text = packed(objects)
    if len(text) > MAX_CHARACTERS:
        raise PrefectFailed(
            f"the objects of this Prefect are too many for a backup in files: {len(text):,} of {MAX_CHARACTERS:,} characters; "
            "they are in the backups of its database"
        )
    parts = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    for number, part in enumerate(parts):
        yield {"part": number, "text": part}
    yield {"result": {"parts": len(parts), "digest": _digest(text)}}


def from_lines(lines: Sequence[Mapping[str, Json]]) -> tuple[FlowObject, ...]:
    """The objects in the lines of the program. Raises PrefectFailed if some lines are missing."""
    result = next((as_object(line["result"]) for line in reversed(lines) if "result" in line), {})
    # A log may return lines of the same moment in any order.
    parts = {number: as_text(line.get("text")) for line in lines if isinstance(number := line.get("part"), int)}
    text = "".join(parts[number] for number in sorted(parts))
    if not result or len(parts) != result.get("parts") or _digest(text) != result.get("digest"):
        raise PrefectFailed("the runtime does not return the whole output of the job; try again in some minutes")
    return unpacked(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class BackupOrder:
    """Read the objects of the server, compare it with those of a backup, or restore them.

    Attributes:
        objects: Those of the backup.
        delete: Whether to delete what the server has and the backup has not.
        own: Keys of objects that FlowForge registers itself, which are never deleted. A deployment's has no flow: its name
            after the slash counts.

    """

    mode: Mode
    objects: tuple[FlowObject, ...] = ()
    delete: bool = False
    own: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The order as JSON."""
        return {"mode": self.mode, "objects": packed(self.objects), "delete": self.delete, "own": [*self.own]}

    @classmethod
    def from_json(cls, document: Json) -> "BackupOrder":
        """The order of `to_json`."""
        given = as_object(document)
        mode: Mode = next((one for one in _MODES if one == given.get("mode")), "read")
        own = tuple(as_text(one) for one in as_list(given.get("own")))
        return cls(mode, unpacked(as_text(given.get("objects"))), given.get("delete") is True, own)
