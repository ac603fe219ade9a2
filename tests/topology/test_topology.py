"""The picture has what the templates deploy, over the whole matrix: networks, subnets, endpoints, ways in, roles."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len

from installer.estate.resources import Planned, estate
from installer.resource_id import extended_id_of
from installer.topology.estate_topology import topology
from installer.topology.model import Entry, Identity, Item, Network, Topology, Way
from installer.topology.svg import COLOURS, STYLE, as_svg
from installer.topology.text import drawing, outline
from tests.bicep.answers_matrix import MATRIX

HOSTILE: Final = '</text><script>&"x"\x1b[31m[/b]\n日本'
WIDTHS: Final = (44, 78, 97, 118, 177)
DIFFERENT: Final = frozenset(
    {
        "01-trial-public",
        "07-hardened-gateway",
        "08-hardened-frontdoor",
        "13-existing-networks",
        "17-firewall",
        "25-web-on-container-apps",
        "26-everything-optional",
        "33-direct",
    }
)
"""Files of the matrix whose pictures differ in kind; evaluating the templates of the others adds seconds."""
every_file = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DIFFERENT else pytest.mark.long) for name in MATRIX]
)


@cache
def drawn(name: str) -> Topology:
    """The picture of a file of the matrix; tests share it, since its templates are evaluated for it."""
    return topology(MATRIX[name])


@cache
def _resources(name: str) -> tuple[Planned, ...]:
    return tuple(one for stage in estate(MATRIX[name]) for one in stage.resources)


def planned(name: str, kind: str) -> Iterator[str]:
    """IDs of the planned resources of a type."""
    return (one.id for one in _resources(name) if one.type.lower() == kind.lower())


@every_file
def test_every_planned_network_and_subnet_is_drawn_and_its_addresses_nest(name: str) -> None:
    found = drawn(name)
    networks = {one.id for one in found.networks if not one.existing}
    assert networks == {one.lower() for one in planned(name, "Microsoft.Network/virtualNetworks")}
    subnets = {f"{one.id}/subnets/{part.name}".lower() for one in found.networks for part in one.subnets if part.prefix}
    assert subnets == {one.lower() for one in planned(name, "Microsoft.Network/virtualNetworks/subnets")}
    for network in (one for one in found.networks if not one.existing):
        whole = [IPv4Network(one) for one in network.prefix.split(", ")]
        assert all(any(IPv4Network(part.prefix).subnet_of(one) for one in whole) for part in network.subnets)


@every_file
def test_every_private_endpoint_is_in_a_subnet(name: str) -> None:
    targets = {
        item.name for one in drawn(name).networks for part in one.subnets for item in part.items if item.endpoint
    }
    endpoints = list(planned(name, "Microsoft.Network/privateEndpoints"))
    assert bool(targets) == bool(endpoints)
    assert all(any(target in one.rpartition("/")[2] for target in targets) for one in endpoints)


@every_file
def test_every_role_assignment_is_an_arrow(name: str) -> None:
    arrows = sum(len(grant.roles) for who in drawn(name).identities for grant in who.grants)
    assignments = list(planned(name, "Microsoft.Authorization/roleAssignments"))
    assert arrows == len(assignments)
    assert all(extended_id_of(one) for one in assignments)


@every_file
def test_ways_in_are_those_of_the_answers(name: str) -> None:
    answers, found = MATRIX[name], drawn(name).entries
    if answers.ingress.kind == "private":
        assert found == ()
        return
    assert sorted(way.environment for one in found for way in one.ways) == sorted(answers.subscription.environments)
    assert all(way.target != "web app" for one in found for way in one.ways)
    if answers.ingress.kind != "direct":
        assert {way.host.removeprefix(f"{way.environment}-") for one in found for way in one.ways} == {
            answers.ingress.host
        }


@every_file
def test_the_drawing_fits_at_every_width_and_its_boxes_close(name: str) -> None:
    for width in WIDTHS:
        for line in drawing(drawn(name), width).splitlines():
            assert cell_len(line) <= width
            assert line.count("┌") == line.count("┐")
            assert line.count("└") in (line.count("┘"), line.count("┘") + 1)  # the last way in adds one corner


def test_spokes_stand_beside_each_other_where_there_is_room() -> None:
    found = drawn("08-hardened-frontdoor")
    together = {width: max(line.count("┌") for line in drawing(found, width).splitlines()) for width in WIDTHS}
    assert together == {44: 1, 78: 1, 97: 2, 118: 2, 177: 2}
    assert "│ peering" in drawing(found, 97)


def test_an_existing_network_is_named_and_marked() -> None:
    text = drawing(drawn("13-existing-networks"), 78)
    assert "┌─ dev vnet-dev (existing) ─" in text
    assert "peering" not in text


def test_the_outline_has_everything_and_no_drawing() -> None:
    found = drawn("08-hardened-frontdoor")
    text = "\n".join(outline(found))
    assert not set(text) & set("─│┌┐└┘▶■○┬├")
    for network in found.networks:
        assert network.title in text
        for item in (item for part in network.subnets for item in part.items):
            assert f"{item.name} ({item.kind})" in text
    for who in found.identities:
        assert who.name in text


@every_file
def test_the_svg_is_valid_and_has_every_name(name: str) -> None:
    found = drawn(name)
    root = ET.fromstring(as_svg(found))  # noqa: S314  our own document
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(root.itertext())
    for network in found.networks:
        assert network.title in words
    for who in found.identities:
        assert all(f"{who.name}: {', '.join(grant.roles)} on {grant.target}" in words for grant in who.grants)
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        if box.attrib["width"] != "100%":
            assert float(box.attrib["x"]) >= 0
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
            assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height


def test_the_svg_has_no_links_and_both_themes() -> None:
    text = as_svg(drawn("01-trial-public"))
    assert text.count("http") == 1  # the namespace
    assert "prefers-color-scheme: dark" in text


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("background", ["#f6f8fa", "#151b23"])
@pytest.mark.parametrize("colour", COLOURS)
def test_arrows_can_be_seen_in_both_themes(colour: str, background: str) -> None:
    assert background in STYLE
    assert contrast(colour, background) >= 3


def hostile(found: Topology) -> Topology:
    """The same with names that try to control the terminal and the document."""
    return replace(found, entries=(Entry("gateway", HOSTILE, (Way(HOSTILE, HOSTILE, "dev"),)),), identities=(Identity(HOSTILE, "dev", (HOSTILE,), ()),), public=(Item(HOSTILE, HOSTILE),), networks=(Network("/x", HOSTILE, "10.0.0.0/8", "dev", False, HOSTILE, (HOSTILE,), ()),))  # fmt: skip


def test_names_are_text_in_the_svg() -> None:
    root = ET.fromstring(as_svg(hostile(drawn("01-trial-public"))))  # noqa: S314
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
        "svg",
        "title",
        "style",
        "rect",
        "text",
        "path",
        "polygon",
    }
    assert "<script>" in " ".join(root.itertext())
    assert "\x1b" not in " ".join(root.itertext())


def test_names_are_text_in_the_terminal() -> None:
    found = hostile(drawn("01-trial-public"))
    for shown in (drawing(found, 97), "\n".join(outline(found))):
        assert all(line.isprintable() for line in shown.splitlines())
        assert "[31m" in shown
