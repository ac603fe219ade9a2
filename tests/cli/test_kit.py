"""The command kit: all that is wrong at once, before anything is fetched; help of every command as a document."""

from pathlib import Path

from click.testing import CliRunner

from installer.cli.main import cli


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["kit", "-o", str(tmp_path / "kit.zip"), "--platform", "beos"])
    text = str(done.exception)
    assert "kit.zip: accepted: FILE.tar" in text
    assert "--platform beos" in text


def test_it_says_what_is_missing_in_a_folder_of_wheels(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    arguments = ["kit", "-o", str(tmp_path / "kit.tar"), "--wheels", str(tmp_path / "wheels")]
    done = CliRunner().invoke(cli, arguments)
    assert "not found: adlfs" in str(done.exception)
    assert not (tmp_path / "kit.tar").exists()


def test_the_help_of_every_command_becomes_a_document() -> None:
    from installer.cli.commands.kit import _helps

    text = "\n".join(_helps(cli, "flowforge-install"))
    for name in ("apply", "flows deploy", "environment add", "kit"):
        assert f"$ flowforge-install {name} --help" in text
