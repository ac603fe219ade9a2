"""The house keeps its shape: no circles, no loose modules, no path that the import linter cannot see."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from installer import shipped_files
from installer.estate.parameters import stages
from tests.architecture.import_graph import ROOT, circles, imports, sources
from tests.bicep.answers_matrix import MATRIX

GROUND: Final = frozenset(
    {
        "__init__",
        "__main__",
        "child_environment",
        "durations",
        "errors",
        "folder_lock",
        "immutable_properties",
        "invocation",
        "json_access",
        "jsontypes",
        "keyring_entries",
        "linked_actions",
        "loopback",
        "output_file",
        "provider_needs",
        "python_program",
        "recent_results",
        "regional_ties",
        "regular_files",
        "resource_id",
        "role_conditions",
        "role_names",
        "role_permissions",
        "sanitize",
        "secret_store",
        "shipped_files",
        "waiting",
        "whole_answers",
    }
)
"""Modules directly in installer/. Another one is a loose module: find its room."""
FILE_OF_ITS_OWN: Final = frozenset({"installer/shipped_files.py", "installer/emulator/prefect/supervisor.py"})
"""Modules that may ask where they are: the list of shipped files, and the supervisor for the keeper beside it."""


def test_no_imports_go_in_a_circle() -> None:
    assert len(imports()) > 300
    assert circles(imports()) == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [("a", "b", "c")]


def test_only_ground_modules_are_directly_in_installer() -> None:
    assert {path.stem for path in (ROOT / "installer").glob("*.py")} == GROUND


def test_every_room_says_what_it_is_for() -> None:
    rooms = [path for path in sources().values() if path.name == "__init__.py"]
    assert len(rooms) > 20
    wordless = [
        path for path in rooms if len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") < 30
    ]
    assert wordless == []


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in (ROOT / "installer").iterdir() if (path / "__init__.py").exists()}
    tested = {path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}
    assert rooms - tested == set()
    assert {path.name for path in (ROOT / "screens").iterdir() if (path / "__init__.py").exists()} == {
        "base",
        "run",
        "wizard",
    }


def test_paths_of_files_are_spelled_in_one_place() -> None:
    asking = re.compile(r"__file__|importlib\.resources|importlib import resources")
    found = {
        str(path.relative_to(ROOT)) for path in sources().values() if asking.search(path.read_text(encoding="utf-8"))
    }
    assert {path for path in found if not path.startswith("installer/emulator/")} == FILE_OF_ITS_OWN - {
        "installer/emulator/prefect/supervisor.py"
    } | {"installer/prefect_setup/client/objects.py", "screens/base/__init__.py"}


@pytest.mark.parametrize(
    "content",
    [
        shipped_files.durations,
        shipped_files.immutable_properties,
        shipped_files.integrations,
        shipped_files.provider_needs,
        shipped_files.regional_ties,
        shipped_files.resource_type_names,
        shipped_files.security_controls,
        shipped_files.role_names,
        shipped_files.installer_lock,
        shipped_files.managed_rules,
        shipped_files.egress_rules,
        shipped_files.error_explanations,
        lambda: shipped_files.reporter_program().read_text(encoding="utf-8"),
        lambda: (shipped_files.flow_project() / "prefect.yaml").read_text(encoding="utf-8"),
    ],
)
def test_every_shipped_file_is_found(content: Callable[[], str]) -> None:
    assert len(content()) > 100


def test_every_stage_of_the_matrix_has_its_template() -> None:
    wanted = {spec.stage for answers in MATRIX.values() for spec in stages(answers)}
    assert {path.stem for path in shipped_files.compiled_templates()} >= wanted
    assert all(shipped_files.compiled_template(stage).is_file() for stage in wanted)


def test_modules_that_are_started_by_name_exist() -> None:
    started = re.compile(
        r"\"-m\", \"(installer\.[.\w]*)\"|= command\(\"(installer[.\w]*)\"|python_program\(\"(installer[.\w]*)\""
    )
    names = {
        found[1] or found[2] or found[3]
        for path in sources().values()
        for found in started.finditer(path.read_text(encoding="utf-8"))
    }
    assert names == {
        "installer",
        "installer.database_setup",
        "installer.emulator",
        "installer.fleet",
        "installer.prefect_setup",
    }
    assert all((ROOT / name.replace(".", "/") / "__main__.py").is_file() for name in names)


def test_packed_files_exist() -> None:
    from installer.database_setup import payload as database
    from installer.job_program.packing import SHARED_FILES
    from installer.prefect_setup import payload as prefect

    packed = (*SHARED_FILES, *database.PACKED_FILES, *prefect.PACKED_FILES)
    assert [pattern for pattern in packed if not list((ROOT / "installer").glob(pattern))] == []


def test_the_wheel_names_what_the_tree_has() -> None:
    included = re.findall(
        r'^"(bicep/[a-z]+)" =', Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert included == ["bicep/compiled", "bicep/reporter"]
    assert all((ROOT / name).is_dir() for name in included)
