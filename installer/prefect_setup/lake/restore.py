"""Lists what was deleted in a data lake, and restores it: containers first, then directories before what is in them.

Everything can be done again: what was restored is no longer deleted. Of several deletions of one path the newest is restored.
"""

from collections.abc import Callable, Iterator
from typing import Final

from installer.jsontypes import Json
from installer.prefect_setup.lake.blob_service import BlobService, DeletedItem
from installer.prefect_setup.lake.order import LakeOrder

WriteLine = Callable[[dict[str, Json]], None]
MAX_LISTED: Final = 1500
"""Lines of a list: the log of a job is limited (installer/cloud/clusters.py). A restore has no such limit."""
MAX_KEPT: Final = 200
"""Lines about what was not restored."""
OWN: Final = "_flowforge"
"""Folder of the files of acceptance runs, which delete them: left out unless the order names it."""
_PASSES: Final = 50
"""The content of a deleted directory is seen once the directory is restored: passes for nested ones."""


def found_in(service: BlobService, order: LakeOrder) -> list[DeletedItem]:
    """The items that the order means: the newest deletion of each path, directories before what is in them. Raises VerificationFailed."""
    newest: dict[str, DeletedItem] = {}
    for one in _every(service, order):
        if order.after <= one.at <= order.before and (one.name not in newest or newest[one.name].at < one.at):
            newest[one.name] = one
    return sorted(newest.values(), key=lambda one: (one.kind != "container", one.name.count("/"), one.name))


def _every(service: BlobService, order: LakeOrder) -> Iterator[DeletedItem]:
    present = [(name, gone) for name, gone in service.containers() if order.container in ("", name)]
    for _, gone in present:
        if gone is not None and not order.prefix:
            yield gone
    for name in [name for name, gone in present if gone is None]:
        for one in service.deleted(name, order.prefix):
            if order.prefix.startswith(OWN) or one.path.partition("/")[0] != OWN:
                yield one


def read(service: BlobService, order: LakeOrder, write: WriteLine) -> dict[str, Json]:
    """Write a line for each item; returns their number and size. Raises VerificationFailed."""
    found = found_in(service, order)
    for one in found[:MAX_LISTED]:
        write({"deleted": one.kind, "name": one.name, "at": one.at, "days": one.days, "size": one.size})
    return {"found": len(found), "size": sum(one.size for one in found)}


def restore(service: BlobService, order: LakeOrder, write: WriteLine) -> dict[str, Json]:
    """Restore the items, and write a line for each container, directory and refusal; returns numbers. Raises VerificationFailed."""
    restored, refused, size, seen = 0, 0, 0, set[str]()
    for _ in range(_PASSES):
        again = [one for one in found_in(service, order) if one.name not in seen]
        if not again:
            break
        for one in again:
            seen.add(one.name)
            if code := service.restore(one):
                refused += 1
                if refused <= MAX_KEPT:
                    write(
                        {"event": "kept", "kind": one.kind, "name": one.name, "text": f"{one.kind} {one.name}: {code}"}
                    )
                continue
            restored, size = restored + 1, size + one.size
            if one.kind != "file":
                text = f"{one.kind} {one.name} restored"
                write({"event": "created", "kind": one.kind, "name": one.name, "text": text})
    return {"restored": restored, "size": size, "refused": refused}
