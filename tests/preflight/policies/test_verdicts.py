"""Every definition of ../shared/policies: the verdict of the check before the run is that of the write."""

from collections import defaultdict
from pathlib import Path

import pytest

from installer.emulator.state.resources import Resource
from installer.estate.bodies import planned_bodies
from installer.json_access import JsonObject, as_text
from installer.policy.book import Book
from installer.policy.objects import PolicyObject, policy_object
from installer.preflight.policies.judging import Concerned, Facts, verdicts
from installer.preflight.policies.reads import InForce
from installer.resource_id import parse_id, subscription_of
from tests.bicep.answers_matrix import MATRIX
from tests.emulator.deployments.deployed_estate import new_estate
from tests.emulator.governance.every_definition import every_definition
from tests.emulator.governance.landing_zone import needs_policies
from tests.emulator.in_memory import run

pytestmark = needs_policies
Verdict = tuple[str, str]
"""Assignment and resource."""


def _pairs(found: dict[tuple[str, str, str], Concerned]) -> set[Verdict]:
    return {(one.rule.assignment.id, body.id.lower()) for one in found.values() for body in one.bodies}


@pytest.mark.parametrize("name", ["02-trial-public-container-apps", "03-trial-private"])
def test_the_verdict_before_the_run_is_that_of_the_write(tmp_path: Path, name: str) -> None:
    answers = MATRIX[name]
    estate = new_estate(tmp_path, answers)
    run(estate.deploy(answers, all_stages=True))
    emulator = estate.azure.emulator
    objects: dict[str, list[PolicyObject]] = defaultdict(list)
    for one in every_definition():
        parsed = parse_id(as_text(one["id"]))
        assert parsed is not None
        objects[parsed.type.lower()].append(policy_object(parsed.type, one))
        body: JsonObject = {key: item for key, item in one.items() if key not in ("id", "name", "type")}
        emulator.resources.save(
            Resource(parsed.id, parsed.type, parsed.names[-1], "2024-04-01", "Succeeded", 0, 0, desired=body)
        )
    book = Book(lambda kind: objects[kind.lower()])
    bodies = [one for one in planned_bodies(answers) if emulator.resources.get(one.id)]  # others are named by the run
    home = answers.subscription.subscription
    assert {subscription_of(one.id) for one in bodies} == {home}
    about: JsonObject = {
        "id": f"/subscriptions/{home}",
        "subscriptionId": home,
        "tenantId": emulator.directory.tenant_id,
    }
    found = verdicts(bodies, InForce(book, len(book.rules)), Facts({**about, "tags": {}}, {}), estate.azure.clock.now)
    before, undecided = _pairs(found.denied), _pairs(found.undecided)
    judge = emulator.policies.judge
    written = {
        (rule.assignment.id, one.id.lower())
        for one in bodies
        if (item := emulator.resources.get(one.id)) is not None
        for rule in judge.denials(judge.changed(emulator.policies.subject(item)))
    }
    assert len(written) > 100
    assert before - written == set(), "a false alarm"
    assert written - before - undecided == set(), "a denial that was missed"
    assert len(undecided) < 10, "Azure is asked about these"
