"""Faults: each one of the catalogue occurs as described, as often as described, and reproducibly by seed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import requests

from installer.cloud.error_explanations import explanation
from installer.cloud.errors import refused_by
from installer.emulator.errors import ArmError
from installer.emulator.faults.catalogue import FaultKind, catalogue
from installer.emulator.faults.injection import resource_values
from installer.emulator.faults.requested import UnknownFaultError, parse
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.jsontypes import Json
from tests.emulator.asgi_client import local
from tests.emulator.in_memory import GROUP, SCOPE, bench, run
from tests.emulator.sample_templates import Template, group, identity, inside, nested, resource, template
from tests.emulator.server_process import API, Served, serving
from tests.processes import until
from tests.required_error_codes import PROMISED

REQUESTS: Final = [
    kind
    for kind in catalogue().values()
    if kind.place in {"request", "write"} and kind.effect == "refused" and not kind.at
]


def _of_place(place: str) -> list[FaultKind]:
    return [kind for kind in catalogue().values() if kind.place == place]


def _named(kind: FaultKind) -> str:
    return kind.name


def test_every_explained_error_code_can_be_injected() -> None:
    assert {name.lower() for name in PROMISED} <= set(catalogue())
    assert [kind.name for kind in catalogue().values() if not kind.about or "\n" in kind.about] == []


def _target(kind: FaultKind) -> Template:
    """A template in which something is that the fault strikes."""
    wanted = kind.at[0].removesuffix("*").removesuffix("/") if kind.at else "Microsoft.Storage/storageAccounts"
    if wanted == "Microsoft.Resources/resourceGroups":
        return template(group())
    if wanted.count("/") == 0:
        wanted = f"{wanted}/{'containerApps' if wanted == 'Microsoft.App' else 'publicIPAddresses'}"
    if wanted.count("/") == 2:
        administrator = wanted == "Microsoft.DBforPostgreSQL/flexibleServers/administrators"
        accepts: dict[str, Json] = {"authConfig": {"activeDirectoryAuth": "Enabled"}} if administrator else {}
        name = "11111111-0000-0000-0000-000000000001" if administrator else "child"
        owner = resource(wanted.rpartition("/")[0], "owner", properties=accepts)
        child = resource(wanted, f"owner/{name}", after=["owner"], location=None, properties={})
        return template(group(), nested("inner", inside(owner, child)))
    if wanted == "Microsoft.Authorization/roleAssignments":
        name, given = "11111111-0000-0000-0000-000000000001", {"roleDefinitionId": "r", "principalId": "p"}
        made = resource(wanted, name, location=None, properties=given)
    else:
        made = resource(wanted, "flt0001", properties={})
    return template(group(), nested("inner", inside(made)))


def _leaf(error: Json) -> str:
    details = as_list(member(error, "details"))
    return _leaf(details[0]) if details else as_text(member(error, "code"))


POLICY: Final = "RequestDisallowedByPolicy"


def test_a_policy_is_in_force_and_refuses_the_deployment(tmp_path: Path) -> None:
    it = bench(tmp_path, faults=[POLICY])
    with pytest.raises(ArmError) as refused:
        it.deploy(template(group()))
    assert _leaf(refused.value.error()) == POLICY


@pytest.mark.parametrize("kind", [kind for kind in _of_place("resource") if kind.name != POLICY], ids=_named)
def test_a_resource_fails_as_catalogued_and_as_often_if_transient(kind: FaultKind, tmp_path: Path) -> None:
    if kind.effect == "hangs":
        return
    it = bench(tmp_path, faults=[kind.name])

    async def story() -> None:
        for namespace in ("Microsoft.App", "Microsoft.DBforPostgreSQL", "Microsoft.ContainerService"):
            it.emulator.registrations.set(SCOPE.rsplit("/", 1)[-1], namespace, "Registered", 0)
        for _ in range(kind.count or 1):
            it.deploy(_target(kind))
            await it.clock.finish(it.engine)
            first = it.deployment()
            assert first.state == "Failed"
            assert _leaf(first.error) == kind.code
            assert "{" not in json.dumps(member(first.error, "message"))
        it.deploy(_target(kind))
        await it.clock.finish(it.engine)
        assert it.deployment().state == ("Succeeded" if kind.transient else "Failed")

    run(story())


def test_a_delayed_failure_shows_only_at_the_end(tmp_path: Path) -> None:
    it = bench(tmp_path, faults=["DeploymentFailed:at=id-a"])
    where = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a"

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(identity("id-a")))))
        await it.clock.advance(3)
        assert it.operations("inner", GROUP)["id-a"].state == "Running"
        await it.engine.stop()

    run(story())
    again = it.died()

    async def go_on() -> None:
        again.engine.resume()
        await again.clock.finish(again.engine)

    run(go_on())
    assert again.deployment().state == "Failed"
    assert again.properties(where)["provisioningState"] == "Failed"


def test_a_hanging_deployment_hangs_until_it_is_cancelled(tmp_path: Path) -> None:
    it = bench(tmp_path, faults=["hanging-deployment:at=Microsoft.ManagedIdentity/*"])

    async def story() -> None:
        it.deploy(template(group(), nested("inner", inside(identity("id-a")))))
        await it.clock.advance(86400)
        assert it.deployment().state == "Running"
        it.engine.cancel(it.deployment())
        assert it.deployment().state == "Canceled"
        await it.engine.stop()

    run(story())


@pytest.mark.parametrize("kind", [*_of_place("preflight"), *_of_place("deployment")], ids=_named)
def test_a_deployment_is_refused(kind: FaultKind, tmp_path: Path) -> None:
    it = bench(tmp_path, faults=[kind.name])

    async def story() -> None:
        with pytest.raises(ArmError) as refused:
            it.deploy(template(group()))
        assert (refused.value.status, refused.value.code) == (kind.status, kind.code)
        if kind.transient:
            it.deploy(template(group()))
            await it.clock.finish(it.engine)
            assert it.deployment().state == "Succeeded"

    run(story())


def _occurrences(tmp_path: Path, text: str) -> list[bool]:
    """Which of thirty groups a fault strikes."""
    it = bench(tmp_path, faults=[text])
    struck = []
    for number in range(30):
        name = f"{SCOPE}/resourceGroups/rg-{number}"
        try:
            it.engine.work.prepared(name, API, {"location": "westeurope"}, it.clock.now())
            struck.append(False)
        except ArmError:
            struck.append(True)
    it.database.close()
    return struck


def test_faults_are_reproducible_by_seed(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    first = _occurrences(folders[0], "ScopeLocked:probability=0.5,seed=7")
    assert 5 < sum(first) < 25
    assert _occurrences(folders[1], "ScopeLocked:probability=0.5,seed=7") == first
    assert _occurrences(folders[2], "ScopeLocked:probability=0.5,seed=8") != first
    assert sum(_occurrences(folders[0], "ScopeLocked:probability=0.5,seed=7,count=3")) == 3
    assert not any(_occurrences(folders[0], "ScopeLocked:probability=0.5,seed=7,count=3")), "what was counted is kept"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "unknown fault 'nothing'"),
        ("throttling:count=-1", "'count=-1' is not a valid option of the fault 'throttling'"),
        ("throttling:probability=2", "'probability=2' is not a valid option of the fault 'throttling'"),
        ("throttling:colour=red", "'colour=red' is not a valid option of the fault 'throttling'"),
    ],
)
def test_an_invalid_fault_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnknownFaultError, match=message):
        parse(text)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on which every request fault waits for a resource group of its name."""
    flags = [f"--fault={kind.name}:at=rg-{kind.name},seconds=1" for kind in REQUESTS]
    flags += ["--fault=connection-reset:at=rg-reset", "--fault=answer-lost:at=rg-lost"]
    flags += ["--fault=stalled-socket:at=rg-stalled,seconds=0.3", "--fault=server-restarts:at=rg-dies,seconds=0.2"]
    flags += ["--fault=SubscriptionHasNoUsages", "--fault=MethodNotAllowed"]
    flags += ["--fault=InUseSubnetCannotBeDeleted:at=rg-kept"]
    with serving(tmp_path_factory.mktemp("faulty"), *flags) as server:
        yield server


