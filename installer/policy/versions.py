"""Versions of definitions: `1.*.*` accepts every 1.x.y, `-preview` only previews (definition version of an assignment)."""

from __future__ import annotations


def fitting_version(version: str, wanted: str) -> bool:
    """Whether a version such as 1.2.0 fits a wanted one such as 1.*.*."""
    own, _, own_suffix = version.partition("-")
    pattern, _, suffix = wanted.partition("-")
    if bool(own_suffix) != bool(suffix):
        return False
    return all(part in ("*", number) for part, number in zip(pattern.split("."), own.split("."), strict=False))
