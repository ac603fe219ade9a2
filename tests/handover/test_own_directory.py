"""A directory of the installer's files: nothing of others is overwritten, and an interruption leaves nothing unknown."""

import json
import os
from pathlib import Path

import pytest

from installer.answers import files
from installer.errors import UsageError
from installer.handover.own_directory import LIST, write


def _names(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()} - {LIST}


def test_files_are_written_again_and_those_no_longer_wanted_deleted(tmp_path: Path) -> None:
    write(tmp_path / "new", {"a": "1", "sub/b": "1"})
    write(tmp_path / "new", {"a": "2", "c": "1"})
    assert _names(tmp_path / "new") == {"a", "c"}
    assert (tmp_path / "new" / "a").read_text() == "2"


def test_all_files_of_others_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1", "b": "1", "kept": "1"})
    (tmp_path / "a").write_text("edited")
    (tmp_path / "c").write_text("of another team")
    (tmp_path / "d").mkdir()
    with pytest.raises(UsageError) as refused:
        write(tmp_path, {"a": "2", "b": "2", "c": "2", "d": "2", "e": "2"})
    text = str(refused.value)
    assert [name for name in "abcde" if f"{tmp_path / name}:" in text] == ["a", "c", "d"]
    assert _names(tmp_path) == {"a", "b", "c", "kept"}
    assert (tmp_path / "b").read_text() == "1"


def test_files_of_others_that_are_not_in_the_way_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours")
    write(tmp_path, {"a": "1"})
    assert _names(tmp_path) == {"a", "notes.txt"}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a").symlink_to(tmp_path / "target")
    with pytest.raises(UsageError, match="is not a file"):
        write(tmp_path / "new", {"a": "1"})
    assert (tmp_path / "target").read_text() == "precious"


def test_an_interrupted_export_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a": "1", "b": "1"})
    real = files.save

    def full(path: Path, text: str) -> None:
        if path.name == "b":
            raise UsageError("the disk is full")
        real(path, text)

    monkeypatch.setattr("installer.handover.own_directory.save", full)
    with pytest.raises(UsageError, match="full"):
        write(tmp_path, {"a": "2", "b": "2"})
    monkeypatch.undo()
    write(tmp_path, {"a": "3", "b": "3"})
    assert [(tmp_path / name).read_text() for name in "ab"] == ["3", "3"]


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 9, "files": {}}', '{"version": 1, "files": {"../x": []}}'])
def test_a_damaged_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / LIST).write_text(text)
    with pytest.raises(UsageError, match="damaged"):
        write(tmp_path, {"a": "1"})
    assert _names(tmp_path) == set()


def test_the_directory_may_not_be_a_file_or_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a directory"):
        write(tmp_path / "file", {"a": "1"})
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(UsageError, match="cannot be written"):
            write(tmp_path / "closed", {"a": "1"})


def test_the_list_has_the_digests_of_this_export_only(tmp_path: Path) -> None:
    write(tmp_path, {"a": "1"})
    write(tmp_path, {"a": "2"})
    assert [len(one) for one in json.loads((tmp_path / LIST).read_text())["files"].values()] == [1]
