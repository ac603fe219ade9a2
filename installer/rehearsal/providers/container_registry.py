"""Microsoft.ContainerRegistry: registries, whose names are unique in the whole world."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.rehearsal.clock import instant
from installer.rehearsal.errors import ArmError
from installer.rehearsal.providers.behaviour import Behaviour, Case, name_taken
from installer.rehearsal.shapes import as_text, member

if TYPE_CHECKING:
    from installer.rehearsal.shapes import JsonObject

_NAME = re.compile(r"[A-Za-z0-9]{5,50}")


def _check_registry(case: Case) -> None:
    name = case.leaf
    if not _NAME.fullmatch(name):
        raise ArmError(
            400,
            "NameInvalid",
            f"The registry name '{name}' is invalid: 5 to 50 letters and digits are expected.",
            cause="service",
        )
    if name_taken(case):
        raise ArmError(409, "AlreadyInUse", f"The registry DNS name {name} is already in use.", cause="service")


def _registry(case: Case) -> JsonObject:
    sku = as_text(member(case.resource.desired, "sku", "name"))
    return {
        "sku": {"tier": sku} if sku else {},
        "properties": {
            "loginServer": f"{case.leaf.lower()}.azurecr.io",
            "creationDate": instant(case.resource.created),
        },
    }


BEHAVIOURS = {"Microsoft.ContainerRegistry/registries": Behaviour(check=_check_registry, computed=_registry)}
