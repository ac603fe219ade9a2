"""The tutorial of the README, word for word: from an empty folder to gold, in a rehearsal."""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import environment

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Tutorial")[2].partition("\n## ")[0]
(SCRIPT,) = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
(SHOWN,) = re.findall(r"```text\n(.*?)```", SECTION, re.DOTALL)
MAX_SECONDS = 900
LAYERS = {
    "landing": {"medallion/orders.csv", "medallion/customers.csv"},
    "bronze": {"medallion/orders.jsonl", "medallion/customers.jsonl"},
    "silver": {"medallion/orders.jsonl"},
    "gold": {"medallion/revenue.json"},
}


def test_the_tutorial_leads_from_an_empty_folder_to_gold(tmp_path: Path) -> None:
    folder, programs, state = (tmp_path / name for name in ("empty", "bin", "state"))
    folder.mkdir()
    programs.mkdir()
    program = programs / "flowforge-install"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m installer "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    given = environment({"FLOWFORGE_STATE_DIR": str(state), "PYTHONPATH": str(ROOT)})
    given["PATH"] = f"{programs}:{given['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", SCRIPT],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    assert len(SHOWN.splitlines()) == 2
    for line in SHOWN.splitlines():
        assert line in done.stdout
    layers = stored(state)
    assert {layer: set(found) for layer, found in layers.items()} == LAYERS
    gold = json.loads(layers["gold"]["medallion/revenue.json"])
    # Of the rows that are complete, once each.
    assert gold == {"currency": "EUR", "revenue": {"FI": 80.0, "SE": 120.5 + 19.9}}


def stored(state: Path) -> dict[str, dict[str, bytes]]:
    """Content of the blobs of each layer in the embedded Azure's lake, by name."""
    (home,) = state.glob("rehearsals/*")
    with sqlite3.connect(f"file:{home / 'azure.sqlite'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT container, name, data FROM blobs WHERE name LIKE 'medallion/%'").fetchall()
    layers: dict[str, dict[str, bytes]] = {}
    for container, name, data in rows:
        content = b"".join((home / "blobs" / part["file"]).read_bytes() for part in json.loads(data)["parts"])
        layers.setdefault(container.rpartition("/")[2].partition("@")[0], {})[name] = content
    return layers
