"""The wizard line by line: the same questions and checks; what is typed makes the same answers, to the byte."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import dump, load
from installer.answers.model import PAGES, Answers
from installer.answers.questions import all_questions
from installer.cli.commands.run import rehearse
from installer.cli.plain_wizard import PlainWizard
from installer.cloud.models import Choice
from installer.cloud.sign_in import ShowMessage
from installer.cost.live import LiveCost, live_cost
from installer.errors import DeploymentFailed, InstallerError, Interrupted, UsageError
from installer.planning.model import Change, Plan
from installer.preflight.model import Report, Result
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.run import Run
from installer.runs.session import Session, TargetOptions
from installer.runs.state_directory import StateDirectory
from tests.answers.answers_files import CLIENT, FEW, FOLDER
from tests.cost.made_up_prices import cost_of
from tests.keyrings import NoKeyring, using

DEV = FOLDER / "dev.yaml"


class Begun(Exception):
    """Raised where the wizard starts a run; these tests end there."""


class Rehearsed(Session):
    """A session that asks no cloud."""

    lists: dict[str, list[Choice]] | None = None
    reports: list[Report] | None = None
    unreachable: InstallerError | None = None
    installed: tuple[str, Answers] | None = None

    def applied(self, draft: Draft, *, certain: bool = False) -> tuple[str, Answers] | None:  # noqa: ARG002  Session's
        assert draft.value("subscription.prefix")
        return self.installed

    def choices(self, source: str, draft: Draft) -> list[Choice]:
        assert draft is not None
        if self.unreachable:
            raise self.unreachable
        return (self.lists or {}).get(source, [])

    def check(
        self, answers: Answers, ended: Callable[[Result], None] = lambda _result: None, survey: Path | None = None
    ) -> Report:
        assert (answers, survey) is not None
        report = self.reports.pop(0) if self.reports else Report(())
        for result in report.results:
            ended(result)
        return report

    def plan(
        self,
        answers: Answers,
        progress: ShowMessage = print,  # noqa: ARG002  as the session
        *,
        draft: Draft | None = None,
        checks: bool = False,  # noqa: ARG002  as the session
        kept: Sequence[str] = (),  # noqa: ARG002  as the session
    ) -> Plan:
        assert draft is not None
        change = Change("/x/kv", "Microsoft.KeyVault/vaults", "kv-ff-dev", "rg-dev", "data", "create")
        return Plan(answers.subscription.subscription, "public", 0.0, (change,), counts={"create": 1})

    def size_prices(self, draft: Draft) -> dict[str, str]:
        assert draft is not None
        return {"Standard_D4ds_v5": "140 EUR/month"}

    def live_cost(self, draft: Draft, key: str = "") -> LiveCost:
        if self.unreachable:
            raise self.unreachable
        return live_cost(draft, all_questions().get(key), cost_of)

    def begin(
        self,
        answers: Answers,
        draft: Draft,
        *,
        attended: bool,
        purpose: Purpose = INSTALLATION,
    ) -> Run:
        assert attended
        assert purpose == INSTALLATION
        assert draft.answers() == answers
        raise Begun("a run begins")

    def unfinished(self) -> str | None:
        return None


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    with using(NoKeyring()):
        yield


class Talk:
    """A conversation: lines in, what was printed out."""

    def __init__(self, state: Path, draft: Draft | None = None) -> None:
        self.session = Rehearsed(StateDirectory.at(str(state)), TargetOptions(rehearsal=True))
        self.draft = draft or Draft()
        self.out = io.StringIO()

    def print_lines(self, lines: Sequence[str]) -> str:
        """Talk until a run begins or the conversation ends; what was printed."""
        source = io.StringIO("".join(f"{line}\n" for line in lines))
        PlainWizard(self.session, self.draft, source, self.out).run()
        return self.out.getvalue()

    def begins(self, lines: Sequence[str]) -> str:
        with pytest.raises(Begun, match="a run begins"):
            self.print_lines(lines)
        return self.out.getvalue()


def script(draft: Draft) -> list[str]:
    """Input of a user who types the decisions of this draft and accepts the defaults for the rest."""
    given = draft.given()
    asked = [question for page in PAGES for question in draft.questions(page)]
    return [question.text(given[question.key].value) if question.key in given else "" for question in asked]


def instead(line: str, *others: str) -> list[str]:
    """The lines for dev.yaml, others in place of one of them."""
    lines = script(load(DEV).draft)
    at = lines.index(line)
    return [*lines[:at], *others, *lines[at + 1 :], "yes"]


@FEW
def test_typing_the_answers_of_a_file_produces_that_file(tmp_path: Path, path: Path) -> None:
    loaded = load(path)
    talk = Talk(tmp_path)
    talk.begins([*script(loaded.draft), "yes"])
    assert dump(talk.draft) == dump(loaded.draft)
    assert dump(talk.draft, explicit=True) == dump(loaded.draft, explicit=True)
    assert talk.draft.answers() == loaded.answers


@FEW
def test_enter_accepts_the_answers_of_a_file(tmp_path: Path, path: Path) -> None:
    loaded = load(path)
    talk = Talk(tmp_path, load(path).draft)
    talk.begins([*("" for _ in script(loaded.draft)), "yes"])
    assert dump(talk.draft) == dump(loaded.draft)


def test_rehearsals_and_page_numbers_are_shown(tmp_path: Path) -> None:
    said = Talk(tmp_path).begins([*script(load(DEV).draft), "yes"])
    assert said.startswith("FlowForge Installer (REHEARSAL: nothing is real, nothing is charged).")
    assert "Subscription 1 of 12. Cloud." in said
    assert "Sign-on 9 of 12." in said


def test_sizes_have_the_cost_of_their_options_and_the_review_the_estimate(tmp_path: Path) -> None:
    said = Talk(tmp_path).begins([*script(load(DEV).draft), "yes"])
    assert "Trial: - 200, Production: + 50 EUR/month" in said  # the default is Team
    assert "proposed 100 EUR from the estimate" in said
    assert "Estimate of 2026-11-30: 100 EUR/month (retail prices" in said
    assert "dev 100" in said


def test_a_question_mark_explains_and_asks_again(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    said = talk.begins(instead("contoso", "?", "contoso"))
    assert "  Accepted: " in said
    assert talk.draft.value("subscription.prefix") == "contoso"


def test_going_back_loses_nothing(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    lines = script(load(DEV).draft)
    back = lines.index("10.40.0.0/16")
    talk.begins([*lines[:back], *"<" * 8, "fabrikam", *[""] * 7, *lines[back:], "yes"])
    assert talk.draft.value("subscription.prefix") == "fabrikam"
    assert talk.draft.value("subscription.environments") == ["dev"]
    assert talk.draft.value("network.address_space") == "10.40.0.0/16"


def test_back_from_the_first_question_stays_there(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    said = talk.begins(["<", "<", *script(load(DEV).draft), "yes"])
    assert said.count("Subscription 1 of 12. Cloud.") == 3


def test_numbers_stand_for_choices(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    talk.session.lists = {"regions": [Choice("norwayeast", "Norway East"), Choice("swedencentral", "Sweden", "near")]}
    lines = instead("swedencentral", "2")
    lines[lines.index("dev")] = "1 2"
    said = talk.begins(lines)
    assert "  2  swedencentral  Sweden (near)" in said
    assert talk.draft.value("subscription.region") == "swedencentral"
    assert talk.draft.value("subscription.environments") == ["dev", "qa"]


def test_names_stand_for_choices_and_a_refusal_names_both_ways(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    talk.session.lists = {"regions": [Choice("norwayeast", "Norway East"), Choice("swedencentral", "Sweden Central")]}
    said = talk.begins(instead("swedencentral", "moon", "sweden central"))
    assert "; or a number of the list, 1 to 2, or a name in it" in said
    assert talk.draft.value("subscription.region") == "swedencentral"


@pytest.mark.parametrize("number", ["0", "3", "99999999999999999999", "²"])
def test_a_number_without_a_choice_is_rejected(tmp_path: Path, number: str) -> None:
    talk = Talk(tmp_path)
    said = talk.begins(instead("aks", number, "aks"))
    assert said.count("Not accepted") == 1
    assert talk.draft.value("platform.runtime") == "aks"


def test_a_rejected_answer_is_requested_again_with_the_reason(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    said = talk.begins(instead("10.40.0.0/16", "10.40.0.0/99", "", "\x1b[31m10.40.0.0/16\x07", "10.40.0.0/16"))
    assert said.count("Not accepted") == 3  # as typed, as displayed, and as a terminal sends it
    assert "\x1b" not in said
    assert "\x07" not in said
    assert talk.draft.value("network.address_space") == "10.40.0.0/16"


def test_a_list_that_cannot_be_fetched_is_no_obstacle(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    talk.session.unreachable = DeploymentFailed("Azure is \x1b[31mnot\x1b[0m there")
    said = talk.begins([*script(load(DEV).draft), "yes"])
    assert "The list could not be fetched: Azure is  [31mnot [0m there" in said
    assert talk.draft.answers() == load(DEV).answers


def test_a_secret_that_is_typed_becomes_a_reference_and_is_not_shown(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    said = talk.begins(instead("later", "secret", CLIENT, "hunter2 & co", ""))
    assert "hunter2" not in said + dump(talk.draft) + "".join(p.read_text() for p in tmp_path.iterdir() if p.is_file())
    reference = str(talk.draft.value("sign_on.client_secret"))
    assert reference.startswith("keyring:")
    assert talk.session.secrets.resolve(reference).get_secret_value() == "hunter2 & co"


# -- the end of the input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 5, 9])
def test_answers_are_saved_when_the_input_ends(tmp_path: Path, count: int) -> None:
    talk = Talk(tmp_path)
    lines = script(load(DEV).draft)
    with pytest.raises(UsageError, match="the input ended"):
        talk.print_lines(lines[:count])
    again = talk.session.drafts.saved()
    assert {key: given.value for key, given in again.given().items()} == {
        key: given.value for key, given in talk.draft.given().items()
    }
    assert len(again.given()) == sum(1 for line in lines[:count] if line)


def test_saved_answers_are_offered_at_the_next_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the input ended"):
        Talk(tmp_path).print_lines(script(load(DEV).draft))
    second = Talk(tmp_path)
    second.draft = second.session.drafts.saved()
    said = second.begins([*("" for _ in script(load(DEV).draft)), "yes"])
    assert "[contoso] > " in said
    assert second.draft.answers() == load(DEV).answers


# -- the review ------------------------------------------------------------------------------------------------------


def review(tmp_path: Path, *lines: str) -> Talk:
    talk = Talk(tmp_path)
    talk.begins([*script(load(DEV).draft), *lines, "yes"])
    return talk


def test_the_review_shows_every_decision_with_its_source_and_all_resources(tmp_path: Path) -> None:
    said = review(tmp_path).out.getvalue()
    assert "contoso (given)" in said
    assert "(preset)" in said
    assert "They create " in said
    assert "In Azure a run that has everything to do usually takes about " in said


def test_x_shows_the_answers_file(tmp_path: Path) -> None:
    talk = review(tmp_path, "x")
    assert dump(talk.draft) in talk.out.getvalue()


def test_p_shows_the_plan(tmp_path: Path) -> None:
    said = review(tmp_path, "p").out.getvalue()
    assert "+ kv-ff-dev (Key vault)" in said
    assert "+ 1 create" in said


def test_a_number_changes_a_decision_and_whatever_hangs_on_it_is_asked(tmp_path: Path) -> None:
    asked = [question for page in PAGES for question in load(DEV).draft.questions(page)]
    number = next(index for index, question in enumerate(asked, 1) if question.key == "sign_on.method")
    talk = review(tmp_path, str(number), "secretless", CLIENT)
    assert talk.draft.answers().sign_on.client_id == CLIENT


def test_yes_does_not_start_the_run_while_problems_remain(tmp_path: Path) -> None:
    asked = [question for page in PAGES for question in load(DEV).draft.questions(page)]
    number = next(index for index, question in enumerate(asked, 1) if question.key == "sign_on.method")
    talk = Talk(tmp_path)
    with pytest.raises(Interrupted, match="nothing was started"):
        talk.print_lines([*script(load(DEV).draft), str(number), "secretless", "<", "yes", "what?", "no"])
    said = talk.out.getvalue()
    assert "Not ready yet: correct the answers marked with ! first." in said
    assert "  ! sign_on.client_id" in said
    assert talk.session.drafts.saved().value("sign_on.method") == "secretless"


def test_a_long_list_is_shown_on_request(tmp_path: Path) -> None:
    sizes = [Choice(f"Standard_D{number}s_v9", "", f"{number} cores") for number in range(2, 40)]
    sizes.append(Choice("Standard_D99s_v9", "", "not in this region", usable=False))
    talk = Talk(tmp_path)
    talk.session.lists = {"node_sizes": sizes}
    lines = script(load(DEV).draft)
    at = [question.key for page in PAGES for question in load(DEV).draft.questions(page)].index("sizing.node_size")
    shown = talk.begins([*lines[:at], "?", *lines[at:], "yes"])
    before, _, after = shown.partition("  39 to choose from; ? lists them.")
    assert "Standard_D2s_v9" not in before
    assert "  1  Standard_D2s_v9 (2 cores)\n" in after
    assert "  39  Standard_D99s_v9 (not available: not in this region)\n" in after


def test_a_refused_value_does_not_become_the_one_in_brackets(tmp_path: Path) -> None:
    shown = Talk(tmp_path).begins(["nonsense", *script(load(DEV).draft), "yes"])
    assert "Not accepted" in shown
    assert "[nonsense] > " not in shown
    assert shown.count("[public] > ") == 2


def test_an_answers_file_opens_at_the_review(tmp_path: Path) -> None:
    talk = Talk(tmp_path, load(DEV).draft)
    wizard = PlainWizard(talk.session, talk.draft, io.StringIO("yes\n"), talk.out, answered=True)
    with pytest.raises(Begun):
        wizard.run()
    said = talk.out.getvalue()
    assert "of 12. Cloud." not in said
    assert said.index("Review. These are the decisions:") < said.index("Type yes to start")


def test_the_command_opens_a_file_at_the_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("installer.cli.commands.run.Session", Rehearsed)
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    with pytest.raises(Interrupted):
        rehearse({"plain": True, "state_dir": str(tmp_path)}, DEV, yes=False, keep=False, speed=None, faults=(), survey=None, serve=False, port=None)  # fmt: skip


def reviewed(path: Path, draft: Draft, *lines: str) -> str:
    """Output of the review for these lines."""
    talk = Talk(path, draft)
    talk.session.installed = "contoso-6", load(DEV).answers
    source = io.StringIO("".join(f"{line}\n" for line in (*lines, "yes")))
    with pytest.raises(Begun):
        PlainWizard(talk.session, talk.draft, source, talk.out, answered=True).run()
    return talk.out.getvalue().partition("no to quit > ")[2]


def test_the_review_lists_what_differs_from_the_defaults_and_from_the_last_run(tmp_path: Path) -> None:
    draft = load(DEV).draft
    draft.give("sizing.worker_nodes", 4)
    said = reviewed(tmp_path, draft, "d")
    defaults, _, last = said.partition("other than in run contoso-6:")
    assert "other than presets and defaults:" in defaults
    assert "Region: swedencentral (file)" in defaults
    assert "(default)" not in defaults
    assert "Node count: 4 (given)" in last
    assert "Region" not in last


def test_the_review_searches_decisions_resources_and_properties(tmp_path: Path) -> None:
    said = reviewed(tmp_path, load(DEV).draft, "/nat gateway", "/minimum node", "/nothing of this name")
    assert "+ ng-ff-contoso-dev (NAT gateway)" in said
    assert "idleTimeoutInMinutes" in said
    assert "Minimum node count: " in said
    assert "0 lines found." in said


def test_the_review_has_the_topology_as_lines(tmp_path: Path) -> None:
    said = reviewed(tmp_path, load(DEV).draft, "t")
    assert "Network dev vnet-ff-contoso-dev" in said
    assert "┌" not in said


def test_sizes_have_their_price_where_one_is_known(tmp_path: Path) -> None:
    talk = Talk(tmp_path)
    sizes = [Choice("Standard_D4ds_v5", "", "4 cores"), Choice("Standard_D8ds_v5", "", "8 cores")]
    talk.session.lists = {"node_sizes": sizes}
    said = talk.begins([*script(load(DEV).draft), "yes"])
    assert "Standard_D4ds_v5 (4 cores, 140 EUR/month)" in " ".join(said.split())
    assert "Standard_D8ds_v5 (8 cores)" in " ".join(said.split())
