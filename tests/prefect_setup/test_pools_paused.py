"""While pools are drained, the flow runs that are waited for are named."""

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from installer.errors import PrefectFailed
from installer.prefect_setup.pools_paused import PoolsPaused
from installer.prefect_setup.rest import Api

if TYPE_CHECKING:
    from installer.job_program.changes import Change


def test_the_runs_that_are_under_way_are_named_when_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Change] = []
    under_way = [["calm-owl", "red-fox"], ["calm-owl", "red-fox"], ["red-fox"], []]
    monkeypatch.setattr(PoolsPaused, "_pools", lambda _: [])
    monkeypatch.setattr(PoolsPaused, "_recorded", lambda _: [])
    monkeypatch.setattr(PoolsPaused, "_record", lambda *_: None)
    monkeypatch.setattr(PoolsPaused, "_under_way", lambda _: under_way.pop(0))
    pools = PoolsPaused(Api("http://127.0.0.1/api", SecretStr(""), ""), told.append, lambda _: None)
    pools.drain(10)
    assert [one.text for one in told] == ["under way: calm-owl, red-fox", "under way: red-fox"]
    under_way = [[f"run-{number}" for number in range(7)]] * 2
    with pytest.raises(PrefectFailed, match=r"within 1 s: run-0, run-1, run-2, run-3, run-4 and 2 more\. Nothing was"):
        pools.drain(1)
