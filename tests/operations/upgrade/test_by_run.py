"""Upgrades that a new run makes: which answers change, what is refused, and which way back the plan names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.cli.commands import upgrade as command
from installer.cli.commands import upgrade_run
from installer.cli.commands.upgrade import Wanted
from installer.errors import UsageError
from installer.estate.parameters.context import Installation
from installer.images.context import prefect_version
from installer.operations.upgrade.by_run import backup_needs, changed_answers, interrupts, way_back, with_rights
from installer.planning.model import Plan
from installer.preflight.rights.permissions import held
from installer.runs.purpose import INSTALLATION, Purpose
from installer.steps.upgrade_order import Upgrade
from tests.bicep.answers_variants import answers
from tests.cli.test_change import FakeSession
from tests.emulator.test_survey import ME, OWNER, READER, _grant
from tests.preflight.surveyed import sample, subject_of

OLD = "flowforge/prefect:3.8.1"
GIVEN = answers("dev", platform={"prefect_image": OLD})
FROM = "registry.example/prefect@sha256:" + "a" * 64


def changed(what: str, to: str = "", more: dict[str, str] | None = None, given: Answers = GIVEN) -> dict[str, str]:
    """The answers that change."""
    return changed_answers(Installation(given), what, to, more or {})


def test_prefect_gets_the_version_of_this_installer() -> None:
    assert changed("prefect") == {"platform.prefect_image": f"flowforge/prefect:{prefect_version()}"}


def test_a_version_that_this_installer_does_not_build_is_refused() -> None:
    given = answers("dev", images={"prefect_source": "build"}, platform={"prefect_image": OLD})
    with pytest.raises(UsageError, match="and no other version"):
        changed("prefect", "3.9.0", given=given)


def test_prefect_does_not_go_back_to_tables_that_it_does_not_know() -> None:
    given = answers("dev", platform={"prefect_image": "flowforge/prefect:99.0.0"})
    with pytest.raises(UsageError, match="restore the database from before its upgrade"):
        changed("prefect", given=given)


def test_an_imported_image_needs_its_new_source() -> None:
    given = answers("dev", images={"prefect_source": "import", "prefect_from": FROM}, platform={"prefect_image": OLD})
    with pytest.raises(UsageError, match=r"--set images\.prefect_from="):
        changed("prefect", given=given)
    found = changed("prefect", "3.9.0", {"images.prefect_from": FROM}, given)
    assert found == {"platform.prefect_image": "flowforge/prefect:3.9.0", "images.prefect_from": FROM}


def test_the_web_app_gets_a_tag_or_a_digest() -> None:
    assert changed("images", "1.1.0") == {"platform.web_image": "flowforge/web:1.1.0"}
    digest = "sha256:" + "b" * 64
    assert changed("images", digest) == {"platform.web_image": f"flowforge/web@{digest}"}
    with pytest.raises(UsageError, match="needs the tag or digest"):
        changed("images")


def test_templates_change_no_answer() -> None:
    assert changed("templates") == {}
    with pytest.raises(UsageError, match="--to and --set do not apply"):
        changed("templates", "1.0")


@pytest.mark.parametrize("what", ["prefect", "images", "templates"])
def test_each_way_back_names_a_command_with_this_installation(what: str) -> None:
    back = way_back(Installation(GIVEN), what)
    assert any("az postgres flexible-server restore" in one and "pg-ff-contoso" in one for one in back)
    assert ("upgrade images --to 1.0.0" in " ".join(back)) is (what == "images")
    assert interrupts(Installation(GIVEN), what)


BACKUP = "Microsoft.DBforPostgreSQL/flexibleServers/backups/write"


@pytest.mark.parametrize(("actions", "blocks"), [(["*"], False), (["*/read"], True)])
def test_a_backup_that_the_account_may_not_make_is_in_the_way(tmp_path: Path, actions: list[str], blocks: bool) -> None:
    given = answers("dev", sizing={"postgres_size": "Standard_D2ds_v5"})
    (need,) = backup_needs(Installation(given))
    assert (need.action, need.scope.rpartition("/")[2]) == (BACKUP, "rg-ff-contoso-platform")
    assert (held([{"actions": list(actions), "notActions": []}], need) == "no") is blocks
    survey: dict[str, Any] = {
        "caller": {"objectId": ME, "principalIds": []},
        "resources": [_grant(READER if blocks else OWNER, ME)],
    }
    plan = Plan(subscription="", target="public", usual=0.0, changes=(), counts={})
    with subject_of(tmp_path, sample(sizing={"postgres_size": "Standard_D2ds_v5"}), **survey) as subject:
        found = with_rights(subject, plan)
    assert found.blocks is blocks
    assert [one.what for one in found.findings] == ([f"this account may not {BACKUP}"] if blocks else [])


def test_a_tier_without_backups_needs_no_right() -> None:
    assert backup_needs(Installation(answers("dev", sizing={"postgres_size": "Standard_B2ms"}))) == ()


@dataclass
class Upgrading(FakeSession):
    """A session whose runs upgrade."""

    upgrades: list[Upgrade | None] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    unchanged: bool = False

    def plan(self, answers: Answers, _say: object, *, draft: Draft, checks: bool) -> Plan:
        """The plan; without changes in Azure, as long as the digest of an image is not known."""
        found = super().plan(answers, _say, draft=draft, checks=checks)
        return replace(found, changes=(), counts={}) if self.unchanged else found

    def begin(self, answers: Answers, draft: Draft, *, attended: bool, purpose: Purpose = INSTALLATION) -> object:
        """The run that carries the plan out."""
        self.upgrades.append(purpose.upgrade)
        return super().begin(answers, draft, attended=attended)

    def resume(self, name: str, *, attended: bool) -> object:
        """The run continued."""
        assert not attended
        self.resumed.append(name)
        return object()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Upgrading:
    """The session of the command."""
    found = Upgrading(answers=GIVEN)

    @contextmanager
    def opened(_settings: dict[str, Any]) -> Iterator[Upgrading]:
        yield found

    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(command, "chosen_name", lambda _session, name: name)
    monkeypatch.setattr(upgrade_run, "follow_to_end", lambda _settings, _run: 0)
    monkeypatch.setattr(upgrade_run, "_with_rights", lambda _session, _facts, plan: plan)
    return found


def upgraded(what: str, to: str = "", *, yes: bool = True) -> int:
    """Exit code of the command."""
    return command.upgrade({}, what, Wanted("", to, 60.0), "contoso-1", yes=yes)


def test_the_plan_comes_first_and_a_run_only_with_yes(session: Upgrading, capsys: pytest.CaptureFixture[str]) -> None:
    assert upgraded("prefect", yes=False) == 0
    shown = capsys.readouterr()
    assert "Going back" in shown.out
    assert f"~ platform.prefect_image: {OLD} → flowforge/prefect:{prefect_version()}" in shown.out
    assert "nothing was changed; --yes carries out the plan" in shown.err
    assert session.begun == []
    assert upgraded("prefect") == 0
    (begun,), (upgrade,) = session.begun, session.upgrades
    assert begun.platform.prefect_image == f"flowforge/prefect:{prefect_version()}"
    assert upgrade is not None
    assert (upgrade.what, upgrade.patience, upgrade.drains) == ("prefect", 60.0, True)


def test_what_blocks_is_exit_code_3(session: Upgrading) -> None:
    session.blocks = True
    assert upgraded("images", "1.1.0") == 3
    assert session.begun == []


def test_templates_that_are_as_deployed_need_no_run(session: Upgrading) -> None:
    assert upgraded("templates") == 0
    assert session.begun == []


@pytest.mark.parametrize(
    ("what", "to", "text"),
    [
        ("templates", "", "--env does not apply"),
        ("prefect", "3.9.0", "an image of one environment is named by its digest"),
        ("images", "", "an image of one environment is named by its digest"),
    ],
)
def test_one_environment_gets_an_image_by_digest_only(session: Upgrading, what: str, to: str, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        command.upgrade({}, what, Wanted("dev", to, 60.0), "contoso-1", yes=True)
    assert session.planned == []


@pytest.mark.parametrize(("what", "kind"), [("images", "web"), ("prefect", "prefect")])
def test_an_image_of_one_environment_leaves_the_others(session: Upgrading, what: str, kind: str) -> None:
    session.answers = answers("dev", "qa")
    digest = f"sha256:{'d' * 64}"
    assert command.upgrade({}, what, Wanted("qa", digest, 60.0), "contoso-1", yes=True) == 0
    (begun,) = session.begun
    assert getattr(begun.of_environment("qa"), f"{kind}_image") == f"flowforge/{kind}@{digest}"
    assert begun.of_environment("dev") == session.answers.of_environment("dev")
    assert begun.platform == session.answers.platform
    (upgrade,) = session.upgrades
    assert upgrade is not None
    assert (upgrade.what, upgrade.environment, upgrade.drains) == (what, "qa", what == "prefect")
    assert any(f"--env qa --to {digest}" in one for one in way_back(Installation(begun), "images", "qa")) is (
        what == "images"
    )


def test_a_new_image_is_a_change_of_the_plan(session: Upgrading, capsys: pytest.CaptureFixture[str]) -> None:
    session.answers = answers("dev", platform={"web_image": "flowforge/web:0.9.0"})
    session.unchanged = True
    assert upgraded("images", "1.1.0", yes=False) == 0
    shown = capsys.readouterr().out
    assert "nothing to do" not in shown
    assert "Web app image flowforge/web:0.9.0 → flowforge/web:1.1.0" in shown


def test_the_same_command_continues_and_another_one_does_not(
    session: Upgrading, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.state = "interrupted"
    session.answers = answers("dev")  # the run has the answers of the upgrade
    monkeypatch.setattr(upgrade_run, "begun_upgrade", lambda _session, _name: Upgrade("prefect", "m", 60.0))
    assert upgraded("prefect") == 0
    assert session.resumed == ["contoso-1"]
    with pytest.raises(UsageError, match="resume contoso-1 continues it"):
        upgraded("images", "1.1.0")
    monkeypatch.setattr(upgrade_run, "begun_upgrade", lambda _session, _name: Upgrade("images", "m", 60.0))
    with pytest.raises(UsageError, match="has begun with another version"):
        upgraded("images", "1.1.0")
    assert upgraded("images", "1.0.0") == 0
    assert session.resumed == ["contoso-1", "contoso-1"]
    assert session.begun == []
