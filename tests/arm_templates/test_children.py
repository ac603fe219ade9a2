"""Children that stand inside their parent, as templates written by hand have them: what others call them."""

from typing import TYPE_CHECKING

from installer.arm_templates import expand
from tests.arm_templates.cases import context

if TYPE_CHECKING:
    from installer.jsontypes import Json

KEY = "Microsoft.Sql/servers/databases/transparentDataEncryption"


def _before(*others: "dict[str, Json]") -> list[str]:
    """What the innermost child waits for, in a template with a database inside a server and with others."""
    child: dict[str, Json] = {
        "name": "current",
        "type": "transparentDataEncryption",
        "apiVersion": "2021-11-01",
        "dependsOn": ["db"],
        "properties": {"state": "Enabled"},
    }
    database: dict[str, Json] = {
        "name": "db",
        "type": "databases",
        "apiVersion": "2021-11-01",
        "location": "westeurope",
        "dependsOn": ["sql"],
        "resources": [child],
    }
    server: dict[str, Json] = {
        "name": "sql",
        "type": "Microsoft.Sql/servers",
        "apiVersion": "2021-11-01",
        "location": "westeurope",
        "resources": [database],
    }
    template: dict[str, Json] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [server, *others],
    }
    plan = expand(template, {}, context())
    [node] = [node for node in plan.resources if node.type == KEY]
    return [key.rpartition("/providers/")[2] for key in node.depends_on]


def test_a_child_is_called_by_the_name_that_stands_in_the_template() -> None:
    assert _before() == ["Microsoft.Sql/servers/sql/databases/db"]


def test_a_resource_of_that_whole_name_comes_first() -> None:
    other: dict[str, Json] = {
        "name": "db",
        "type": "Microsoft.Storage/storageAccounts",
        "apiVersion": "2025-06-01",
        "location": "westeurope",
    }
    assert _before(other) == ["Microsoft.Storage/storageAccounts/db", "Microsoft.Sql/servers/sql/databases/db"]
