"""A promotion as data: the images of an environment before and afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import cast

from installer.json_access import as_object, as_text
from installer.jsontypes import Json


@dataclass(frozen=True)
class Promotion:
    """A promotion, or the way back from one.

    Attributes:
        source: The environment whose images are promoted, "" for a way back.
        target: The environment that gets them.
        mark: Differs for each promotion.
        before: Images of the target before, by kind: repository and digest.
        after: Images of the target afterwards, by kind.
        flows: Digest of the image of the customer's flows that is promoted with them, "" for none.

    """

    source: str
    target: str
    mark: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    flows: str = ""

    def as_json(self) -> dict[str, Json]:
        """As journals and the record keep it."""
        return cast("dict[str, Json]", {**asdict(self), "before": dict(self.before), "after": dict(self.after)})

    @classmethod
    def of(cls, fact: Json) -> "Promotion | None":
        """From a journal or the record; None if it is none."""
        found = as_object(fact)
        before, after = as_object(found.get("before")), as_object(found.get("after"))
        source, target, mark = (as_text(found.get(name)) for name in ("source", "target", "mark"))
        if not target or not mark:
            return None
        return cls(source, target, mark, _images(before), _images(after), as_text(found.get("flows")))

    @property
    def changes_prefect(self) -> bool:
        """Whether it changes the image of Prefect: the work pools are paused around that."""
        return self.before.get("prefect") != self.after.get("prefect")

    def others(self, environments: Iterable[str]) -> tuple[str, ...]:
        """The environments that it leaves as they are."""
        return tuple(name for name in environments if name != self.target)


def _images(found: Mapping[str, Json]) -> dict[str, str]:
    return {kind: as_text(image) for kind, image in found.items()}
