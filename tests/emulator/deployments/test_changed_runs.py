"""A second run keeps what others have set, and a run with a changed answer sends nothing that Azure refuses.

A sample: each changeable answer with one value, in some of the example files; large ones run with `-m long`. `python -m tests.every_change` tries all.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from installer.answers.model import Answers
from tests.answers.changed_answers import DRAFTS, KEYS, changed
from tests.emulator.deployments.changed_runs import Installed, installed

SMALL: Final = ("dev", "container-apps")
"""Both runtimes. Every answer is changed in one of them, if it can be."""
LARGE: Final = ("08-hardened-frontdoor", "26-everything-optional")
"""Estates that take three times as long: all networks, ingress and services. Every third answer is changed in one of them."""
SAMPLE: Final = (*SMALL, *(pytest.param(name, marks=pytest.mark.long) for name in LARGE))
AT_LEAST: Final = 3
"""Outcomes of each kind in a part of the sample."""


@pytest.fixture(scope="module", params=SAMPLE)
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """An installation that was deployed twice, and changed by others between."""
    found = installed(tmp_path_factory.mktemp("installed"), DRAFTS[str(request.param)].answers())
    yield found
    found.estate.azure.database.close()


@cache
def _sample() -> Mapping[str, Mapping[str, Answers]]:
    """Changed answers by file and key: the files in turns, without those that cannot change the answer."""
    found: dict[str, dict[str, Answers]] = {name: {} for name in (*SMALL, *LARGE)}

    def add(key: str, files: tuple[str, ...]) -> None:
        tried = ((file, answers) for file in files for answers in islice(changed(file, key), 1))
        for file, answers in islice(tried, 1):
            found[file][key] = answers

    for place, key in enumerate(KEYS):
        add(key, (SMALL[place % 2], *SMALL, *LARGE))
        if place % 3 == 0:
            add(key, (LARGE[place // 3 % 2], *LARGE))
    return found


def test_the_sample_has_every_answer() -> None:
    """Networks of others cannot be changed alone: each environment needs one. Flows are files, and deployed by a command."""
    missing = set(KEYS) - {key for keys in _sample().values() for key in keys}
    assert missing == {"flows.source", "network.spoke_ids"}
    assert len([key for name in SMALL for key in _sample()[name]]) > len(KEYS) - 10


def test_what_others_have_set_is_kept_by_a_second_run(installation: Installed) -> None:
    kinds = {one.resource_id.split("/")[-2].lower() for one in installation.by_others}
    assert {"virtualnetworks", "networksecuritygroups", "storageaccounts", "vaults", "workspaces"} <= kinds
    tagged = {one.resource_id.split("/")[-2].lower() for one in installation.by_others if one.tags}
    assert {"resourcegroups", "virtualnetworks", "storageaccounts", "vaults", "flexibleservers"} <= tagged
    assert len(installation.by_others) >= 5


def test_access_that_others_have_closed_stays_closed(tmp_path: Path) -> None:
    """With public endpoints FlowForge leaves data lakes, vaults, servers and clusters open."""
    found = installed(tmp_path / "installed", DRAFTS["01-trial-public"].answers())
    kinds = {one.resource_id.split("/")[-2].lower() for one in found.by_others}
    found.estate.azure.database.close()
    assert {"storageaccounts", "vaults", "flexibleservers", "managedclusters"} <= kinds


def test_a_changed_answer_is_refused_or_deployed(installation: Installed, request: pytest.FixtureRequest) -> None:
    file = str(request.node.callspec.params["installation"])
    faults, outcomes = [], Counter[str]()
    for key, answers in _sample()[file].items():
        try:
            outcomes[installation.run_with(answers)] += 1
        except AssertionError as fault:
            faults.append(f"{key}: {str(fault)[:500]}")
    assert faults == []
    assert min(outcomes["refused"], outcomes["deployed"]) >= AT_LEAST
