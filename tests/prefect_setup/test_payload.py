"""The program that is carried into the network: whole in itself, the same every time, and in pieces that are never cut."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from installer.jsontypes import Json
from installer.prefect_setup.desired import FlowRunLocation, describe
from installer.prefect_setup.payload import COMMAND, canary_settings, registration_settings
from installer.sanitize import MAX_CHARACTERS
from tests.prefect_setup.sample_answers import answers

ESTATE = describe(answers("dev"), FlowRunLocation.on_azure("flowforge/prefect@sha256:1"))


def run(settings: Mapping[str, Json], tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """Run it as a job would, with Prefect Cloud for its server, which need not be waited for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FLOWFORGE_"))}
    prefect = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_API_KEY": "k", "PREFECT_HOME": str(tmp_path)}
    own = {name: str(value) for name, value in settings.items()}
    command = [sys.executable, *map(str, COMMAND[1:])]
    return subprocess.run(
        command, env={**kept, **prefect, **own}, cwd=tmp_path, capture_output=True, text=True, check=False
    )


def test_it_is_whole_in_itself(tmp_path: Path) -> None:
    said = run({**registration_settings(ESTATE), "FLOWFORGE_ORDER": "{}"}, tmp_path)
    assert (said.returncode, said.stdout) == (0, ""), said.stderr


def test_the_same_order_is_the_same_settings_and_others_differ() -> None:
    assert registration_settings(ESTATE) == registration_settings(ESTATE)
    assert canary_settings("dev", "1") != canary_settings("dev", "2")
    order = json.loads(str(canary_settings("dev", "1")["FLOWFORGE_ORDER"]))
    assert order == {"canary": {"environment": "dev", "key": "1"}}


def test_no_piece_of_it_is_ever_cut() -> None:
    pieces = registration_settings(ESTATE)
    assert pieces
    assert [name for name, value in pieces.items() if len(str(value)) >= MAX_CHARACTERS] == []
