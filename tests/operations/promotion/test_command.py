"""The command promote: a plan first, refused without a proof, carried out when confirmed, recorded, and taken back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.cli.commands import promote as command
from installer.cli.commands.promote import Wanted
from installer.engine.stream import Stream
from installer.errors import CheckBlocked, UsageError
from installer.estate.parameters.images import with_own_images
from tests.emulator.in_memory import run
from tests.operations.conftest import Copy
from tests.operations.promotion.promotions import Promoting

NEW = f"flowforge/web@sha256:{'c' * 64}"
TO_PROD = Wanted("dev", "prod", None, 60.0)
BACK = Wanted("", "prod", None, 60.0)


@pytest.fixture
def session(copy_of: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Promoting]:
    """Two environments; dev has a newer image of the web app than prod, and its acceptance run has passed."""
    seen = copy_of("25-web-on-container-apps")
    found = Promoting(tmp_path / "state", seen)

    @contextmanager
    def opened(_settings: object) -> Iterator[Promoting]:
        yield found
        found.end_run()

    monkeypatch.setattr(command, "opened", opened)
    clock = seen.estate.azure.clock
    monkeypatch.setattr("time.time", clock.now)
    # Events of a run have the time of the embedded Azure, as the records of deployments, which come before its acceptance runs.
    defaults = Stream.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "clock", lambda: datetime.fromtimestamp(clock.now() + 1, UTC))
    found.images(seen.answers)
    _install(found)
    yield found
    found.close()


def _install(session: Promoting) -> None:
    """A run that gives dev its own image."""
    answers = with_own_images(session.seen.answers, "dev", {"web": NEW})
    session.begin(answers, Draft.of(answers), attended=False).wait()
    session.end_run()


def promoted(wanted: Wanted = TO_PROD, *, yes: bool = True, **settings: Any) -> int:
    """Exit code of the command."""
    return command.promote(settings, wanted, None, yes=yes)


def image_of(session: Promoting, environment: str) -> str:
    """Image of the web app that is deployed in an environment."""
    deployed = session.seen.arm.deployment(f"ff-contoso-controlplane-{environment}")
    assert deployed is not None
    return str(deployed.sent["webImage"])


def test_a_promotion_is_planned_carried_out_recorded_and_taken_back(
    session: Promoting, capsys: pytest.CaptureFixture[str]
) -> None:
    before = image_of(session, "prod")
    assert image_of(session, "dev") == NEW != before
    contents = session.seen.contents()
    assert promoted(yes=False) == 0
    shown = capsys.readouterr()
    assert "prod gets the image of dev" in shown.out
    assert "Web app image · prod" in shown.out
    assert "Going back" in shown.out
    assert "nothing was changed; --yes carries out the plan" in shown.err
    assert session.seen.contents() == contents

    assert promoted() == 0
    assert image_of(session, "prod") == image_of(session, "dev") == NEW
    (entry,) = session.record("prod")
    assert (entry.state, entry.promotion.source, entry.promotion.before["web"]) == ("proved", "dev", before)
    capsys.readouterr()
    assert promoted() == 0  # again: there is nothing left
    assert "nothing to do" in capsys.readouterr().out

    assert promoted(BACK, yes=False) == 0
    assert "prod gets the image before" in capsys.readouterr().out
    assert promoted(BACK) == 0
    assert (image_of(session, "prod"), image_of(session, "dev")) == (before, NEW)
    capsys.readouterr()
    assert command.history({}, "prod", None) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "back to the version before: " in first
    assert "from dev: " in second
    assert "proved by its acceptance run; by admin@contoso.example in run contoso-" in second
    assert command.history({"output": "json"}, "prod", None) == 0
    entries = json.loads(capsys.readouterr().out)["promotions"]
    assert [(one["from"], one["to"], one["state"]) for one in entries] == [
        ("", "prod", "proved"),
        ("dev", "prod", "proved"),
    ]
    assert entries[1]["after"]["web"] == entries[0]["before"]["web"] == NEW
    assert entries[1]["run"].startswith("contoso-")
    assert entries[1]["account"] == "admin@contoso.example"
    with pytest.raises(UsageError, match="no record of a promotion to prod that could be taken back"):
        promoted(BACK)


def test_a_failed_acceptance_run_ends_with_6_names_the_way_back_and_can_be_taken_back(
    session: Promoting, capsys: pytest.CaptureFixture[str]
) -> None:
    before = image_of(session, "prod")
    session.failing = frozenset({"prod"})
    assert promoted() == 6
    assert "promote --back --env prod" in capsys.readouterr().err
    assert [entry.state for entry in session.record("prod")] == ["begun"]
    assert promoted(Wanted("prod", "dev", None, 60.0)) == 3
    shown = capsys.readouterr().out
    assert "prod is not proved by its newest acceptance run" in shown
    assert "run contoso-2 has not succeeded" in shown
    with pytest.raises(CheckBlocked, match="resume contoso-2"):
        promoted(Wanted("", "dev", None, 60.0))
    session.failing = frozenset()
    assert promoted(BACK) == 0
    assert image_of(session, "prod") == before


def test_a_new_run_proves_an_environment_although_nothing_changes(
    session: Promoting, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.planning.local_arm import record_answers

    answers = session.seen.answers
    run(session.seen.estate.azure.clock.advance(60.0))
    record_answers(session.seen.estate, answers, "contoso-9")
    assert promoted() == 3
    assert "promote --prove --env dev --yes" in capsys.readouterr().out
    before = session.state.run_names()
    assert command.prove({}, "dev", None, yes=False) == 0
    assert "nothing was changed; --yes carries out the plan" in capsys.readouterr().err
    assert session.state.run_names() == before
    assert command.prove({}, "dev", None, yes=True) == 0
    session.end_run()
    assert len(session.state.run_names()) == len(before) + 1
    assert promoted(yes=False) == 0
    assert "prod gets the image of dev" in capsys.readouterr().out
    with pytest.raises(UsageError, match="the installation has dev, prod"):
        command.prove({}, "qa", None, yes=True)


def test_the_same_command_continues_a_promotion(session: Promoting) -> None:
    session.failing = frozenset({"prod"})
    assert promoted() == 6
    assert promoted() == 0
    assert session.resumed == 1


def test_an_environment_without_a_proof_is_refused_with_3(
    session: Promoting, capsys: pytest.CaptureFixture[str]
) -> None:
    session.failing = frozenset({"dev"})
    answers = session.seen.answers
    session.begin(answers, Draft.of(answers), attended=False).wait()
    session.end_run()
    assert promoted() == 3
    assert "run contoso-2 has not succeeded" in capsys.readouterr().out
    with pytest.raises(CheckBlocked, match="resume contoso-2"):
        command.prove({}, "dev", None, yes=True)
    session.failing = frozenset()
    session.begin(answers, Draft.of(answers), attended=False).wait()
    session.end_run()
    from tests.planning.local_arm import record_answers

    run(session.seen.estate.azure.clock.advance(60.0))
    record_answers(session.seen.estate, answers, "contoso-9")
    before = session.seen.contents()
    assert promoted(output="json") == 3
    shown = capsys.readouterr()
    found = json.loads(shown.out)
    assert found["from"] == "dev"
    assert found["differences"][0]["promotion"]
    (finding,) = [one for one in found["findings"] if one["severity"] == "blocks"]
    assert finding["what"] == "dev is not proved by its newest acceptance run"
    assert "run contoso-9 has changed the installation since" in finding["why"]
    assert "the promotion is blocked: nothing was changed" in shown.err
    assert session.seen.contents() == before


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (Wanted("dev", "dev", None, 60.0), "name another environment than --from"),
        (Wanted("dev", "qa", None, 60.0), "--to qa: the installation has dev, prod"),
        (Wanted("", "qa", None, 60.0), "--env qa: the installation has dev, prod"),
        (BACK, "no record of a promotion to prod"),
    ],
)
def test_what_cannot_be_promoted_is_refused(session: Promoting, wanted: Wanted, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        promoted(wanted)


def test_an_environment_without_promotions_has_an_empty_history(
    session: Promoting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.history({}, "prod", None) == 0
    assert "nothing was promoted to prod" in capsys.readouterr().out
    assert command.history({"output": "json"}, "prod", None) == 0
    assert json.loads(capsys.readouterr().out)["promotions"] == []
