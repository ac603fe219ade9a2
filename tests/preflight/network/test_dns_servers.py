"""DNS servers of existing networks: that they resolve private endpoints is not called right, and each is named once."""

from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from installer.json_access import JsonObject, as_object
from installer.preflight.network.check import NETWORK
from installer.preflight.network.dns_servers import FORWARDERS
from tests.preflight.network.test_network import HUB, PEERED, SPOKE, hub, spoke, with_hub, with_spoke
from tests.preflight.surveyed import checked

WHAT: Final = "whether the DNS servers {} of {} resolve private endpoints"


def unseen(folder: Path, given: Answers, servers: dict[str, list[str]]) -> list[str]:
    """Facts that are not checked about networks with these DNS servers, by their ID."""
    known = [*hub(), *spoke(), *PEERED] if given.network.mode == "existing" else hub()
    resources: list[JsonObject] = []
    for one in known:
        own = servers.get(str(one["id"]))
        more: JsonObject = {"dhcpOptions": {"dnsServers": [*own]}} if own else {}
        resources.append({**one, "properties": {**as_object(one["properties"]), **more}})
    found = checked(folder, NETWORK, given, resources=resources)
    assert found.findings == ()
    return [one.what for one in found.not_checked if one.why == FORWARDERS]


@pytest.mark.parametrize(
    ("servers", "whats"),
    [
        ({}, []),
        ({SPOKE: ["168.63.129.16"]}, []),
        ({SPOKE: ["10.0.2.4", "10.0.2.5"]}, [WHAT.format("10.0.2.4, 10.0.2.5", "vnet-dev")]),
        ({SPOKE: ["10.0.2.4"], HUB: ["10.0.2.4"]}, [WHAT.format("10.0.2.4", "vnet-hub, vnet-dev")]),
    ],
)
def test_networks_that_ask_servers_of_others_are_named(
    tmp_path: Path, servers: dict[str, list[str]], whats: list[str]
) -> None:
    assert unseen(tmp_path, with_spoke(), servers) == whats


def test_new_spokes_do_not_ask_the_servers_of_a_hub(tmp_path: Path) -> None:
    assert unseen(tmp_path, with_hub(), {HUB: ["10.0.2.4"]}) == []
