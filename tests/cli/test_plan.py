"""The commands plan, cost and apply --plan as processes, against an embedded Azure that only they use."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import ANSWERS, Ended, run
from tests.emulator.server_process import Served, serving

GROUPS = "resourcegroups"
VERSION = "2025-04-01"


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("azure")) as server:
        yield server


@pytest.fixture(scope="module")
def answers(azure: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of dev.yaml for the subscription of the embedded Azure."""
    own = {"  tenant:": azure.info["tenant"], "  subscription:": azure.subscription}
    lines = (ANSWERS / "dev.yaml").read_text(encoding="utf-8").splitlines()
    changed = [next((f"{key} {value}" for key, value in own.items() if line.startswith(key)), line) for line in lines]
    file = tmp_path_factory.mktemp("answers") / "dev.yaml"
    file.write_text("\n".join(changed) + "\n", encoding="utf-8")
    return file


def at(azure: Served, state: Path, *arguments: str, **variables: str) -> Ended:
    """Run a command in the embedded Azure."""
    more = {
        "AZURE_TENANT_ID": azure.info["tenant"],
        "AZURE_CLIENT_ID": azure.info["client_id"],
        "AZURE_CLIENT_SECRET": azure.info["client_secret"],
        "SSL_CERT_FILE": azure.info["ca_file"],
        "FLOWFORGE_STATE_DIR": str(state / "state"),
        **variables,
    }
    ended = run(*arguments, "--cloud", azure.info["endpoint"], more=more)
    assert "Traceback" not in ended.out + ended.err
    return ended


def test_a_plan_binds_and_what_blocks_ends_with_3(azure: Served, answers: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    made = at(azure, tmp_path, "plan", str(answers), "-o", str(file))
    assert (made.code, made.out) == (0, f"{file}: written\n")
    plan = json.loads(file.read_text(encoding="utf-8"))
    assert len(plan["digest"]) == 64
    assert plan["sources"]["subscription.region"] == "file"
    assert plan["cost"]["total"] > 0
    assert plan["cost"]["cost"]["rehearsal"] is True
    assert all(line["usage"]["meter"]["assumption"] for line in plan["cost"]["cost"]["lines"])
    azure.put(f"{azure.scope}/{GROUPS}/rg-theirs", VERSION, {"location": "westeurope"})
    azure.put(f"{azure.scope}/{GROUPS}/rg-ff-contoso-dev", VERSION, {"location": "westeurope"})
    refused = at(azure, tmp_path, "apply", "--plan", str(file), "--yes")
    assert refused.code == 8
    assert "nothing was sent: reality has moved" in refused.err
    assert "resourcegroups/rg-ff-contoso-dev: location" in refused.err
    assert "rg-theirs" not in refused.err
    assert not (tmp_path / "state" / "runs").exists() or not list((tmp_path / "state" / "runs").iterdir())
    blocked = at(azure, tmp_path, "plan", str(answers), "-o", str(tmp_path / "plan.md"))
    assert blocked.code == 3
    text = (tmp_path / "plan.md").read_text(encoding="utf-8")
    for part in (
        "## Blocks a run",
        "## Rights used",
        "## Network request: addresses",
        "location: westeurope → swedencentral",
        "## Cost per month in EUR, retail prices of ",
        "made-up figures of the rehearsal",
    ):
        assert part in text


def test_cost_is_marked_as_the_figures_of_a_rehearsal(azure: Served, answers: Path, tmp_path: Path) -> None:
    shown = at(azure, tmp_path, "cost", str(answers), str(answers), "--currency", "usd")
    assert shown.code == 0
    assert "Cost per month in USD" in shown.out
    assert "made-up figures of the rehearsal" in shown.out
    assert "no answer makes a difference" in shown.out
    found = json.loads(at(azure, tmp_path, "cost", str(answers), "--output", "json").out)
    assert found["total"] > 0
    assert found["proposedBudget"] is None


@pytest.mark.parametrize("arguments", [("--yes",), ("F", "--plan", "P", "--yes")])
def test_apply_needs_answers_or_a_plan(azure: Served, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ended = at(azure, tmp_path, "apply", *arguments)
    assert ended.code == 2
    assert "needs an answers file, or --plan FILE, and not both" in ended.err


@pytest.mark.parametrize("name", ["p.txt", "p", "p.yaml", "p.json.bak", "p.htm", ".json"])
def test_a_plan_file_has_one_of_three_formats_said_before_anything_is_asked(tmp_path: Path, name: str) -> None:
    ended = run("plan", str(ANSWERS / "dev.yaml"), "-o", str(tmp_path / name), more={"AZURE_TENANT_ID": ""})
    assert ended.code == 2
    assert "accepted: FILE.json (binds, for apply --plan), FILE.md or FILE.html (for people)" in ended.err
    assert not list(tmp_path.iterdir())


def test_a_plan_of_a_rehearsal_needs_no_sign_in(tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "plan.json"
    words = ["--state-dir", str(state), "rehearse", "plan", str(ANSWERS / "dev.yaml"), "-o", str(out)]
    ended = run(*words)
    assert ended.code == 0, ended
    plan = json.loads(out.read_text(encoding="utf-8"))
    assert {one["change"] for one in plan["changes"]} >= {"create"}
    assert "cost" not in plan
    assert not (state / "runs").exists() or not list((state / "runs").iterdir())


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_refused_sign_in_is_one_text_with_what_to_do(
    azure: Served, answers: Path, tmp_path: Path, command: str
) -> None:
    arguments = ("--no-cost",) if command == "plan" else ("--yes",)
    ended = at(azure, tmp_path, command, str(answers), *arguments, AZURE_CLIENT_SECRET="wrong")
    assert ended.code == 4
    last = ended.err.splitlines()[-1]
    assert last.startswith("Microsoft Entra rejects the sign-in: AADSTS7000215: The client secret")
    assert "Check AZURE_CLIENT_SECRET" in last
    assert "get_token" not in ended.err