LOST = "Connection aborted|Connection reset|RemoteDisconnected|EOF occurred"


def _group(server: Served, name: str, method: str = "PUT") -> requests.Response:
    body = json.dumps({"location": "westeurope"}) if method == "PUT" else None
    return server.raw(method, f"{server.scope}/resourcegroups/{name}?api-version={API}", body=body)


def _error(answer: requests.Response) -> JsonObject:
    return as_object(as_object(answer.json())["error"])


@pytest.mark.parametrize("kind", REQUESTS, ids=_named)
def test_a_request_is_refused_as_catalogued(faulty: Served, kind: FaultKind) -> None:
    for _ in range(kind.count or 1):
        answer = _group(faulty, f"rg-{kind.name}")
        assert (answer.status_code, _error(answer)["code"]) == (kind.status, kind.code)
        if kind.status in {429, 503}:
            assert answer.headers["Retry-After"] == "1"
        if kind.status == 401:
            assert "authorization_uri" in answer.headers["WWW-Authenticate"]
        assert not re.search(r"\{\w+\}", as_text(_error(answer)["message"]))
    assert _group(faulty, f"rg-{kind.name}").ok is kind.transient


def test_usages_purges_and_deletions_have_specific_faults(faulty: Served) -> None:
    place = f"{faulty.scope}/providers/Microsoft.Compute/locations/westeurope/usages?api-version={API}"
    assert _error(faulty.raw("GET", place))["code"] == "SubscriptionHasNoUsages"
    purge = f"{faulty.scope}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv/purge"
    assert faulty.raw("POST", f"{purge}?api-version={API}").status_code == 405
    _group(faulty, "rg-kept")
    assert _error(_group(faulty, "rg-kept", "DELETE"))["code"] == "InUseSubnetCannotBeDeleted"


