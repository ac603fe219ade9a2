"""An image of flows that a pipeline has built is imported into a rehearsed installation and runs there."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Rehearsed, copied, run

pytestmark = [pytest.mark.e2e, pytest.mark.long]
IMAGE = f"registry.example.com/team/flows@sha256:{'5e' * 32}"


def test_an_imported_image_is_deployed_by_its_digest_and_its_flows_run(rehearsed: Rehearsed, tmp_path: Path) -> None:
    state, project = str(copied(rehearsed.state, tmp_path / "state")), str(tmp_path / "flows")
    assert run("flows", "init", project).code == 0
    given = ("--env", "dev", "--source", project, "--state-dir", state)
    deployed = run("flows", "deploy", *given, "--image", IMAGE, "--yes")
    assert deployed.code == 0, deployed
    assert f"flowforge/flows@{IMAGE.partition(chr(64))[2]}: in the registry" in deployed.out
    assert f"Not proved by this rehearsal: that {IMAGE} was built from these files" in deployed.out
    ran = run("flows", "run", "medallion/medallion-dev", "--env", "dev", "--state-dir", state)
    assert ran.code == 0, ran
    (worker,) = Path(state).glob("rehearsals/*/prefect/*/worker.log")
    assert "created in namespace" in worker.read_text("utf-8")
    built = run("flows", "diff", *given)
    assert built.code == 3, "without the image, one would be built"
    same = run("flows", "diff", *given, "--image", IMAGE)
    assert (same.code, "are as in their files" in same.out) == (0, True), same
