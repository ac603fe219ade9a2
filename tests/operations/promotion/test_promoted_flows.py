"""The customer's flows of a promotion: by the digest of the other environment, then an acceptance run."""

from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.cli.commands import promoted_flows
from installer.cli.commands.promoted_flows import ReadFlows, deploy_flows, flows_of
from installer.operations.promotion.comparison import Flows
from installer.runs.facts import RunFacts
from installer.runs.flows import FlowRequest
from tests.bicep.answers_variants import answers

GIVEN = answers("dev", "qa")
FACTS = RunFacts("contoso-1", Path(), GIVEN, Draft.of(GIVEN), {}, "succeeded", "")
READ = ReadFlows("/flows", Flows("sha256:1", "sha256:0", promoted=True))


class Session:
    """A session that records the runs for flows."""

    def __init__(self) -> None:
        self.begun: list[FlowRequest] = []

    def end_run(self) -> None:
        """End the run before."""

    def begin_flows(self, _facts: RunFacts, request: FlowRequest, **_given: Any) -> FlowRequest:
        """Record it."""
        self.begun.append(request)
        return request


@pytest.mark.parametrize(("fails", "code", "commands"), [("", 0, ["deploy", "run"]), ("deploy", 5, ["deploy"])])
def test_flows_are_deployed_by_digest_and_proved(
    monkeypatch: pytest.MonkeyPatch, fails: str, code: int, commands: list[str]
) -> None:
    session: Any = Session()
    monkeypatch.setattr(promoted_flows, "follow_to_end", lambda _settings, run: 5 if run.command == fails else 0)
    assert deploy_flows({}, session, FACTS, "qa", READ) == code
    assert [one.command for one in session.begun] == commands
    assert (session.begun[0].digest, session.begun[0].source) == ("sha256:1", "/flows")
    if not fails:
        assert session.begun[1].deployment == "canary/canary-qa"
        assert session.begun[1].parameters == {"environment": "qa"}


def test_flows_without_known_files_and_those_of_a_way_back_are_left() -> None:
    session: Any = Session()
    assert flows_of({}, session, FACTS, ("dev", "qa"), None) == ReadFlows()
    assert flows_of({}, session, FACTS, ("", "qa"), "/flows") == ReadFlows()
    assert session.begun == []


@pytest.mark.parametrize(("target", "differ"), [("sha256:1", False), ("sha256:0", True), ("", True)])
def test_only_another_image_is_deployed(target: str, differ: bool) -> None:
    assert ReadFlows("/flows", Flows("sha256:1", target, promoted=True)).differ is differ
    assert not ReadFlows().differ
