"""Children nested in their parent, as in hand-written templates: how others refer to them."""

from typing import TYPE_CHECKING

from installer.arm_templates import expand
from tests.arm_templates.cases import context

if TYPE_CHECKING:
    from installer.jsontypes import Json

KEY = "Microsoft.Sql/servers/databases/transparentDataEncryption"


def _before(*others: "dict[str, Json]") -> list[str]:
    """Dependencies of the innermost child, in a template with a database nested in a server and with `others`."""
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


def test_a_nested_child_can_be_referenced_by_its_own_name() -> None:
    assert _before() == ["Microsoft.Sql/servers/sql/databases/db"]


def test_a_resource_with_exactly_that_name_takes_precedence() -> None:
    other: dict[str, Json] = {
        "name": "db",
        "type": "Microsoft.Storage/storageAccounts",
        "apiVersion": "2025-06-01",
        "location": "westeurope",
    }
    assert _before(other) == ["Microsoft.Storage/storageAccounts/db", "Microsoft.Sql/servers/sql/databases/db"]
