"""The target in a journal: what is not known is refused, and never taken for the public Azure."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.engine.journal import Journal
from installer.errors import UsageError
from installer.runs.facts import read_facts
from installer.runs.state_directory import StateDirectory
from installer.runs.stored_runs import stored_runs
from tests.support_bundle.sample_run import made_run

if TYPE_CHECKING:
    from installer.jsontypes import Json


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"kind": "Rehearsal", "state": "/x/00000000"},
        {"kind": "rehearsal"},
        {"kind": "rehearsal", "state": 7},
        {"kind": "sovereign", "cloud": "public"},
        {"kind": None, "cloud": "public"},
        {"kind": "azure"},
        {"kind": "azure", "cloud": ""},
        {"kind": "azure", "cloud": "germany"},
        {"kind": "azure", "cloud": "http://management.azure.com"},
        {"kind": ["azure"], "cloud": "public"},
        {"cloud": "\x1b[31mpublic"},
    ],
    ids=str,
)
def test_an_unknown_target_is_refused(tmp_path: Path, target: "dict[str, Json]") -> None:
    run = made_run(tmp_path / "runs")
    with Journal(run, write=True) as journal:
        journal.set_facts(target=target)
        with pytest.raises(UsageError, match="names a target that this version does not know") as refused:
            read_facts(journal)
    assert str(refused.value).isprintable()
    (listed,) = stored_runs(StateDirectory.at(str(tmp_path)))
    assert listed.state == "damaged"


@pytest.mark.parametrize("cloud", ["public", "usgov", "china", "https://management.local.azurestack.external"])
def test_the_clouds_that_can_be_chosen_are_known(tmp_path: Path, cloud: str) -> None:
    run = made_run(tmp_path / "runs")
    with Journal(run, write=True) as journal:
        journal.set_facts(target={"kind": "azure", "cloud": cloud})
        assert read_facts(journal).target["cloud"] == cloud
