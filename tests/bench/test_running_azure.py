"""Foundations of the mixed kills: faults reach an embedded Azure that runs, and a request for another host is noted."""

from pathlib import Path

import pytest
import requests

from installer.emulator.protocol.hostile_answers import ELSEWHERE
from tests.bench.running_azure import RunningAzure, Witness
from tests.emulator.server_process import API, serving


def test_a_fault_reaches_an_embedded_azure_that_runs_and_is_counted(tmp_path: Path) -> None:
    azure, fault = RunningAzure(tmp_path), "foreign-page:count=1,at=*resourcegroups*,seed=1"
    assert not azure.inject(fault), "none runs"
    with serving(tmp_path / "rehearsals" / "one") as server:
        path = f"{server.scope}/resourcegroups?api-version={API}"
        assert "nextLink" not in server.get(path)
        assert azure.inject(fault)
        assert azure.occurrences(fault) == 0
        assert ELSEWHERE in server.get(path)["nextLink"]
        assert azure.occurrences(fault) == 1
        with pytest.raises(AssertionError, match="unknown fault"):
            azure.inject("nothing")
    assert azure.occurrences(fault) == 1, "it is read after the end"


def test_a_request_for_another_host_is_noted() -> None:
    with Witness() as witness, requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": witness.variables["HTTPS_PROXY"]}
        for url in (f"https://{ELSEWHERE}/token", "https://prices.azure.com/api"):
            with pytest.raises(requests.ConnectionError):
                session.get(url, timeout=10)
        witness.shutdown()
    (asked,) = witness.foreign()
    assert asked.startswith(f"CONNECT {ELSEWHERE}:443 ")
    assert len(witness.asked) == 2
