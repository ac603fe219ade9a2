"""The project's English: habits of wording that were dropped do not come back."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from tests.architecture.words import HABITS, hits

ALLOWED: Final[Mapping[str, Mapping[str, int]]] = {
    "names of parameters": {"installer/cloud/sign_in.py": 1, "installer/conventions/naming/rules.py": 1},
    "wording of kubectl, of a registry and of Azure": {
        "installer/emulator/providers/image_pulls.py": 1,
        "installer/emulator/providers/kubernetes/admission.py": 1,
        "tests/emulator/deployments/test_scopes.py": 1,
        "tests/emulator/protocol/test_tags_locks_roles.py": 1,
        "tests/emulator/providers/kubernetes/test_admission.py": 1,
        "tests/emulator/providers/kubernetes/test_cluster_commands.py": 2,
    },
    "fits the sentence": {"installer/emulator/providers/kubernetes/kubectl.py": 1},
    "data of tests": {
        "tests/cloud/test_clusters.py": 1,
        "tests/cloud/test_error_causes.py": 1,
        "tests/cloud/test_error_explanations.py": 1,
        "tests/emulator/prefect/test_processes.py": 1,
        "tests/prefect_setup/test_prefect_e2e.py": 1,
        "tests/runs/test_run.py": 1,
        "tests/screens/wizard/test_first_frame.py": 1,
    },
    "the list of habits itself": {"tests/architecture/words.py": 3, "tests/architecture/test_words.py": 30},
}
"""Reason to the files in which habits may occur, and how often."""


def test_habits_occur_only_where_they_are_allowed() -> None:
    limits = {path: count for files in ALLOWED.values() for path, count in files.items()}
    found = hits()
    counts = Counter(hit.path for hit in found)
    too_many = [str(hit) for hit in found if counts[hit.path] > limits.get(hit.path, 0)]
    assert too_many == []


@pytest.mark.parametrize(
    ("habit", "text"),
    [
        ("what", "What the admin decided."),
        ("somebody", "Somebody has to approve it."),
        ("told", "The user is told."),
        ("stands", "It stands in the file."),
        ("there", "The file is not there."),
        ("looks", "Looks at the clock."),
        ("goes on", "The run goes on."),
        ("of ours", "A bug of ours."),
        ("archaic", "It shall be laid into the cluster anew."),
    ],
)
def test_each_habit_is_recognised(habit: str, text: str) -> None:
    (pattern,) = [it.pattern for it in HABITS if it.name == habit]
    assert pattern.search(text)


@pytest.mark.parametrize(
    "text", ["What if the network is down?", "There is no file.", "Returns the standard value.", "Shows the state."]
)
def test_plain_english_is_no_habit(text: str) -> None:
    assert [it.name for it in HABITS if it.pattern.search(text)] == []
