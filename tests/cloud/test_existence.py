"""Existence of deployed resources: checked with few reads, missing only if a direct read confirms it."""

from collections.abc import Mapping

import pytest
from typing_extensions import override

from installer.cloud.errors import AzureRefused
from installer.cloud.existence import ASSIGNMENTS, GROUPS, RESOURCES, ExistenceCheck, versions_of
from installer.cloud.rest import Method, Response
from installer.jsontypes import Json
from tests.cloud.no_cloud import FakeService

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


class Azure(FakeService):
    """Lists existing resources, and responds to a read of each."""

    def __init__(
        self, *stands: str, unlisted: tuple[str, ...] = (), refuses: int = 0, codes: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        self.listed = [one.lower() for one in stands]
        self.stands = {one.lower() for one in (*stands, *unlisted)}
        self.refuses = refuses
        self.codes = {one.lower(): code for one, code in (codes or {}).items()}
        self.reads: list[str] = []

    def every(self, path: str, *, doing: str = "") -> list[dict[str, Json]]:
        """A list."""
        self.reads.append(path)
        if self.refuses:
            raise AzureRefused(doing, status=self.refuses)
        return [{"id": one} for one in self.listed]

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        """One resource."""
        assert method == "GET"
        self.reads.append(path)
        if (one := path.partition("?")[0].lower()) not in self.stands:
            raise AzureRefused(doing, status=404, error={"error": {"code": self.codes.get(one, "ResourceNotFound")}})
        if one in self.codes:
            raise AzureRefused(doing, status=405, error={"error": {"code": self.codes[one]}})
        return Response(200)


def gone(azure: Azure, *ids: str) -> str | None:
    return ExistenceCheck(azure).first_missing(ids, VERSIONS)


def test_what_stands_costs_one_read_for_all_of_a_kind() -> None:
    azure = Azure(ACCOUNT, f"{SUB}/resourceGroups/rg", GRANT)
    assert gone(azure, f"{SUB}/resourceGroups/rg", ACCOUNT, GRANT) is None
    assert azure.reads == [f"{SUB}/{GROUPS}", f"{SUB}/{RESOURCES}", f"{SUB}/{ASSIGNMENTS}"]


def test_what_is_gone_is_asked_for_before_it_is_believed() -> None:
    azure = Azure(f"{SUB}/resourceGroups/rg")
    assert gone(azure, ACCOUNT) == ACCOUNT
    assert azure.reads[-1] == f"{ACCOUNT}?api-version=2024-01-01"


def test_a_list_that_lags_behind_deceives_nobody() -> None:
    assert gone(Azure(unlisted=(ACCOUNT,)), ACCOUNT) is None


def test_what_is_inside_of_what_is_gone_is_asked_for_by_itself() -> None:
    assert gone(Azure(unlisted=(ACCOUNT,)), ACCOUNT, CONTAINER) == CONTAINER


def test_what_is_inside_and_gone_alone_is_found() -> None:
    assert gone(Azure(ACCOUNT), ACCOUNT, CONTAINER) == CONTAINER
    assert gone(Azure(ACCOUNT, CONTAINER), ACCOUNT, CONTAINER) is None


def test_what_is_inside_is_asked_for_once() -> None:
    azure = Azure(ACCOUNT, CONTAINER)
    standing = ExistenceCheck(azure)
    assert standing.first_missing([CONTAINER], VERSIONS) is standing.first_missing([CONTAINER], VERSIONS) is None
    assert azure.reads.count(f"{CONTAINER}?api-version=2024-01-01") == 1


def test_what_cannot_be_read_by_its_id_is_taken_to_be_there() -> None:
    settings = f"{SUB}/resourceGroups/rg/providers/Microsoft.Web/sites/app/config/appsettings"
    site = settings.rpartition("/config")[0]
    versions = {"microsoft.web/sites/config": "2024-04-01", **VERSIONS}
    azure = Azure(site, ACCOUNT)
    assert ExistenceCheck(azure).first_missing([settings], versions) is None
    assert len(azure.reads) == 1
    assert gone(Azure(ACCOUNT, CONTAINER, codes={CONTAINER: "MethodNotAllowed"}), CONTAINER) is None
    assert gone(Azure(ACCOUNT, codes={CONTAINER: "InvalidResourceType"}), CONTAINER) is None


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
    with pytest.raises(AzureRefused) as refused:
        gone(Azure(refuses=503), ACCOUNT)
    assert refused.value.status == 503


def test_the_version_of_each_type_is_found_in_whatever_depth() -> None:
    inner: dict[str, Json] = {
        "resources": [{"type": "A.B/c/D", "apiVersion": "2"}, {"type": "noSlash", "apiVersion": "3"}]
    }
    template: dict[str, Json] = {
        "resources": {"x": {"type": "M.R/d", "apiVersion": "1", "properties": {"template": inner}}}
    }
    found = versions_of(template)
    assert (found["m.r/d"], found["a.b/c/d"], "noslash" in found) == ("1", "2", False)
