"""A retry is offered once something has changed that may help: each kind of circumstance, and what is no help."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pytest
from typing_extensions import override

from installer.cloud.error_explanations import UNKNOWN_ON, explanations
from installer.cloud.errors import AzureRefused, refused_by
from installer.cloud.rest import Method, Response, Service
from installer.jsontypes import Json
from installer.steps.retry_conditions import KINDS, QUOTAS, HasRetryConditions, StepScope
from tests.bicep.answers_variants import SUBSCRIPTION as SUBSCRIPTION_ID
from tests.cloud.no_cloud import FakeService
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS

MADE: Final = (
    ("Microsoft.Resources/resourceGroups", "rg-ff"),
    ("Microsoft.ContainerService/managedClusters", "aks-ff"),
    ("Microsoft.Storage/storageAccounts", "stff"),
    ("Microsoft.KeyVault/vaults", "kv-ff"),
    ("Microsoft.DBforPostgreSQL/flexibleServers", "pg-ff"),
    ("Microsoft.Network/publicIPAddresses", "pip-ff"),
    ("Microsoft.App/managedEnvironments", "cae-ff"),
)
AUTHORIZATION: Final = "providers/Microsoft.Authorization"


class Azure(FakeService):
    """Lists and answers by the end of their paths; what is not among them may not be read."""

    def __init__(
        self,
        lists: dict[str, list[dict[str, Json]]] | None = None,
        *,
        taken: Iterable[str] = (),
        state: str = "Enabled",
    ) -> None:
        super().__init__()
        self.lists = lists or {}
        self.taken = set(taken)
        self.state = state
        self.asked: list[str] = []

    @override
    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        """A list."""
        path = path.partition("?")[0]
        self.asked.append(path)
        found = next((items for end, items in self.lists.items() if path.endswith(f"/{end}")), None)
        if found is None:
            raise AzureRefused("not yours to read", status=403)
        return found

    @override
    def find(self, path: str, *, doing: str = "") -> dict[str, Json]:
        """The subscription."""
        return {"id": path, "state": self.state}

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        """Whether a name is free."""
        assert body is not None
        return Response(200, {"nameAvailable": body["name"] not in self.taken})


def around(azure: Azure) -> StepScope:
    return StepScope(azure, ("s",), ("westeurope",), MADE)


def usage(name: str, used: int, limit: int) -> dict[str, Json]:
    return {"name": {"value": name}, "currentValue": used, "limit": limit}


def lock(name: str) -> dict[str, Json]:
    return {"id": f"/locks/{name}"}


Lists = dict[str, list[dict[str, Json]]]
BETTER: Final[list[tuple[str, Lists, Lists]]] = [
    (name, {f"{provider}/locations/westeurope/usages": [usage("x", 8, 10)]}, {"usages": [usage("x", 8, 20)]})
    for name, (provider, _) in QUOTAS.items()
] + [
    ("rights", {"permissions": [{"actions": ["*/read"]}]}, {"permissions": [{"actions": ["*"]}]}),
    (
        "policies",
        {"policyAssignments": [{"id": "a"}], "policyExemptions": []},
        {"policyAssignments": [{"id": "a"}], "policyExemptions": [{"id": "e"}]},
    ),
    ("locks", {"locks": [lock("a"), lock("b")]}, {"locks": [lock("b"), lock("c")]}),
    ("deny assignments", {"denyAssignments": [{"id": "d"}]}, {"denyAssignments": []}),
    ("role assignments", {"roleAssignments": [{"id": "r"}]}, {"roleAssignments": []}),
    (
        "resource groups",
        {"resourcegroups": [{"name": "rg-FF", "properties": {"provisioningState": "Deleting"}}]},
        {"resourcegroups": []},
    ),
    (
        "registrations",
        {"providers": [{"namespace": "Microsoft.Storage", "registrationState": "NotRegistered"}]},
        {"providers": [{"namespace": "Microsoft.Storage", "registrationState": "Registered"}]},
    ),
    ("deleted vaults", {"deletedVaults": [{"id": "v", "name": "kv-ff"}]}, {"deletedVaults": []}),
    (
        "sizes on offer",
        {"skus": [{"resourceType": "virtualMachines", "name": "D4", "restrictions": [{"type": "Location"}]}]},
        {"skus": [{"resourceType": "virtualMachines", "name": "D4", "restrictions": []}]},
    ),
    (
        "database offer",
        {"capabilities": [{"restricted": "Enabled", "reason": "quota"}]},
        {"capabilities": [{"restricted": "Disabled"}]},
    ),
]


@pytest.mark.parametrize(("name", "before", "after"), BETTER, ids=lambda value: value if isinstance(value, str) else "")
def test_improved_conditions_are_named(name: str, before: Lists, after: Lists) -> None:
    azure = Azure(before)
    it = around(azure)
    had = it.read([name])
    assert set(had) == {name}
    assert it.changed(had) == []
    azure.lists = after
    assert it.changed(had) == [name]


NO_HELP: Final[list[tuple[str, Lists, Lists]]] = [
    ("compute quota", {"usages": [usage("x", 8, 10), usage("y", 0, -1)]}, {"usages": [usage("x", 9, 10)]}),
    ("locks", {"locks": [lock("a")]}, {"locks": [lock("a"), lock("b")]}),
    ("deleted vaults", {"deletedVaults": [{"id": "o", "name": "another"}]}, {"deletedVaults": []}),
    ("resource groups", {"resourcegroups": []}, {"resourcegroups": [{"name": "another"}]}),
    (
        "registrations",
        {"providers": [{"namespace": "Microsoft.Web", "registrationState": "NotRegistered"}]},
        {"providers": [{"namespace": "Microsoft.Web", "registrationState": "Registered"}]},
    ),
]


@pytest.mark.parametrize(
    ("name", "before", "after"), NO_HELP, ids=lambda value: value if isinstance(value, str) else ""
)
def test_unrelated_or_worse_conditions_are_no_reason_to_retry(name: str, before: Lists, after: Lists) -> None:
    azure = Azure(before)
    it = around(azure)
    had = it.read([name])
    azure.lists = after
    assert it.changed(had) == []


def test_a_released_name_is_a_reason_to_retry_and_a_newly_taken_one_is_not() -> None:
    azure = Azure(taken={"stff"})
    it = around(azure)
    had = it.read(["names"])
    azure.taken = {"stff", "kv-ff", "pg-ff"}
    assert it.changed(had) == []
    azure.taken = {"kv-ff"}
    assert it.changed(had) == ["names"]


def test_a_subscription_that_was_enabled_is_a_reason() -> None:
    azure = Azure(state="Disabled")
    had = around(azure).read(["subscription"])
    azure.state = "Enabled"
    assert around(azure).changed(had) == ["subscription"]


def test_unused_quotas_are_not_queried() -> None:
    azure = Azure()
    only = replace(around(azure), created=(("Microsoft.ManagedIdentity/userAssignedIdentities", "id-ff"),))
    assert only.read(QUOTAS) == {}
    assert azure.asked == []


def test_unreadable_conditions_are_left_out() -> None:
    azure = Azure({"permissions": []})
    it = around(azure)
    had = it.read(["rights", "locks"])
    assert set(had) == {"rights"}
    azure.lists = {}
    assert it.changed({**had, "of a newer version": "x"}) == []


def test_stored_conditions_reveal_no_names() -> None:
    azure = Azure({"locks": [lock("secret-name")]}, taken={"stff"})
    kept = around(azure).read(["locks", "names"])
    assert "secret-name" not in str(kept)
    assert "stff" not in str(kept)


def test_the_catalogue_contains_only_readable_conditions() -> None:
    named = {name for entry in explanations() for name in entry.on}
    assert named == KINDS
    assert set(UNKNOWN_ON) <= KINDS


@pytest.mark.parametrize(
    ("codes", "depends"),
    [
        (["PublicIPCountLimitReached"], ("network quota",)),
        (["VaultAlreadyExists", "AuthorizationFailed"], ("names", "deleted vaults", "rights")),
        (["BadRequest"], ()),
        (["NeverHeardOf"], UNKNOWN_ON),
    ],
)
def test_causes_name_the_conditions_of_an_error(codes: list[str], depends: tuple[str, ...]) -> None:
    details: list[Json] = [{"code": code, "message": ""} for code in codes]
    assert refused_by({"code": "DeploymentFailed", "details": details}, "a test").depends_on == depends


def test_in_the_embedded_azure(azure: Service) -> None:
    """All its conditions can be read, and a removed lock is a reason to retry."""
    it = StepScope(azure, (SUBSCRIPTION_ID,), ("westeurope",), MADE)
    group = f"{GROUPS}/rg-circumstances"
    put(azure, group, "2021-04-01", location="westeurope")
    where = f"{group}/{AUTHORIZATION}/locks/keep"
    put(azure, where, "2020-05-01", properties={"level": "CanNotDelete"})
    had = it.read(sorted(KINDS))
    assert set(had) >= {*QUOTAS, "rights", "names", "locks", "registrations", "deleted vaults"} - {
        "Container Apps quota"
    }
    azure.ask("DELETE", f"{where}?api-version=2020-05-01")
    assert "locks" in it.changed(had)


def test_a_step_reads_the_conditions_of_its_error(azure: Service) -> None:
    class Step(HasRetryConditions):
        scope = StepScope(azure, (SUBSCRIPTION_ID,), ("westeurope",), MADE)

    error = refused_by({"code": "AuthorizationFailed", "message": "no"}, "a test", status=403)
    had = Step().conditions(error)
    assert set(had) == {"rights"}
    assert Step().changed_conditions(had) == []
    assert Step().changed_conditions({"rights": "as it was"}) == ["rights"]
