"""Flows in the answers: every problem at once, and names that environments of one workspace would share."""

from pathlib import Path

from installer.answers.rules.flows import flows_are_a_project
from tests.flow_project.projects import PREFECT, files, folder


def messages(source: str, *environments: str, prefect: str = "server") -> list[str]:
    view = {"flows.source": source, "subscription.environments": list(environments), "platform.prefect": prefect}
    return [problem.message for problem in flows_are_a_project(view)]


def test_a_project_is_valid_for_all_environments_or_refused_once(tmp_path: Path) -> None:
    assert messages("", "dev") == []
    assert messages(folder(tmp_path / "good", files()), "dev", "prod") == []
    wrong = folder(tmp_path / "wrong", files(PREFECT.replace("load_orders", "load")))
    assert messages(wrong, "dev", "prod") == [
        "prefect.yaml: deployment 1 (nightly): flows.py: there is no flow load; flows in this file: load_orders"
    ]
    assert messages(str(tmp_path / "nowhere"), "dev") == [
        f"{tmp_path / 'nowhere'} does not exist; name a folder with prefect.yaml, or an archive of it"
    ]


def test_environments_that_share_a_workspace_need_names_of_their_own(tmp_path: Path) -> None:
    source = folder(tmp_path / "same", files())
    (message,) = messages(source, "dev", "prod", prefect="cloud")
    assert "{{ $FLOWFORGE_ENVIRONMENT }}" in message
    assert "deployment load-orders/nightly" in message
    assert messages(source, "dev", prefect="cloud") == []
    named = PREFECT.replace("name: nightly", 'name: "nightly-{{ $FLOWFORGE_ENVIRONMENT }}"')
    assert messages(folder(tmp_path / "named", files(named)), "dev", "prod", prefect="cloud") == []
