"""The way of a cluster to a version: one minor version after another, the control plane before its pools."""

from typing import Final

import pytest

from installer.jsontypes import Json
from installer.operations.upgrade.cluster_path import Cluster, moves, offered_patches, unsupported

PATCHES: Final[dict[tuple[int, ...], list[str]]] = {
    (1, 36): ["1.36.2", "1.36.0"],
    (1, 35): ["1.35.5"],
    (1, 34): ["1.34.9", "1.34.8"],
}


def way(version: str, target: str, **pools: str) -> list[str]:
    """The moves as text."""
    found = moves(Cluster(version, pools), target, PATCHES)
    return [f"{one.pool or 'control plane'} {one.before} {one.after}" for one in found]


def test_each_minor_version_first_the_control_plane_then_the_pools() -> None:
    assert way("1.34.8", "1.36.2", system="1.34.8", flows="1.34.8") == [
        "control plane 1.34.8 1.35.5",
        "system 1.34.8 1.35.5",
        "flows 1.34.8 1.35.5",
        "control plane 1.35.5 1.36.2",
        "system 1.35.5 1.36.2",
        "flows 1.35.5 1.36.2",
    ]


def test_a_patch_release_is_one_upgrade_and_what_is_there_is_none() -> None:
    assert way("1.36.0", "1.36.2", system="1.36.2") == ["control plane 1.36.0 1.36.2"]
    assert way("1.36.2", "1.36.2", system="1.36.2") == []


def test_a_pool_that_was_left_behind_comes_first_and_never_above_its_control_plane() -> None:
    assert way("1.35.0", "1.36.0", flows="1.34.8") == [
        "flows 1.34.8 1.35.0",
        "control plane 1.35.0 1.36.0",
        "flows 1.35.0 1.36.0",
    ]
    assert way("1.36.2", "1.36.2", flows="1.34.8") == ["flows 1.34.8 1.35.5", "flows 1.35.5 1.36.2"]


def test_a_version_that_has_left_support_is_named() -> None:
    assert unsupported(Cluster("1.34.0", {"flows": "1.33.1"}), PATCHES) == ["1.33.1"]
    assert unsupported(Cluster("1.34.0", {"flows": "1.34.0"}), PATCHES) == []


@pytest.mark.parametrize("member", [{"isPreview": True}, {"capabilities": {"supportPlan": ["AKSLongTermSupport"]}}])
def test_previews_and_versions_in_long_term_support_only_are_not_offered(member: dict[str, Json]) -> None:
    newest: dict[str, Json] = {"version": "1.37", "patchVersions": {"1.37.0": {}}, **member}
    usual: dict[str, Json] = {"version": "1.36", "patchVersions": {"1.36.0": {}, "1.36.10": {}, "1.36.9": {}}}
    assert offered_patches({"values": [newest, usual]}) == {(1, 36): ["1.36.10", "1.36.9", "1.36.0"]}
