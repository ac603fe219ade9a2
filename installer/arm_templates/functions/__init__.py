"""The functions of the template language, a family per file; importing this package registers them all."""

from __future__ import annotations

from installer.arm_templates.functions import (
    arrays,
    catalogue,
    conversions,
    dates,
    hashing,
    lambdas,
    networks,
    numbers,
    objects,
    resources,
    strings,
    template,
    uris,
)

__all__ = [
    "arrays",
    "catalogue",
    "conversions",
    "dates",
    "hashing",
    "lambdas",
    "networks",
    "numbers",
    "objects",
    "resources",
    "strings",
    "template",
    "uris",
]
