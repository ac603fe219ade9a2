"""Backups of Prefect's objects in files: complete or absent, read as written, refused with the file that is wrong."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from installer.errors import PrefectFailed, UsageError
from installer.estate.parameters.context import Installation
from installer.flow_project.objects import FlowObject
from installer.operations.recovery import prefect_files
from installer.operations.recovery.prefect_files import PrefectBackup, chosen_backup, read_backup, write_backup
from installer.operations.recovery.prefect_plan import PrefectRestore, rendered, with_comparison
from installer.operations.recovery.prefect_steps import BackUpPrefect, ComparePrefect, RestorePrefect
from installer.planning.prefect_objects import registered_objects
from installer.prefect_setup.backup.order import BackupOrder, in_lines
from tests.preflight.surveyed import sample
from tests.steps.step_context import Attempt
from tests.steps.test_flows import Printing

if TYPE_CHECKING:
    from installer.jsontypes import Json

AT: Final = "20261201T080000Z"
OBJECTS: Final = (
    FlowObject("work pool", "etl", {"type": "process", "is_paused": False}),
    FlowObject("variable", "text", {"value": "[bold]\u202e \x1b[31m 2026-01-01", "tags": []}),
    FlowObject("block", "secret/password", {"data": {}, "secrets": ["value"]}),
    FlowObject("deployment", "load/nightly", {"paused": False}),
    FlowObject("schedule", "load/nightly#night", {"active": True}),
)


def backup(root: Path, at: str = AT) -> PrefectBackup:
    return PrefectBackup(root / "dev" / at, "dev", "contoso", at, OBJECTS)


def left(attempt: Attempt) -> list[str]:
    return [str(event.data["left"]) for event in attempt.events if "left" in event.data]


def test_files_are_read_as_they_were_written_and_are_private(tmp_path: Path) -> None:
    write_backup(backup(tmp_path))
    found = read_backup(tmp_path / "dev" / AT)
    assert {(one.key, json.dumps(one.fields)) for one in found.objects} == {
        (one.key, json.dumps(one.fields)) for one in OBJECTS
    }
    files = {one.name: one.stat().st_mode & 0o777 for one in found.path.iterdir()}
    assert set(files.values()) == {0o600}
    assert {"backup.json", "deployments.json", "blocks.json", "work-pools.json"} <= files.keys()
    about = json.loads((found.path / "backup.json").read_text())
    assert about["secretsToGiveAgain"] == {"secret/password": ["value"]}
    assert list(json.loads((found.path / "deployments.json").read_text())["load/nightly"]["schedules"]) == ["night"]


def test_an_interrupted_backup_is_none_and_the_next_attempt_replaces_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def killed(file: Path, content: "Json") -> None:
        written.append(file.name)
        if len(written) == 3:
            raise KeyboardInterrupt
        write(file, content)

    write = prefect_files._write
    monkeypatch.setattr(prefect_files, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        write_backup(backup(tmp_path))
    with pytest.raises(UsageError, match="no backup of Prefect of dev in it"):
        chosen_backup(tmp_path, "dev", None)
    monkeypatch.setattr(prefect_files, "_write", write)
    write_backup(backup(tmp_path))
    assert [one.name for one in (tmp_path / "dev").iterdir()] == [AT]


def test_the_newest_backup_is_chosen_unless_one_is_named(tmp_path: Path) -> None:
    for at in (AT, "20261130T080000Z"):
        write_backup(backup(tmp_path, at))
    assert chosen_backup(tmp_path, "dev", None).at == AT
    assert chosen_backup(tmp_path / "other", "dev", tmp_path).at == AT
    assert chosen_backup(tmp_path / "other", "dev", tmp_path / "dev" / "20261130T080000Z").at == "20261130T080000Z"


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("backup.json", '{"kind": "other"}', "not a backup of Prefect"),
        ("backup.json", '{"kind": "flowforge-prefect-backup", "version": 9}', "this installer reads version 1"),
        ("variables.json", "{", "variables.json: not valid JSON"),
        ("variables.json", "[]", "has to be an object"),
        ("variables.json", '{"a": 1}', "a has no fields"),
        ("blocks.json", '{"a": ' + '{"b": ' * 99 + "1" + "}" * 100, "levels deep"),
        ("blocks.json", "[" * 99_999, "levels deep"),
        ("variables.json", b"\xff", "not valid JSON"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, file: str, text: str | bytes, words: str) -> None:
    write_backup(backup(tmp_path))
    (tmp_path / "dev" / AT / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=words):
        read_backup(tmp_path / "dev" / AT)


def test_a_folder_that_cannot_be_written_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "dev").write_text("a file")
    with pytest.raises(UsageError, match="the backup cannot be written"):
        write_backup(backup(tmp_path))


def test_the_step_writes_the_files_once_and_names_what_has_to_be_given_again(tmp_path: Path) -> None:
    job = Printing([*in_lines(OBJECTS)])
    step, attempt = BackUpPrefect(job, "dev", tmp_path / "dev" / AT, "contoso"), Attempt()
    assert attempt.run(step) == ("done", {"objects": 5})
    assert attempt.run(step) == ("was so", {})
    assert [one for one in left(attempt) if "block secret/password of dev: value is a secret" in one]
    lost = BackUpPrefect(Printing([*in_lines(OBJECTS)][1:]), "dev", tmp_path / "dev" / "other", "contoso")
    with pytest.raises(PrefectFailed, match="does not return the whole output"):
        attempt.run(lost)
    assert not (tmp_path / "dev" / "other").exists()


def test_the_plan_has_the_differences_and_the_order_only_what_is_chosen(tmp_path: Path) -> None:
    plan = PrefectRestore(backup(tmp_path), only=("variable *", "deployment load/*"))
    it = Installation(sample())
    assert {one.key for one in plan.order(it, "compare").objects} == {"variable text", "deployment load/nightly"}
    with pytest.raises(UsageError, match="the backup has no such object"):
        replace(plan, only=("variable none",)).order(it, "compare")
    with pytest.raises(UsageError, match="--only and --delete"):
        replace(plan, delete=True).order(it, "compare")
    lines: list[dict[str, Any]] = [
        {
            "diff": "create",
            "kind": "block",
            "name": "secret/password",
            "text": "+ block secret/password",
            "secrets": ["value"],
        },
        {
            "diff": "update",
            "kind": "variable",
            "name": "text",
            "text": "~ variable text\n    value: 1 -> [red]2",
            "secrets": [],
        },
        {"result": {"create": 1, "update": 1, "unchanged": 7, "remove": 0}},
    ]
    _, outputs = Attempt().run(ComparePrefect(Printing(lines), "dev"))
    compared = with_comparison(plan, outputs)
    assert compared.changes
    text = rendered(compared)
    assert "7 objects are as in the backup; what only the server has stays" in text
    assert "value: 1 -> [red]2" in text
    assert "block secret/password: value" in text
    assert compared.as_json()["numbers"] == {"create": 1, "update": 1, "unchanged": 7, "remove": 0}


def test_a_restore_emits_each_change_and_the_secrets_to_give_again() -> None:
    lines: list[dict[str, Any]] = [
        {"event": "created", "kind": "block", "name": "secret/password", "text": "created", "secrets": ["value"]},
        {"event": "unchanged", "kind": "variable", "name": "text", "text": "unchanged", "secrets": []},
        {"result": {"create": 1, "update": 0, "unchanged": 1, "remove": 0}},
    ]
    attempt = Attempt()
    _, outputs = attempt.run(RestorePrefect(Printing(lines), "dev"))
    assert outputs["create"] == 1
    assert attempt.texts("resource.finished") == ["created"]
    assert left(attempt) == ["block secret/password of dev: give value again, a secret that no backup has"]


def test_objects_that_a_run_registers_are_known_by_their_keys() -> None:
    assert {
        "work pool flowforge-dev",
        "work queue flowforge-dev/flowforge",
        "variable flowforge_dev_pool",
        "block azure-blob-storage-credentials/dev-lake",
        "deployment canary-dev",
    } <= {*registered_objects(sample(), "dev")}


def test_an_order_crosses_the_network_unchanged() -> None:
    order = BackupOrder("apply", OBJECTS, delete=True, own=("variable a",))
    assert BackupOrder.from_json(json.loads(json.dumps(order.to_json()))) == order
    with pytest.raises(PrefectFailed, match="arrived damaged"):
        BackupOrder.from_json({**order.to_json(), "objects": "no"})
