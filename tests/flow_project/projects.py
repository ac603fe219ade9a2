"""Projects for the tests of this folder."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from installer.flow_project.project import load_project
from installer.flow_project.source import PROJECT_FILE
from installer.flow_project.target import Target

FLOWS = 'from prefect import flow\n\n\n@flow\ndef load_orders(day: str = "today") -> str:\n    return day\n'
PREFECT = """\
name: orders
deployments:
  - name: nightly
    entrypoint: flows.py:load_orders
    schedules:
      - cron: "0 3 * * *"
        timezone: Europe/Stockholm
"""
DEV = Target("dev", "flowforge-dev", "flowforge")


def files(prefect: str = PREFECT, **more: str) -> dict[str, str]:
    return {"prefect.yaml": prefect, "flows.py": FLOWS, **more}


def folder(where: Path, content: Mapping[str, str]) -> str:
    for name, text in content.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text, encoding="utf-8")
    return str(where)


def tar(where: Path, content: Mapping[str, str], *, top: str = "", link: str = "") -> str:
    with tarfile.open(where, "w:gz") as archive:
        for name, text in content.items():
            entry = tarfile.TarInfo(top + name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
        if link:
            entry = tarfile.TarInfo(top + "link")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            archive.addfile(entry)
    return str(where)


def zipped(where: Path, content: Mapping[str, str]) -> str:
    with zipfile.ZipFile(where, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return str(where)


def problems_of(given: str, target: Target) -> list[str]:
    """All problems of a project in an environment."""
    project, problems = load_project(given)
    return [*problems, *(project.describe(target)[1] if PROJECT_FILE in project.documents else ())]
