"""Whether what was made still stands: found with few reads, believed only when Azure says so of the very resource."""

from typing import TYPE_CHECKING, cast

import pytest

from installer.cloud.refusals import AzureRefused
from installer.cloud.standing import ASSIGNMENTS, GROUPS, RESOURCES, Standing, versions_of
from installer.jsontypes import Json

if TYPE_CHECKING:
    from installer.cloud.service import Service

SUB = "/subscriptions/s"
ACCOUNT = f"{SUB}/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/st"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/c"
GRANT = f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/g"
VERSIONS = {
    "microsoft.storage/storageaccounts": "2024-01-01",
    "microsoft.storage/storageaccounts/blobservices/containers": "2024-01-01",
    "microsoft.authorization/roleassignments": "2022-04-01",
    "microsoft.resources/resourcegroups": "2021-04-01",
}


class Azure:
    """Lists what stands, and answers for each."""

    def __init__(self, *stands: str, unlisted: tuple[str, ...] = (), refuses: int = 0) -> None:
        self.listed = [one.lower() for one in stands]
        self.stands = {one.lower() for one in (*stands, *unlisted)}
        self.refuses = refuses
        self.reads: list[str] = []

    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        """A list."""
        self.reads.append(path)
        if self.refuses:
            raise AzureRefused(doing, status=self.refuses)
        return [{"id": one} for one in self.listed]

    def find(self, path: str, *, doing: str = "") -> dict[str, Json] | None:  # noqa: ARG002  the service's
        """One resource."""
        self.reads.append(path)
        return {"id": path} if path.partition("?")[0].lower() in self.stands else None


def gone(azure: Azure, *ids: str) -> str | None:
    return Standing(cast("Service", azure)).gone(ids, VERSIONS)


def test_what_stands_costs_one_read_for_all_of_a_kind() -> None:
    azure = Azure(ACCOUNT, f"{SUB}/resourceGroups/rg", GRANT)
    assert gone(azure, f"{SUB}/resourceGroups/rg", ACCOUNT, CONTAINER, GRANT) is None
    assert azure.reads == [f"{SUB}/{GROUPS}", f"{SUB}/{RESOURCES}", f"{SUB}/{ASSIGNMENTS}"]


def test_what_is_gone_is_asked_for_before_it_is_believed() -> None:
    azure = Azure(f"{SUB}/resourceGroups/rg")
    assert gone(azure, ACCOUNT) == ACCOUNT
    assert azure.reads[-1] == f"{ACCOUNT}?api-version=2024-01-01"


def test_a_list_that_lags_behind_deceives_nobody() -> None:
    assert gone(Azure(unlisted=(ACCOUNT,)), ACCOUNT) is None


def test_what_is_inside_of_what_is_gone_is_asked_for_by_itself() -> None:
    assert gone(Azure(unlisted=(ACCOUNT,)), ACCOUNT, CONTAINER) == CONTAINER


def test_a_grant_that_was_taken_away_is_gone() -> None:
    assert gone(Azure(ACCOUNT), ACCOUNT, GRANT) == GRANT


def test_only_some_of_many_are_asked_for() -> None:
    azure = Azure(unlisted=tuple(f"{ACCOUNT}{number}" for number in range(99)))
    assert gone(azure, *(f"{ACCOUNT}{number}" for number in range(99))) is None
    assert len(azure.reads) < 10


@pytest.mark.parametrize(
    "other", [f"{SUB}/providers/Microsoft.Authorization/policyDefinitions/p", "/x", "", "/a/b/c/d"]
)
def test_what_no_list_names_counts_as_there(other: str) -> None:
    azure = Azure()
    assert gone(azure, other) is None
    assert azure.reads == []


def test_where_we_may_not_look_everything_counts_as_there() -> None:
    assert gone(Azure(refuses=403), ACCOUNT) is None


def test_when_azure_cannot_be_asked_nothing_is_concluded() -> None:
    with pytest.raises(AzureRefused):
        gone(Azure(refuses=503), ACCOUNT)


def test_the_version_of_each_type_is_found_in_whatever_depth() -> None:
    inner: dict[str, Json] = {
        "resources": [{"type": "A.B/c/D", "apiVersion": "2"}, {"type": "noSlash", "apiVersion": "3"}]
    }
    template: dict[str, Json] = {
        "resources": {"x": {"type": "M.R/d", "apiVersion": "1", "properties": {"template": inner}}}
    }
    found = versions_of(template)
    assert (found["m.r/d"], found["a.b/c/d"], "noslash" in found) == ("1", "2", False)
