"""Ways from the internet to the web apps: Application Gateway, Front Door, or the public endpoint of the app itself."""

from collections.abc import Iterator, Mapping
from typing import Final

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.json_access import as_text, member
from installer.jsontypes import Json
from installer.sanitize import printable
from installer.topology.model import Entry, Way

_GATEWAY: Final = "microsoft.network/applicationgateways"
_FRONT_DOOR: Final = "microsoft.cdn/profiles"
_APPS: Final = ("microsoft.web/sites", "microsoft.app/containerapps")


def entries(answers: Answers, bodies: Mapping[str, Json]) -> Iterator[Entry]:
    """Services that answer on the internet; empty if everything is reached from the networks only."""
    it, kind = Installation(answers), answers.ingress.kind
    ways = [
        Way(printable(it.public_host(one)) if it.has_ingress else "", _app_of(one, it, bodies), one)
        for one in it.environments
    ]
    if kind == "direct":
        for way in ways:
            yield Entry("public access", way.target, (way,))
    elif kind != "private":
        found = {_name(body): body for body in _of_type(bodies, _GATEWAY if kind == "gateway" else _FRONT_DOOR)}
        name_of = it.names.gateway if kind == "gateway" else it.names.front_door
        for name, body in found.items():
            served = ways if len(found) == 1 else [way for way in ways if name_of(way.environment) == name]
            yield Entry(
                f"Front Door {_tier(body)}" if kind == "frontdoor" else "Application Gateway", name, tuple(served)
            )


def _of_type(bodies: Mapping[str, Json], kind: str) -> Iterator[Json]:
    return (body for body in bodies.values() if as_text(member(body, "type")).lower() == kind)


def _name(body: Json) -> str:
    return printable(as_text(member(body, "name")))


def _tier(body: Json) -> str:
    return as_text(member(body, "sku", "name")).partition("_")[0]


def _app_of(environment: str, it: Installation, bodies: Mapping[str, Json]) -> str:
    """The web app of an environment, by its name."""
    wanted = {it.names.site(environment).lower(), it.names.app(environment, "web").lower()}
    names = [_name(body) for kind in _APPS for body in _of_type(bodies, kind)]
    return next((name for name in names if name.lower() in wanted), "web app")
