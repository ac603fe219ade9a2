"""A plan announces what a run makes: every resource that a run writes has a line, and every line is written.

The answers files of the matrix are planned on an empty subscription, deployed in the embedded Azure of this process, and planned
again. What others do in answer is left out: connections of private endpoints, records that a policy writes, pushed images.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from installer.planning.make import make_plan
from installer.planning.model import WRITES, Change, Plan
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.deployments.deployed_estate import DeployedEstate, new_estate
from tests.emulator.in_memory import run
from tests.keyrings import NoKeyring, using
from tests.planning.local_arm import LocalArm, record_answers

SHORT = ("10-gateway-detection", "25-web-on-container-apps")
"""Files that together have a registered app, secrets of all kinds, both runtimes and an ingress."""
FILES = [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in MATRIX]
BY_OTHERS = ("/privateendpointconnections/", "/images/", "/deployedbypolicy")
NAMED_BY_IDENTITY = ("/roleassignments/", "/administrators/")
"""Names that follow from the ID of an identity, which exists only after a run."""
WRITTEN = WRITES | {"unknown"}


def contents(estate: DeployedEstate) -> dict[str, str]:
    """All resources of Azure by ID."""
    emulator = estate.azure.emulator
    store = emulator.resources
    found = [[*store.groups(one.id), *store.of_subscription(one.id)] for one in emulator.directory.subscriptions]
    return {one.key: json.dumps([one.desired, one.computed], sort_keys=True) for part in found for one in part}


def subjects(ids: Iterable[str]) -> Counter[str]:
    """IDs as a plan can know them, in lower case."""
    found = Counter[str]()
    for one in map(str.lower, ids):
        if any(word in one for word in BY_OTHERS):
            continue
        named = next((word for word in NAMED_BY_IDENTITY if word in one), "")
        known = one.partition(named)[0] + named if named else one
        parts = known.split("/")
        # The name of the zone of an internal environment has the domain that Azure chooses for it.
        found["/".join("(zone)" if part.endswith(".azurecontainerapps.io") else part for part in parts)] += 1
    return found


def lines(plan: Plan, *words: str) -> list[Change]:
    """Changes with these words of what the stages deploy."""
    return [one for one in plan.changes if one.change in (words or WRITTEN) and one.family in ("azure", "secret")]


@pytest.mark.parametrize("name", FILES)
def test_every_write_is_announced_every_line_is_written_and_then_there_is_nothing_to_do(
    tmp_path: Path, name: str
) -> None:
    answers = MATRIX[name]
    estate = new_estate(tmp_path, answers)
    arm = LocalArm(estate.azure, answers.subscription.subscription)
    with using(NoKeyring()):
        planned = make_plan(answers, arm)
        before = contents(estate)
        run(estate.deploy(answers, all_stages=True))
        record_answers(estate, answers)
        after = contents(estate)
        again = make_plan(answers, arm)
    arm.close()
    estate.azure.database.close()
    written = subjects(one for one, state in after.items() if before.get(one) != state)
    announced = subjects(one.id for one in lines(planned))
    assert announced.total() > 50
    assert written - announced == {}
    assert announced - written == {}
    assert planned.findings == again.findings == ()
    # Approvals and DNS records are steps of a run that deploys more than the stages.
    beside = ("approval", "dns")
    left = {one.id: one.change for one in again.changes if one.family not in beside}
    assert {word for word in left.values() if word not in ("same", "foreign")} == set(), left
