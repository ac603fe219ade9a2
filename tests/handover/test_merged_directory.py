"""Generated files are written again without losing what people have edited in them."""

import os
from pathlib import Path
from typing import Final

import pytest

from installer.errors import UsageError
from installer.handover.merged_directory import GENERATED, Merged, merge_into

BASE: Final = "own/.base"
OLD: Final = "one\ntwo\nthree\nfour\nfive\n"
NEW: Final = "one\ntwo\nthree\nfour\nFIVE\n"


def _states(directory: Path, **files: str) -> dict[str, str]:
    return {one.name: one.state for one in merge_into(directory, files, BASE)}


def test_files_are_written_and_updated(tmp_path: Path) -> None:
    assert _states(tmp_path, a=OLD, b="same\n") == {"a": "new", "b": "new"}
    assert _states(tmp_path, a=NEW, b="same\n") == {"a": "updated", "b": "as is"}
    assert (tmp_path / "a").read_text() == NEW
    assert (tmp_path / BASE / "a").read_text() == NEW


def test_an_edited_file_keeps_the_edits_and_gets_the_new_text(tmp_path: Path) -> None:
    _states(tmp_path, a=OLD)
    (tmp_path / "a").write_text("ONE\ntwo\nthree\nfour\nfive\n")
    assert _states(tmp_path, a=OLD) == {"a": "edited"}
    assert _states(tmp_path, a=NEW) == {"a": "merged"}
    assert (tmp_path / "a").read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"
    assert _states(tmp_path, a=NEW) == {"a": "edited"}


def test_a_conflict_leaves_the_edited_file_until_it_is_resolved_by_hand(tmp_path: Path) -> None:
    _states(tmp_path, a=OLD)
    mine = "one\ntwo\nthree\nfour\nmine\n"
    (tmp_path / "a").write_text(mine)
    for _ in range(2):
        assert _states(tmp_path, a=NEW) == {"a": "conflict"}
        assert (tmp_path / "a").read_text() == mine
        assert (tmp_path / f"a{GENERATED}").read_text() == NEW
    (tmp_path / f"a{GENERATED}").unlink()
    assert _states(tmp_path, a=NEW) == {"a": "edited"}
    assert (tmp_path / "a").read_text() == mine
    assert [path.name for path in (tmp_path / BASE).iterdir()] == ["a"]
    assert _states(tmp_path, a=f"zero\n{NEW}") == {"a": "merged"}
    assert (tmp_path / "a").read_text() == f"zero\n{mine}"


def test_a_file_of_others_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("of another team\n")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "folder").mkdir()
    assert set(_states(tmp_path, a=NEW, link=NEW, folder=NEW).values()) == {"conflict"}
    assert (tmp_path / "a").read_text() == "of another team\n"


def test_a_deleted_file_is_not_written_again(tmp_path: Path) -> None:
    _states(tmp_path, a=OLD)
    (tmp_path / "a").unlink()
    assert _states(tmp_path, a=OLD) == {"a": "deleted"}
    assert _states(tmp_path, a=NEW) == {"a": "deleted"}
    assert not (tmp_path / "a").exists()


def test_what_is_no_longer_generated_is_removed_unless_it_was_edited(tmp_path: Path) -> None:
    _states(tmp_path, a=OLD, b=OLD)
    (tmp_path / "b").write_text("mine\n")
    assert _states(tmp_path) == {"a": "removed", "b": "conflict"}
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").read_text() == "mine\n"
    assert _states(tmp_path) == {}


def test_without_git_an_edited_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _states(tmp_path, a=OLD)
    (tmp_path / "a").write_text("ONE\ntwo\nthree\nfour\nfive\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _states(tmp_path, a=NEW) == {"a": "conflict"}


def test_line_ends_of_an_edited_file_are_kept(tmp_path: Path) -> None:
    _states(tmp_path, a=OLD)
    (tmp_path / "a").write_bytes(b"ONE\r\ntwo\nthree\nfour\nfive\n")
    assert _states(tmp_path, a=NEW) == {"a": "merged"}
    assert (tmp_path / "a").read_bytes() == b"ONE\r\ntwo\nthree\nfour\nFIVE\n"


def test_a_line_says_what_to_do() -> None:
    assert Merged("a", "merged").line() == "a: updated, with your changes kept"
    assert Merged("a", "conflict", "why").line() == "a: not changed: why"


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a directory"):
        merge_into(tmp_path / "file", {"a": NEW}, BASE)
    _states(tmp_path, a=OLD)
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        merge_into(tmp_path, {"a": NEW}, BASE)
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(UsageError, match="cannot be written"):
            merge_into(tmp_path / "closed", {"a": NEW}, BASE)
