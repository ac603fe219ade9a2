"""A service of the estate is added in few files: counts the hand-written files that name an optional service."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from installer.conventions.integrations import INTEGRATIONS
from tests.architecture.import_graph import ROOT

MAX_FILES: Final = 12
SPELLINGS: Final = {
    "data_factory": r"data.?factory",
    "synapse": r"synapse",
    "event_grid": r"event.?grid",
    "logic_app": r"logic.?app|Microsoft\.Logic\b",
    "purview": r"purview",
}
"""How code, templates, texts and resource types spell a service, in any case; the generic words topic, workflow and
catalogue are not searched for."""
_DATA: Final = "installer/emulator/providers/data"
GENERATED: Final = {
    "bicep/compiled": "python bicep/compile.py",
}
"""Files made by a program of this tree, with its command."""
PUBLISHED: Final = {
    "installer/type_schemas/data": "Microsoft's Bicep types (package Azure.Bicep.Types.Az): copied, a file for each namespace",
    f"{_DATA}/api_versions.json": "the index of the same package: copied, the namespaces of the estate",
    f"{_DATA}/clients.json": "management packages of the Azure SDK for Python: derived",
    f"{_DATA}/role_definitions.json": "built-in roles of Azure: copied",
    f"{_DATA}/read_members.json": "Microsoft's Bicep types: read-only members, derived",
    f"{_DATA}/list_results.json": "Microsoft's Bicep types: results of list functions, derived",
    f"{_DATA}/implicit_children.json": "children that Azure creates with their parent: facts, each with its source",
    f"{_DATA}/built_in_policies.json": "built-in policy definitions of the repository Azure/azure-policy: derived",
    f"{_DATA}/linked_properties.json": "references that ARM checks before a provider: facts, each with its source",
    f"{_DATA}/monitor.json": "metrics, dimensions and log categories of resource types: facts, each with its source",
    "installer/role_names.json": "names of built-in roles of Azure: copied",
    "installer/estate/resource_type_names.toml": "names of resource types in the portal: facts, with their source",
    "installer/immutable_properties.json": "properties that Azure fixes at creation: facts, each with its source",
}
"""Facts that Microsoft publishes; nothing in them is chosen here. A service without them is emulated too, less strictly."""


def hand_written() -> Iterator[Path]:
    """Text files of the product, without tests, generated files and published facts."""
    apart = [ROOT / name for name in (*GENERATED, *PUBLISHED)]
    files = [
        ROOT / "README.md",
        *(path for room in ("installer", "screens", "bicep") for path in (ROOT / room).rglob("*")),
    ]
    for path in files:
        if path.is_file() and path.suffix not in {".pyc", ".svg"} and not {path, *path.parents} & {*apart}:
            yield path


def naming(pattern: str) -> list[str]:
    """Hand-written files that match a pattern, in any case."""
    spelled = re.compile(pattern, re.IGNORECASE)
    return sorted(
        str(path.relative_to(ROOT)) for path in hand_written() if spelled.search(path.read_text(encoding="utf-8"))
    )


def test_every_service_is_counted() -> None:
    assert set(SPELLINGS) == set(INTEGRATIONS)


@pytest.mark.parametrize("service", SPELLINGS)
def test_few_files_name_a_service(service: str) -> None:
    found = naming(SPELLINGS[service])
    assert {"installer/integrations.json", "bicep/integrations.bicep", "bicep/README.md"} <= set(found)
    assert len(found) <= MAX_FILES, found


@pytest.mark.parametrize("place", [*GENERATED, *PUBLISHED])
def test_what_is_counted_apart_exists_and_names_a_service(place: str) -> None:
    path = ROOT / place
    texts = [path] if path.is_file() else sorted(path.rglob("*.json"))
    spelled = re.compile("|".join(SPELLINGS.values()), re.IGNORECASE)
    assert any(spelled.search(text.read_text(encoding="utf-8")) for text in texts)
