"""Refusals of the fleet commands before anything runs."""

from pathlib import Path

import pytest

from installer.cli.commands.fleet_apply import apply
from installer.cli.commands.fleet_plan import plan
from installer.cli.commands.fleet_status import status
from installer.errors import PrefectFailed, UsageError
from tests.fleet.sample_fleet import alone, fleet_file, member

NOTHING_LISTENS = "http://127.0.0.1:9/api"
USUAL = {"yes": True, "rehearse": False, "again": False, "serve": False, "cron": None, "speed": None, "faults": ()}


@pytest.fixture(autouse=True)
def _without_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def applied(folder: Path, **options: object) -> int:
    file = fleet_file(folder, alone("aa"))
    return apply({"state_dir": str(folder)}, file, **{**USUAL, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"yes": False}, "add --yes"),
        ({"speed": 5.0}, "are for fleet apply --rehearse"),
        ({"faults": ("aa=QuotaExceeded",)}, "are for fleet apply --rehearse"),
        ({"rehearse": True, "faults": ("QuotaExceeded",)}, "write it as MEMBER=NAME"),
        ({"rehearse": True, "faults": ("zz=QuotaExceeded",)}, "with a member of customers"),
        ({"rehearse": True, "faults": ("aa=NoSuchFault",)}, "NoSuchFault"),
        ({"serve": True}, "has no schedule; add one"),
        ({"cron": "* * *"}, "needs five fields"),
        ({}, "PREFECT_API_URL is not set"),
    ],
)
def test_refusals(tmp_path: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        applied(tmp_path, **options)


def test_an_address_that_is_no_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "localhost:4200")
    with pytest.raises(UsageError, match="which is no URL"):
        applied(tmp_path)


def test_prefect_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", NOTHING_LISTENS)
    with pytest.raises(PrefectFailed, match="does not respond"):
        applied(tmp_path)
    with pytest.raises(PrefectFailed, match="does not respond"):
        status({}, tmp_path / "fleet.yaml", rehearse=False)


def test_invalid_answers_of_a_member_come_before_prefect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fleet_file(tmp_path, member("aa", overrides={"subscription.region": "9"}))
    assert apply({"state_dir": str(tmp_path)}, file, **USUAL) == 2  # type: ignore[arg-type]
    assert ":10: aa: subscription.region:" in capsys.readouterr().err


def test_a_plan_counts_either_in_azure_or_in_a_rehearsal(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give one of them"):
        plan({"state_dir": str(tmp_path)}, fleet_file(tmp_path, alone("aa")), azure=True, rehearse=True)
