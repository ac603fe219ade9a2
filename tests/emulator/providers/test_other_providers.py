"""A resource fails without the other resource providers that its type needs, and succeeds once they are registered."""

from pathlib import Path

import pytest

from installer.json_access import as_object
from installer.jsontypes import Json
from installer.provider_needs import ProviderNeed, all_needs, with_needs
from tests.bicep.answers_variants import OTHER
from tests.emulator.in_memory import SCOPE, bench, run
from tests.emulator.providers.test_subnet_rules import ended
from tests.emulator.sample_templates import resource

SUBSCRIPTION = SCOPE.rsplit("/", 1)[-1]
PAIRS = [(need, namespace) for need in all_needs() for namespace in need.needs]


def body(need: ProviderNeed) -> dict[str, Json]:
    """A resource of the type, with what causes the need."""
    properties: Json = f"/subscriptions/{OTHER}/resourceGroups/g/providers/{need.type}/two" if need.elsewhere else True
    cause = need.elsewhere or need.when
    for name in reversed(cause):
        properties = {name: properties}
    return resource(need.type, "a-resource", properties=as_object(properties) if cause else {})


@pytest.mark.parametrize(("need", "namespace"), PAIRS, ids=[f"{need.type} {name}" for need, name in PAIRS])
def test_each_need_is_missed_until_it_is_registered(tmp_path: Path, need: ProviderNeed, namespace: str) -> None:
    it = bench(tmp_path)
    for name in with_needs([need.type]):
        it.emulator.registrations.set(SUBSCRIPTION, name, "Registered", 0)
    where = OTHER if need.elsewhere else SUBSCRIPTION
    it.emulator.registrations.set(where, namespace, "NotRegistered", 0)

    async def story() -> tuple[str, str]:
        before = await ended(it, body(need))
        it.emulator.registrations.set(where, namespace, "Registered", 0)
        return before, await ended(it, body(need), name="again")

    before, after = run(story())
    assert before == "MissingSubscriptionRegistration"
    assert after == "Succeeded"
