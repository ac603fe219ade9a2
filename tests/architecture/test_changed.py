"""Which tests run for which change."""

import pytest

from tests.changed import ALWAYS, OF_GROUND, mirrored_tests


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        ("installer/engine/lock.py", "tests/engine"),
        ("installer/emulator/providers/kubernetes/pods.py", "tests/emulator/providers/kubernetes"),
        ("installer/cli/commands/run.py", "tests/cli"),
        ("installer/sanitize.py", "tests/test_sanitize.py"),
        ("screens/run/live.py", "tests/screens"),
        ("bicep/data.bicep", "tests/bicep"),
        ("tests/steps/test_plan.py", "tests/steps/test_plan.py"),
        ("tests/steps/prerequisites.py", "tests/steps"),
    ],
)
def test_a_file_runs_the_tests_of_its_room(file: str, tests: str) -> None:
    assert mirrored_tests([file]) == sorted([ALWAYS, tests])


@pytest.mark.parametrize("file", ["installer/durations.json", "installer/integrations.json", "installer/errors.py"])
def test_what_everything_stands_on_runs_the_tests_of_its_users(file: str) -> None:
    assert mirrored_tests([file]) == sorted([ALWAYS, *OF_GROUND])


def test_a_folder_covers_what_is_in_it() -> None:
    files = ["installer/engine/lock.py", "tests/engine/test_lock.py", "README.md", "tests/e2e/test_cancel.py"]
    assert mirrored_tests(files) == [ALWAYS, "tests/engine"]
