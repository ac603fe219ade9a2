"""Orders to list or restore what was deleted in a data lake, as JSON for the program."""

from dataclasses import asdict, dataclass
from typing import Literal

from installer.json_access import as_object, as_text
from installer.jsontypes import Json

Mode = Literal["read", "restore"]


@dataclass(frozen=True)
class LakeOrder:
    """Deleted items to list or restore.

    Attributes:
        account: URL of the Blob service of the account, without a slash at its end.
        audience: Audience of tokens for it.
        container: Name of the container, "" for all.
        prefix: Begin of the paths in the container.
        after: Earliest time of a deletion, in seconds since the epoch.
        before: Latest time of a deletion.

    """

    mode: Mode
    account: str
    audience: str
    container: str = ""
    prefix: str = ""
    after: float = 0.0
    before: float = 0.0

    def to_json(self) -> dict[str, Json]:
        """The order as JSON."""
        return {**asdict(self)}

    @classmethod
    def from_json(cls, document: Json) -> "LakeOrder":
        """The order of `to_json`."""
        given = as_object(document)
        text = {name: as_text(given.get(name)) for name in ("account", "audience", "container", "prefix")}
        after, before = (_number(given.get(name)) for name in ("after", "before"))
        mode: Mode = "restore" if given.get("mode") == "restore" else "read"
        return cls(mode, **text, after=after, before=before)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