def test_connections_break_before_and_after_the_work_is_done(faulty: Served) -> None:
    for name, done in (("rg-reset", 404), ("rg-stalled", 404), ("rg-lost", 204)):
        with pytest.raises(requests.ConnectionError, match=LOST):
            _group(faulty, name)
        assert _group(faulty, name, "HEAD").status_code == done
        assert _group(faulty, name).ok


def test_a_restarted_server_keeps_its_state(faulty: Served) -> None:
    assert _group(faulty, "rg-before").ok
    with pytest.raises(requests.ConnectionError, match=LOST):
        _group(faulty, "rg-dies")
    until(lambda: _answers(faulty), "the server listens again")
    assert _group(faulty, "rg-before", "HEAD").status_code == 204
    assert faulty.process.poll() is None
    assert _group(faulty, "rg-dies").ok


def _answers(server: Served) -> bool:
    try:
        return _group(server, "rg-before", "HEAD").status_code > 0
    except requests.ConnectionError:
        return False


def test_the_server_exits_for_good(tmp_path: Path) -> None:
    with serving(tmp_path, "--fault", "server-exits:at=rg-end") as server:
        with pytest.raises(requests.ConnectionError, match=LOST):
            _group(server, "rg-end")
        assert server.process.wait(timeout=20) == 70
        server.kill()


def test_the_catalogue_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from installer.emulator.__main__ import main

    monkeypatch.setattr("sys.argv", ["rehearsal", "--fault", "help"])
    assert main() == 0
    printed = capsys.readouterr().out
    assert catalogue()
    assert [kind.name for kind in catalogue().values() if kind.name not in printed] == []


@pytest.mark.parametrize("kind", [kind for kind in catalogue().values() if kind.message], ids=_named)
def test_the_installer_explains_every_fault(kind: FaultKind, tmp_path: Path) -> None:
    it = local(tmp_path)
    where = Resource(f"{GROUP}/providers/A.B/c/one", "A.B/c", "one", API, "Creating", 0, 0)
    refusal = it.emulator.faults.refusal(parse(kind.name), resource_values(where))
    inner: Json = {"error": {"code": "DeploymentFailed", "message": "…", "details": [refusal.error()]}}
    lines = str(refused_by(inner, "deployment main")).splitlines()
    assert lines[0].startswith(f"{kind.code}: ")
    assert not re.search(r"\{\w+\}", lines[0])
    found = explanation(kind.code, refusal.message)
    if kind.code not in PROMISED and found is None:
        assert kind.transient, "a fault without explanation has to be transient"
        return
    assert [line.split(":")[0].strip() for line in lines[1:3]] == ["Cause", "Remedy"], lines
    assert found is not None
    if kind.transient:
        assert found.retry in {"now", "after"}, "the fault is transient, and the explanation must agree"
