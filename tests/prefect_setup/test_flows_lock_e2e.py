"""Two runs that deploy the flows of an environment at once: one does, the error of the other names it, and that one has to compare again."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from installer.errors import PrefectFailed
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.flows.lock import LEASE_SECONDS, FlowsLock
from installer.prefect_setup.flows.order import Deployer, FlowsOrder
from installer.prefect_setup.flows.server import Server
from tests.prefect_setup.real_flows import Flows

pytestmark = pytest.mark.e2e
ANNA, BEN = Deployer("contoso-3@anna", "a1"), Deployer("contoso-1@ben", "b2")
RUNS = 8


@pytest.fixture(autouse=True)
def _no_lock(flows: Flows) -> Iterator[None]:
    yield
    flows.server.delete(f"/variables/name/{lock(flows).name}", "the lock")


def lock(flows: Flows, deployer: Deployer = ANNA) -> FlowsLock:
    return FlowsLock(flows.server, "dev", deployer)


def holder(flows: Flows) -> str:
    found = flows.server.find(f"/variables/name/{lock(flows).name}", "the lock") or {}
    return as_text(as_object(found.get("value")).get("by"))


def taken_at_once(flows: Flows) -> list[str]:
    """Runs that get the lock when all of them ask at the same moment; the others are refused with its holder."""
    barrier = threading.Barrier(RUNS)

    def take(number: int) -> str:
        deployer = Deployer(f"contoso-{number}@machine", str(number))
        own = FlowsLock(Server(flows.server.api), "dev", deployer)
        barrier.wait()
        try:
            own.take()
        except PrefectFailed as refused:
            return f"refused: {refused}"
        return deployer.by

    with ThreadPoolExecutor(RUNS) as pool:
        results = list(pool.map(take, range(RUNS)))
    got = [one for one in results if not one.startswith("refused")]
    assert all(f"are being deployed by {got[0]}" in one for one in results if one not in got), results
    return got


def test_of_runs_that_ask_at_once_one_gets_the_lock(flows: Flows) -> None:
    got = taken_at_once(flows)
    assert got == [holder(flows)]


def test_an_expired_lock_is_taken_over_by_one_run(flows: Flows) -> None:
    before = replace(lock(flows), now=lambda: time.time() - LEASE_SECONDS - 60)
    before.take()
    got = taken_at_once(flows)
    assert got == [holder(flows)]
    assert got != [ANNA.by]


def test_a_run_takes_its_own_lock_again_and_only_it_releases_it(flows: Flows) -> None:
    lock(flows).take()
    again = lock(flows)
    again.take()
    lock(flows, BEN).release()
    assert holder(flows) == ANNA.by
    again.release()
    assert holder(flows) == ""
    damaged: Json = {"name": again.name, "value": "by hand"}
    flows.server.send("POST", "/variables/", damaged, "a lock that no run has written")
    lock(flows, BEN).take()
    assert holder(flows) == BEN.by


def test_the_refusal_says_who_deploys_until_when_and_what_to_do(flows: Flows) -> None:
    began = datetime.now(UTC)
    lock(flows).take()
    with pytest.raises(PrefectFailed) as refused:
        flows.work(replace(flows.order(flows.project()), deployer=BEN))
    text = str(refused.value)
    assert f"being deployed by {ANNA.by}; run flows deploy again once that has ended" in text
    until = datetime.fromisoformat(text.partition("wait until ")[2].partition(",")[0])
    assert until - began >= timedelta(seconds=LEASE_SECONDS - 1)
    assert flows.server.find("/variables/name/orders_dev", "variable") is None, "nothing was applied"
    assert holder(flows) == ANNA.by


def test_what_was_compared_before_another_run_has_deployed_is_not_applied(flows: Flows) -> None:
    project = flows.project()

    def order(deployer: Deployer, seen: Json) -> FlowsOrder:
        return replace(flows.order(project), deployer=deployer, seen=None if seen is None else as_text(seen))

    flows.work(order(ANNA, None))
    began, (compared, _) = datetime.now(UTC), flows.work(flows.order(project, "diff"))
    flows.work(replace(FlowsOrder("dev", "apply", "", ()), deployer=ANNA, seen=as_text(compared["record"])))
    compared, _ = flows.work(flows.order(project, "diff"))
    flows.work(order(BEN, compared["record"]))
    with pytest.raises(PrefectFailed, match=rf"deployed meanwhile by {BEN.by} at .*Run flows deploy again") as refused:
        flows.work(order(ANNA, compared["record"]))
    at = datetime.fromisoformat(f"{str(refused.value).partition(' at ')[2].partition(' UTC')[0]}+00:00")
    assert at >= began.replace(microsecond=0), "the time of the newest deployment, not of the first one"
    assert holder(flows) == "", "a refused run keeps nothing"
    flows.work(order(BEN, compared["record"]))  # its own attempt, resumed
    now, _ = flows.work(flows.order(project, "diff"))
    result, _ = flows.work(order(ANNA, now["record"]))
    assert result["changes"] == 0


def test_processes_of_two_machines_deploy_one_after_the_other(flows: Flows) -> None:
    project = flows.project()
    compared, _ = flows.work(flows.order(project, "diff"))

    def order(deployer: Deployer) -> FlowsOrder:
        return replace(flows.order(project), deployer=deployer, seen=as_text(compared["record"]))

    (reserved,) = flows.program(replace(order(ANNA), mode="reserve"))
    assert reserved == {"result": {}}
    (refused,) = flows.program(order(BEN))
    assert f"are being deployed by {ANNA.by}" in as_text(refused["error"])
    applied = flows.program(order(ANNA))[-1]
    assert as_object(applied["result"])["changes"] == 7
    (late,) = flows.program(order(BEN))
    assert f"were deployed meanwhile by {ANNA.by}" in as_text(late["error"])


def test_two_programs_that_start_together_do_not_both_deploy(flows: Flows) -> None:
    project = flows.project()
    compared, _ = flows.work(flows.order(project, "diff"))
    with ThreadPoolExecutor(2) as pool:
        orders = [replace(flows.order(project), deployer=one, seen=as_text(compared["record"])) for one in (ANNA, BEN)]
        last = [lines[-1] for lines in pool.map(flows.program, orders)]
    assert sorted("result" in one for one in last) == [False, True], last
    (refused,) = (as_text(one["error"]) for one in last if "error" in one)
    assert "deployed" in refused
