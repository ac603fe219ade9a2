"""Objects of a real Prefect server: backed up without secrets, deleted or changed, and restored with all their references."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installer.errors import PrefectFailed
from installer.flow_project.objects import FlowObject
from installer.json_access import as_object, as_text, objects_of
from installer.jsontypes import Json
from installer.prefect_setup.backup.kinds import KINDS_OF_BACKUP, ORDER
from installer.prefect_setup.backup.order import BackupOrder, from_lines, in_lines
from installer.prefect_setup.backup.read import read_objects, secrets_of
from installer.prefect_setup.backup.restore import apply, compare
from installer.prefect_setup.flows.server import Server
from installer.prefect_setup.rest import Api
from tests.prefect_setup.real_flows import backup_program

pytestmark = pytest.mark.e2e
LOST: list[Json] = [{"deployment_id": "<id of deployment no/such>"}]
CANARY = "canary-value-of-a-secret"


@pytest.fixture
def server(api: Api) -> Iterator[Server]:
    """A server with objects of every kind, in addition to those of other tests; deleted afterwards."""
    server = Server(api)
    before = {one.key for one in read_objects(server)}
    send = server.send
    send(
        "POST", "/work_pools/", {"name": "etl", "type": "process", "concurrency_limit": 4, "base_job_template": {}}, ""
    )
    for name, priority in (("fast", 1), ("slow", 2)):
        send("POST", "/work_pools/etl/queues", {"name": name, "priority": priority}, "")
    send("POST", "/variables/", {"name": "region", "value": {"deep": ["a", 1]}, "tags": ["x"]}, "")
    send("POST", "/v2/concurrency_limits/", {"name": "warehouse", "limit": 3}, "")
    block(server, "secret", "password", {"value": CANARY})
    block(server, "webhook", "hook", {"method": "POST", "url": f"https://example.com/{CANARY}"})
    custom_block(server)
    flow = as_object(send("POST", "/flows/", {"name": "load"}, ""))["id"]
    deployment = as_object(
        send(
            "POST",
            "/deployments/",
            {
                "name": "nightly",
                "flow_id": flow,
                "work_pool_name": "etl",
                "work_queue_name": "slow",
                "entrypoint": "load.py:load",
                "parameters": {"day": "1"},
                "tags": ["b", "a"],
                "concurrency_limit": 2,
                "job_variables": {"env": {"A": "1"}},
                "labels": {"team": "data"},
                "schedules": [
                    {"active": True, "schedule": {"cron": "0 3 * * *", "timezone": "Europe/Berlin"}, "slug": "night"},
                    {"active": False, "schedule": {"interval": 3600.0, "anchor_date": "2026-01-01T00:00:00Z"}},
                ],
            },
            "",
        )
    )["id"]
    send("POST", "/automations/", automation(as_text(deployment)), "")
    yield server
    for one in sorted(read_objects(server), key=lambda one: -ORDER.index(one.kind)):
        if one.key not in before and not one.name.endswith("/default"):
            KINDS_OF_BACKUP[one.kind].delete(server, one.name)


def block(server: Server, kind: str, name: str, data: dict[str, Json]) -> str:
    type_, schema = server.type_and_schema(kind)
    body: Json = {"name": name, "block_type_id": type_["id"], "block_schema_id": schema["id"], "data": data}
    return as_text(as_object(server.send("POST", "/block_documents/", body, name))["id"])


def custom_block(server: Server) -> None:
    """A type of the customer whose block refers to another block, and has a secret deep in a member."""
    fields: dict[str, Json] = {
        "title": "Depot",
        "type": "object",
        "properties": {"path": {"type": "string"}, "login": {"type": "object"}, "key": {"type": "object"}},
        "block_type_slug": "depot",
        "secret_fields": ["login.password", "tokens.*"],
        "block_schema_references": {},
    }
    type_ = as_object(server.send("POST", "/block_types/", {"name": "Depot", "slug": "depot"}, ""))["id"]
    body: Json = {"block_type_id": type_, "fields": fields, "capabilities": [], "version": "1"}
    server.send("POST", "/block_schemas/", body, "")
    other = block(server, "local-file-system", "z-settings", {"basepath": "/data"})
    data: dict[str, Json] = {
        "path": "/data",
        "login": {"user": "u", "password": CANARY},
        "tokens": {"one": CANARY},
        "key": {"$ref": {"block_document_id": other}},
    }
    block(server, "depot", "a-main", data)


def automation(deployment: str) -> Json:
    return {
        "name": "again",
        "description": "",
        "enabled": True,
        "trigger": {
            "type": "event",
            "match_related": {"prefect.resource.id": f"prefect.deployment.{deployment}"},
            "expect": ["prefect.flow-run.Failed"],
            "posture": "Reactive",
            "threshold": 1,
            "within": 0,
        },
        "actions": [{"type": "run-deployment", "source": "selected", "deployment_id": deployment}],
    }


def named(objects: tuple[FlowObject, ...]) -> dict[str, dict[str, Json]]:
    return {one.key: dict(one.fields) for one in objects}


def actions(server: Server, order: BackupOrder) -> dict[str, str]:
    lines: list[dict[str, Json]] = []
    compare(server, order, lines.append)
    return {f"{line['kind']} {line['name']}": as_text(line["diff"]) for line in lines}


def test_no_secret_is_in_a_backup_and_ids_are_names(server: Server) -> None:
    objects = read_objects(server)
    assert CANARY not in json.dumps([dict(one.fields) for one in objects])
    found = named(objects)
    assert secrets_of(objects)["secret/password"] == ("value",)
    assert set(secrets_of(objects)["depot/a-main"]) == {"login.password", "tokens"}
    assert found["block depot/a-main"]["data"] == {
        "path": "/data",
        "login": {"user": "u"},
        "key": {"$ref": "local-file-system/z-settings"},
    }
    assert "<id of deployment load/nightly>" in json.dumps(found["automation again"])
    assert found["deployment load/nightly"]["labels"] == {"team": "data"}
    assert found["deployment load/nightly"]["concurrency_limit"] == 2
    assert not [key for key in found if "deployment:" in key]
    assert [key for key in found if key.startswith("block type")] == ["block type depot"]


def test_a_backup_of_an_unchanged_server_has_no_difference(server: Server) -> None:
    assert actions(server, BackupOrder("compare", read_objects(server), delete=True)) == {}


def test_what_was_deleted_is_restored_with_its_references(server: Server) -> None:
    objects = read_objects(server)
    mine = [
        one for one in objects if one.name.partition("/")[0] in {"etl", "load", "again", "region", "depot", "secret"}
    ]
    mine += [one for one in objects if one.key in {"concurrency limit warehouse", "block local-file-system/z-settings"}]
    for one in sorted(mine, key=lambda one: -ORDER.index(one.kind)):
        if not one.name.endswith("/default"):
            KINDS_OF_BACKUP[one.kind].delete(server, one.name)
    order = BackupOrder("apply", objects)
    planned = actions(server, order)
    assert planned["deployment load/nightly"] == "create"
    assert planned["automation again"] == "create"
    lines: list[dict[str, Json]] = []
    apply(server, order, lines.append)
    assert actions(server, BackupOrder("compare", objects, delete=True)) == {
        "block secret/password": "unchanged",
        "block depot/a-main": "unchanged",
    }
    told = {as_text(line["name"]): line["secrets"] for line in lines if line["secrets"]}
    assert told == {"secret/password": ["value"], "depot/a-main": ["login.password", "tokens"]}
    deployment = server.find("/deployments/name/load/nightly", "") or {}
    trigger = as_object(server.send("POST", "/automations/filter", {}, "")[0])["trigger"]  # type: ignore[index]
    assert as_text(deployment["id"]) in json.dumps(trigger)
    assert {one["slug"] for one in objects_of(deployment["schedules"])} == {"night", None}
    again: list[dict[str, Json]] = []
    apply(server, order, again.append)
    assert {line["event"] for line in again} == {"unchanged"}


def test_changes_are_undone_and_secrets_of_the_server_stay(server: Server) -> None:
    objects = read_objects(server)
    send = server.send
    send("PATCH", "/work_pools/etl", {"concurrency_limit": 9}, "")
    send("PATCH", "/variables/name/region", {"value": "other"}, "")
    found = server.find("/block_types/slug/depot/block_documents/name/a-main", "") or {}
    data: Json = {"path": "/changed", "more": 1}
    send("PATCH", f"/block_documents/{found['id']}", {"data": data, "merge_existing_data": True}, "")
    send("POST", "/work_pools/etl/queues", {"name": "first", "priority": 1}, "")
    order = BackupOrder("apply", objects)
    assert {key for key, action in actions(server, order).items() if action == "update"} >= {
        "work pool etl",
        "variable region",
        "block depot/a-main",
    }
    apply(server, order, lambda _line: None)
    assert named(read_objects(server))["block depot/a-main"]["data"] == named(objects)["block depot/a-main"]["data"]
    kept: Any = server.send("POST", "/block_documents/filter", {"include_secrets": True}, "")
    (main,) = [one for one in kept if one["name"] == "a-main"]
    assert (main["data"]["login"], main["data"]["tokens"]) == ({"user": "u", "password": CANARY}, {"one": CANARY})


def test_only_what_is_asked_for_is_deleted_and_never_what_the_installer_registers(server: Server) -> None:
    objects = read_objects(server)
    for name in ("mine", "flowforge_dev"):
        server.send("POST", "/variables/", {"name": name, "value": "1"}, "")
    server.send("POST", "/work_pools/", {"name": "new", "type": "process"}, "")
    assert actions(server, BackupOrder("compare", objects)) == {}
    order = BackupOrder("apply", objects, delete=True, own=("variable flowforge_dev",))
    assert actions(server, order) == {"variable mine": "remove", "work pool new": "remove"}
    apply(server, order, lambda _line: None)
    assert {"variable flowforge_dev"} == named(read_objects(server)).keys() - named(objects).keys()


def test_a_reference_to_nothing_and_a_type_that_cannot_change_are_named(server: Server) -> None:
    lost = FlowObject("automation", "lost", {"actions": LOST})
    with pytest.raises(PrefectFailed, match="automation lost refers to the deployment no/such, which does not exist"):
        apply(server, BackupOrder("apply", (lost,)), lambda _line: None)
    lines: list[dict[str, Json]] = []
    compare(server, BackupOrder("compare", (FlowObject("work pool", "etl", {"type": "kubernetes"}),)), lines.append)
    assert [(line["diff"], "type: left as it is: process" in as_text(line["text"])) for line in lines] == [
        ("unchanged", True)
    ]


def test_the_program_of_the_job_does_the_same(server: Server, tmp_path: Path) -> None:
    read = backup_program(server.api, BackupOrder("read"), tmp_path)
    objects = from_lines(read)
    assert named(objects) == named(read_objects(server))
    with pytest.raises(PrefectFailed, match="does not return the whole output"):
        from_lines(read[1:])
    server.send("PATCH", "/variables/name/region", {"value": "other"}, "")
    compared = backup_program(server.api, BackupOrder("compare", objects), tmp_path)
    assert [line["name"] for line in compared if "diff" in line] == ["region"]
    assert as_object(backup_program(server.api, BackupOrder("apply", objects), tmp_path)[-1]["result"])["update"] == 1
    assert actions(server, BackupOrder("compare", objects)) == {}


def test_more_than_a_log_holds_is_refused() -> None:
    text = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(20_000))
    with pytest.raises(PrefectFailed, match="too many for a backup in files"):
        list(in_lines([FlowObject("variable", "big", {"value": text})]))
