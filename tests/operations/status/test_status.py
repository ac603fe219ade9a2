"""Status: a right installation has no problem, each problem of Azure has its line, and nothing is written."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from installer.emulator.survey import parse
from installer.estate.resources import estate as stages_of
from installer.estate.resources import namespaces
from installer.operations.status.acceptance import ACCEPTANCE
from installer.operations.status.assess import QUESTIONS, assess
from installer.operations.status.drift import DRIFT
from installer.operations.status.environments import ENVIRONMENTS
from installer.operations.status.expiry import EXPIRY
from installer.operations.status.health import HEALTH
from installer.operations.status.model import Line, Question
from installer.operations.status.observed import IN_PROGRESS
from installer.operations.status.quotas import QUOTAS
from installer.operations.status.report import COLUMNS, status_lines
from installer.operations.status.spending import SPENDING
from installer.operations.status.versions import VERSIONS
from installer.operations.status.workloads import WORKLOADS
from installer.preflight.reads import NotVisible
from tests.bicep.answers_matrix import MATRIX
from tests.operations.status.changes_of_others import (
    DAY,
    client_secrets,
    cluster_version,
    deleted,
    failed,
    no_acceptance,
    old_acceptance,
    old_server,
    role_left,
    secret_ends,
    spent,
    stop,
    tagged,
    without_budget,
)
from tests.operations.status.observed_estate import Seen

HEALTH_PROVIDER: Final = "Microsoft.ResourceHealth"


def test_a_right_installation_has_no_problem_and_its_report_fits_80_columns(dev: Seen, on_apps: Seen) -> None:
    for one in (dev, on_apps):
        found = one.status()
        assert found.problems == ()
        assert found.exit_code == 0
        assert [answer.key for answer in found.answers] == [question.key for question in QUESTIONS]
        assert all(answer.lines for answer in found.answers)
        lines = [*status_lines(found)]
        long = [line for line in lines if len(line) > COLUMNS and " " in line.strip("✓!✗? →")]
        assert long == []
        assert "0 broken, 0 need attention" in lines[-1]


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in MATRIX if name != "dev"])
def test_no_right_installation_of_the_matrix_has_a_problem(copy_of: Callable[[str], Seen], name: str) -> None:
    """But for connections that a run approves, which this estate does not, and quotas that are too small for the largest answers."""
    found = [line.key for line in copy_of(name).status().problems]
    assert [key for key in found if not key.startswith(("drift/approvals-", "quotas/"))] == []


def test_the_json_object_is_complete_and_two_reports_are_the_same(on_apps: Seen) -> None:
    first, second = (json.dumps(on_apps.status().as_json()) for _ in range(2))
    assert first == second
    shown = json.loads(first)
    assert (shown["kind"], shown["schema"], shown["state"]) == ("status", 1, "ok")
    assert sum(shown["counts"].values()) == sum(len(one["lines"]) for one in shown["questions"])
    keys = [line["key"] for one in shown["questions"] for line in one["lines"]]
    assert len(keys) == len(set(keys))
    assert all(key.startswith(f"{one['question']}/") for one in shown["questions"] for key in [one["lines"][0]["key"]])


def test_nothing_is_written(on_apps: Seen) -> None:
    before = on_apps.contents()
    with on_apps.observed() as observed:
        assess(observed)
        sent = [*observed.subject.arm.service.sent, *observed.subject.graph.service.sent, *on_apps.arm.service.sent]  # type: ignore[attr-defined]  # of LocalService
    assert on_apps.contents() == before
    assert len(sent) > 50
    others = {path.partition("?")[0].rpartition("/")[2].lower() for method, path in sent if method != "GET"}
    assert others <= {"list", "listkeys", "listsecrets", "listcredentials"}, others


def test_an_environment_is_shown_alone_with_what_all_share(on_apps: Seen) -> None:
    found = on_apps.status("prod")
    names = {line.environment for answer in found.answers for line in answer.lines}
    assert names == {"", "prod"}


# -- problems -------------------------------------------------------------------------------------------------------------

PROBLEMS: Final[dict[str, tuple[Question, Callable[[Seen], None], str, str, str]]] = {
    "cluster stopped": (WORKLOADS, stop("/aks-ff-contoso-dev"), "workloads/aks-ff-contoso-dev", "broken", "Stopped"),
    "database stopped": (WORKLOADS, stop("/pg-ff-contoso"), "workloads/pg-ff-contoso", "broken", "Stopped"),
    "web app stopped": (
        WORKLOADS,
        stop("/sites/app-ff-contoso-dev"),
        "workloads/app-ff-contoso-dev",
        "broken",
        "Stopped",
    ),
    "role left": (
        WORKLOADS,
        role_left,
        "workloads/aks-ff-contoso-dev-role",
        "attention",
        "temporary role of a cluster",
    ),
    "failed": (HEALTH, failed, "health/kv-ff-contoso-dev", "broken", "state Failed"),
    "tag of others": (DRIFT, tagged, "drift/runtime-dev", "attention", "changed by others"),
    "deleted by others": (DRIFT, deleted, "drift/observability", "broken", "is missing"),
    "secret ends": (EXPIRY, secret_ends(12.5), "expiry/dev-prefect-auth", "attention", "12 days left"),
    "secret has ended": (EXPIRY, secret_ends(-1), "expiry/dev-prefect-auth", "broken", "expired at"),
    "client secret ends": (EXPIRY, client_secrets(-3, 5.5), "expiry/dev-sign-on", "attention", "5 days left"),
    "client secret has ended": (EXPIRY, client_secrets(-3), "expiry/dev-sign-on", "broken", "expired at"),
    "no client secret": (EXPIRY, client_secrets(), "expiry/dev-sign-on", "broken", "no client secret"),
    "near the budget": (SPENDING, spent(433.0), "spending/", "attention", "433.00 of 500.00 EUR"),
    "over the budget": (SPENDING, spent(613.0), "spending/", "attention", "(123%)"),
    "no budget": (SPENDING, without_budget, "spending/", "broken", "is missing"),
    "Kubernetes out of support": (
        VERSIONS,
        cluster_version("1.31.4"),
        "versions/aks-ff-contoso-dev",
        "attention",
        "left support",
    ),
    "Kubernetes at its end": (
        VERSIONS,
        cluster_version("1.33.9"),
        "versions/aks-ff-contoso-dev",
        "attention",
        "next version",
    ),
    "PostgreSQL out of offer": (
        VERSIONS,
        old_server,
        "versions/pg-ff-contoso",
        "attention",
        "PostgreSQL 11 is no longer",
    ),
    "old acceptance run": (ACCEPTANCE, old_acceptance, "acceptance/dev", "attention", "45 days ago"),
    "no acceptance run": (ACCEPTANCE, no_acceptance, "acceptance/dev", "attention", "no acceptance run"),
}
"""Question, change of another user, key, state, and words of the line."""


@pytest.mark.parametrize("name", list(PROBLEMS))
def test_each_problem_has_its_line_with_a_way(dev: Seen, name: str) -> None:
    question, change, key, state, words = PROBLEMS[name]
    change(dev)
    found = [line for line in dev.lines(question).values() if line.state in ("attention", "broken")]
    (line,) = found
    assert line.key.startswith(key)
    assert (line.state, line.ways != ()) == (state, True)
    assert words in line.text


def test_a_role_of_a_run_that_works_and_roles_of_others_are_no_problem(dev: Seen) -> None:
    role_left(dev)
    with dev.observed() as observed:
        working = assess(replace(observed, state=IN_PROGRESS), questions=(WORKLOADS,))
    assert working.problems == ()
    (line,) = dev.status(questions=(WORKLOADS,)).problems
    words = line.ways[0].command.split()
    assert words[:5] == ["az", "role", "assignment", "delete", "--ids"]
    dev.ask("DELETE", f"{words[5]}?api-version=2022-04-01")
    role_left(dev, "For the team that runs the cluster")
    assert dev.status(questions=(WORKLOADS,)).problems == ()


@pytest.mark.parametrize(
    ("attributes", "state", "words"),
    [
        ({"exp": 300}, "ok", "300 days left"),
        ({"exp": 10}, "attention", "10 days left"),
        ({"exp": -2}, "broken", "expired at"),
        ({"exp": 300, "enabled": False}, "broken", "disabled"),
        ({}, "not read", "shows no end"),
    ],
)
def test_the_certificate_of_the_ingress_ends(
    copy_of: Callable[[str], Seen], attributes: dict[str, Any], state: str, words: str
) -> None:
    one = copy_of("10-gateway-detection")
    name = one.answers.ingress.certificate_uri.rpartition("/")[2]
    secret = one.find(f"/vaults/{one.answers.ingress.certificate_uri[8:].partition('.')[0]}/secrets/{name}")
    if "exp" in attributes:
        moment = int(one.estate.azure.clock.now() + (attributes["exp"] + 0.5) * DAY)
        attributes = {**attributes, "exp": moment}
    one.change(secret, desired={"properties": {"attributes": attributes}})
    line = one.lines(EXPIRY)["expiry/ingress"]
    assert (line.state, line.ways != ()) == (state, state in ("attention", "broken"))
    assert words in line.text


def test_a_container_app_that_was_stopped_is_broken(on_apps: Seen) -> None:
    app = on_apps.find("/containerapps/ca-contoso-prod-web")
    on_apps.ask("POST", f"{app}/stop?api-version=2025-07-01")
    line = on_apps.lines(WORKLOADS)["workloads/ca-contoso-prod-web"]
    assert (line.state, line.environment) == ("broken", "prod")
    assert "az rest --method post" in line.ways[0].command


def test_resource_health_is_read_where_its_provider_is_registered(dev: Seen) -> None:
    subscription = dev.answers.subscription.subscription
    unread = dev.lines(HEALTH)[f"health/availability-{subscription}"]
    assert unread.state == "not read"
    assert "az provider register" in unread.text
    dev.estate.azure.emulator.registrations.set(subscription, HEALTH_PROVIDER, "Registered", 0)
    assert dev.lines(HEALTH)[f"health/availability-{subscription}"].state == "ok"
    stop("/aks-ff-contoso-dev")(dev)
    line = dev.lines(HEALTH)["health/aks-ff-contoso-dev-availability"]
    assert (line.state, line.text.partition(":")[0]) == ("broken", "unavailable, begun by a user")


def test_quotas_without_room_for_growth_need_attention(dev: Seen) -> None:
    def limited(line: Line) -> bool:
        return line.state == "attention" and "may grow by" in line.text

    assert not any(map(limited, dev.lines(QUOTAS).values()))
    emulator = dev.estate.azure.emulator
    with dev.observed() as observed:
        region = observed.it.location
    quota = {"provider": "Microsoft.Compute", "location": region, "name": "cores", "limit": 12, "current": 12}
    surveyed = emulator.survey.model_copy(
        update={"quotas": parse(json.dumps({"version": 1, "quotas": [quota]})).quotas}
    )
    object.__setattr__(emulator, "survey", surveyed)
    assert any(map(limited, dev.lines(QUOTAS).values()))


def test_a_run_that_has_failed_is_continued(dev: Seen) -> None:
    with dev.observed() as observed:
        found = assess(replace(observed, state="failed"), questions=(ENVIRONMENTS,))
    (problem,) = found.problems
    assert problem.text == "the run is failed"
    assert problem.ways[0].shown("contoso-1", problem.key).endswith("resume contoso-1")
    assert found.exit_code == 6
    with dev.observed() as observed:
        (waits,) = assess(replace(observed, state=IN_PROGRESS), questions=(ENVIRONMENTS,)).problems
    assert (waits.state, waits.ways) == ("attention", ())


def test_a_rotation_that_has_not_ended_is_continued(dev: Seen) -> None:
    with dev.observed() as observed:
        found = assess(replace(observed, rotation=("prefect-auth", "dev")), questions=(ENVIRONMENTS,))
    (problem,) = found.problems
    assert (problem.key, problem.environment) == ("environments/rotation", "dev")
    assert problem.ways[0].shown("contoso-1", problem.key).endswith("rotate prefect-auth --env dev --run contoso-1")


def test_what_an_account_may_not_read_is_not_read_and_no_problem(dev: Seen) -> None:
    with dev.observed() as observed:
        reads: Any = observed.subject.arm
        blind = replace(observed.subject, arm=_Blind(reads))  # type: ignore[arg-type]  # reads that are refused
        found = assess(replace(observed, subject=blind), questions=tuple(one for one in QUESTIONS if one is not DRIFT))
    assert found.problems == ()
    assert found.count("not read") >= 6
    right = {line.key for answer in found.answers for line in answer.lines if line.state == "ok"}
    assert right == {"environments/dev", "acceptance/dev"}
    assert found.exit_code == 4
    with dev.observed() as observed:
        blind = replace(observed.subject, graph=_Blind(reads))  # type: ignore[arg-type]  # only the directory is refused
        assert assess(replace(observed, subject=blind), questions=(WORKLOADS, EXPIRY)).exit_code == 0


class _Blind:
    """Reads of an account without rights."""

    requests = 0

    def __init__(self, reads: Any) -> None:
        self.assumed = reads.assumed

    def ahead(self, requests: Any) -> None:
        """Nothing is sent."""

    def every(self, request: Any) -> Any:
        """Refused."""
        raise NotVisible(request.what, "this account may not read it")

    find = ask = every


def test_the_estates_of_these_tests_have_what_the_questions_are_about(dev: Seen, on_apps: Seen) -> None:
    assert "Microsoft.Consumption" in namespaces(stages_of(dev.answers))
    assert "Microsoft.App" in namespaces(stages_of(on_apps.answers))
