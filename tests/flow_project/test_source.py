"""Folders and archives give the same files; nothing outside of them is read."""

import io
import os
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from installer.flow_project import source
from installer.flow_project.project import read_project
from installer.flow_project.source import read_source
from tests.flow_project.projects import DEV, files, folder, tar, zipped


def test_a_folder_an_archive_of_git_and_one_of_github_are_the_same_project(tmp_path: Path) -> None:
    given = {
        folder(tmp_path / "here", {**files(), "__pycache__/flows.pyc": "x", ".git/HEAD": "ref"}),
        tar(tmp_path / "git.tar.gz", files()),
        tar(tmp_path / "github.tar.gz", files(), top="orders-1f2e3d/"),
        zipped(tmp_path / "github.zip", {f"orders-main/{name}": text for name, text in files().items()}),
    }
    projects = [read_project(one) for one in given]
    assert {frozenset(one.files) for one in projects} == {frozenset({"prefect.yaml", "flows.py"})}
    assert len({one.mark for one in projects}) == 1
    changed = folder(tmp_path / "there", files(**{"readme.md": "new"}))
    assert read_project(changed).mark != projects[0].mark


def test_paths_and_links_out_of_the_project_are_refused_all_at_once(tmp_path: Path) -> None:
    out = tar(tmp_path / "out.tar.gz", {**files(), "../evil.py": "x", "/etc/evil": "y"}, link="/etc/passwd")
    assert read_source(out).problems == [
        "../evil.py leads out of the archive",
        "/etc/evil leads out of the archive",
        "link is a link or a device; archives may contain files only",
    ]
    assert read_source(zipped(tmp_path / "out.zip", {**files(), "a/../../evil.py": "x"})).problems == [
        "a/../../evil.py leads out of the archive"
    ]
    where = Path(folder(tmp_path / "here", files()))
    (where / "secrets").symlink_to("/etc/passwd")
    (where / "same").symlink_to(where / "flows.py")
    found = read_source(str(where))
    assert found.problems == ["secrets is a link that leads out of the folder; copy the file instead"]
    assert "same" in found.files
    assert "secrets" not in found.files


@pytest.mark.parametrize("pack", [tar, zipped])
def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: type
) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 2_000_000)
    bomb = pack(tmp_path / f"bomb.{'zip' if pack is zipped else 'tar.gz'}", {**files(), "zeros": "0" * 3_000_000})
    (problem,) = read_source(bomb).problems
    assert problem.startswith("more than 2 MB")
    monkeypatch.setattr(source, "MAX_FILES", 1)
    (problem,) = read_source(folder(tmp_path / "many", files())).problems
    assert "1 files" in problem


@pytest.mark.parametrize("kind", ["zip", "lzma.zip", "tar.gz", "xz.tar.gz", "bz2.tar.gz", "tar"])
def test_a_damaged_archive_is_a_problem(tmp_path: Path, kind: str) -> None:
    content, dice = io.BytesIO(), random.Random(kind)  # noqa: S311  no secret
    body = dice.randbytes(300).hex() * 10
    if kind.endswith("zip"):
        method = zipfile.ZIP_LZMA if kind == "lzma.zip" else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(content, "w", method) as archive:
            archive.writestr("prefect.yaml", body)
    else:
        modes: dict[str, Literal["w:gz", "w:xz", "w:bz2", "w:"]] = {
            "tar.gz": "w:gz",
            "xz.tar.gz": "w:xz",
            "bz2.tar.gz": "w:bz2",
            "tar": "w:",
        }
        with tarfile.open(fileobj=content, mode=modes[kind]) as packed:
            entry = tarfile.TarInfo("prefect.yaml")
            entry.size = len(body)
            packed.addfile(entry, io.BytesIO(body.encode()))
    whole, file = content.getvalue(), tmp_path / f"flows.{kind}"
    for _ in range(150):
        damaged = bytearray(whole[: dice.randrange(len(whole))] if dice.random() < 0.2 else whole)
        for _ in range(dice.choice((1, 2, 8, 40))):
            if damaged:
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        file.write_bytes(damaged)
        found = read_source(str(file))
        assert found.problems or found.files


def test_an_archive_that_is_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "flows.tar.gz")
    (tmp_path / "flows.zip").symlink_to("/dev/zero")
    assert "it is a named pipe, not a file" in read_source(str(tmp_path / "flows.tar.gz")).problems[0]
    assert "it is a device, not a file" in read_source(str(tmp_path / "flows.zip")).problems[0]


def test_names_in_an_archive_write_nothing_to_the_terminal(tmp_path: Path) -> None:
    out = zipped(tmp_path / "out.zip", {**files(), "../\x1b[2J\u202eevil.py": "x"})
    (problem,) = read_source(out).problems
    assert problem.isprintable()


def test_what_is_no_project_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "broken.zip").write_text("x", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    for given, words in {
        str(tmp_path / "nowhere"): "does not exist; name a folder with prefect.yaml",
        str(tmp_path / "notes.txt"): "neither a folder nor an archive",
        str(tmp_path / "broken.zip"): "cannot be read: File is not a zip file",
        str(empty): "has no prefect.yaml at its top",
    }.items():
        (problem,) = read_source(given).problems
        assert words in problem


def test_files_of_environment_variables_stay_out_of_the_image_and_are_named(tmp_path: Path) -> None:
    more = {".env": "KEY=canary", "load/.env.local": "KEY=canary", "env.py": "x", ".environment": "x"}
    here = read_project(folder(tmp_path / "here", files(**more)))
    packed = read_project(tar(tmp_path / "git.tar.gz", files(**more), top="orders-1f2e3d/"))
    assert set(here.files) == {"prefect.yaml", "flows.py", "env.py", ".environment"}
    assert here.mark == packed.mark
    for project in (here, packed):
        _, problems, notes = project.describe(DEV)
        assert problems == []
        assert [note.partition(" is left out")[0] for note in notes] == [".env", "load/.env.local"]


def test_a_relative_source_that_is_missing_is_named_with_the_folder_it_was_sought_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (problem,) = read_source("flows").problems
    assert problem.startswith(f"{tmp_path / 'flows'} does not exist")
