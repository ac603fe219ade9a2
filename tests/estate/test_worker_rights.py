"""Rights of the worker that only administrators of other services can grant: exact commands, for each environment its own."""

import pytest
from pydantic import ValidationError

from installer.estate.parameters.context import Installation
from installer.estate.parameters.worker_rights import worker_rights
from tests.bicep.answers_variants import OTHER, SUBSCRIPTION, answers

DATABASE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-sales/providers/Microsoft.Sql/servers/sql-sales/databases/orders"
)


def test_nothing_remains_without_these_answers() -> None:
    assert list(worker_rights(Installation(answers("dev", "prod")))) == []


def test_each_database_gets_a_user_for_the_worker_of_its_environment() -> None:
    wanted = {"sql_databases": [f"dev={DATABASE}"], "sql_worker": "write"}
    (line,) = worker_rights(Installation(answers("dev", "prod", integrations=wanted)))
    user = "[id-ff-contoso-dev-worker]"
    assert line == (
        f"Azure SQL of dev: an Entra administrator of sql-sales runs in the database orders: CREATE USER {user} FROM EXTERNAL "
        f"PROVIDER; ALTER ROLE db_datareader ADD MEMBER {user}; ALTER ROLE db_datawriter ADD MEMBER {user};"
    )


def test_each_workspace_gets_a_role_for_its_worker() -> None:
    wanted = {"synapse": True, "synapse_worker": "operator"}
    found = list(
        worker_rights(Installation(answers("dev", "prod", integrations=wanted, sign_on={"admin_group": OTHER})))
    )
    assert [line.split(":")[0] for line in found] == ["Synapse of dev", "Synapse of prod"]
    assert '--role "Synapse Compute Operator"' in found[0]
    assert "-n id-ff-contoso-prod-worker" in found[1]


@pytest.mark.parametrize("wrong", [DATABASE, f"test={DATABASE}", f"dev={DATABASE}];DROP TABLE x", "dev=orders"])
def test_a_database_is_named_by_environment_and_resource_id(wrong: str) -> None:
    with pytest.raises(ValidationError):
        answers("dev", integrations={"sql_databases": [wrong]})
