"""A kit is one archive: whole, with right checksums, the same bytes for the same input, and nothing if something is missing."""

import hashlib
import json
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

from installer import shipped_files
from installer.answers.files import load
from installer.errors import UsageError
from installer.handover.kit.kit import KitRequest, make_kit
from installer.handover.kit.platform import Machine
from installer.handover.kit.signature import signer
from tests.answers.answers_files import FOLDER
from tests.handover.kit.small_wheels import lock, wheel
from tests.handover.kit.test_signature import KINDS, verified, written

MADE = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheels of two small locks, which replace those of the installer."""
    folder, image = tmp_path / "wheels", tmp_path / "image"
    own, of_image = wheel(folder, "alpha"), wheel(folder, "beta")
    text = lock(own)
    monkeypatch.setattr(shipped_files, "installer_lock", lambda: text)
    image.mkdir()
    (image / "requirements.lock").write_text(lock(of_image))
    (image / "Dockerfile").write_text("ARG BASE=mcr.example.com/python:3.12\nFROM ${BASE}\n")
    monkeypatch.setattr(shipped_files, "prefect_image", lambda: image)
    return folder


def made(tmp_path: Path, name: str, request: KitRequest) -> Path:
    return make_kit(tmp_path / name, request, tmp_path / f"scratch-{name}", lambda _text: None).file


def test_every_file_is_there_with_its_checksum(tmp_path: Path, wheels: Path) -> None:
    request = KitRequest(Machine(), MADE, prices='{"prices": 1}', documents={"one.txt": "text"}, wheels=wheels)
    with tarfile.open(made(tmp_path, "kit.tar.gz", request)) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    (root,) = (tmp_path / "out").iterdir()
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = {line.split("  ", 1)[1] for line in (root / "SHA256SUMS").read_text().splitlines()}
    there = {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}
    assert there == listed | {"SHA256SUMS"}
    wanted = {"KIT.md", "LICENCES.txt", "images.json", "prices.json", "sbom.cdx.json", "docs/one.txt", "install.sh"}
    assert wanted <= there
    assert {file.name for file in (root / "wheels").iterdir()} == {file.name for file in wheels.iterdir()}
    assert (root / "install.sh").stat().st_mode & 0o111
    assert not any("__pycache__" in name or name.startswith("tests/") for name in there)
    assert (root / "bicep/compiled").is_dir()
    assert json.loads((root / "images.json").read_text())["images"] == ["mcr.example.com/python:3.12"]
    assert "not signed" in (root / "KIT.md").read_text()


def test_the_same_input_makes_the_same_bytes(tmp_path: Path, wheels: Path) -> None:
    request = KitRequest(Machine(), MADE, wheels=wheels)
    first, second = (made(tmp_path, name, request) for name in ("one.tgz", "two.tgz"))
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_images_of_answers_are_listed(tmp_path: Path, wheels: Path) -> None:
    answers = load(FOLDER / "dev.yaml").answers
    image = f"registry.example.com/web@sha256:{'0' * 64}"
    images = answers.images.model_copy(update={"web_source": "import", "web_from": image})
    request = KitRequest(Machine(), MADE, [answers.model_copy(update={"images": images})], wheels=wheels)
    with tarfile.open(made(tmp_path, "kit.tar", request)) as archive:
        text = archive.extractfile(next(name for name in archive.getnames() if name.endswith("images.json")))
        assert text is not None
        assert json.load(text)["images"] == ["mcr.example.com/python:3.12", image]


def test_a_missing_wheel_leaves_no_archive(tmp_path: Path, wheels: Path) -> None:
    next(wheels.glob("alpha*")).unlink()
    with pytest.raises(UsageError, match=r"alpha 1\.0"):
        made(tmp_path, "kit.tar", KitRequest(Machine(), MADE, wheels=wheels))
    assert not [*tmp_path.glob("kit.tar*"), *tmp_path.glob(".kit.tar*")]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(UsageError, match=r"-o .*nowhere/kit\.tar"):
        make_kit(tmp_path / "nowhere" / "kit.tar", KitRequest(Machine(), MADE, wheels=wheels), tmp_path / "s", print)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: object) -> None:
        raise AssertionError("minutes of fetching, for nothing")

    monkeypatch.setattr("installer.handover.kit.wheelhouse.fetch", fetch)
    (tmp_path / "folder.tar").mkdir()
    for out, why in ((tmp_path / "missing" / "kit.tar", "No such file"), (tmp_path / "folder.tar", "is a folder")):
        with pytest.raises(UsageError, match=f"-o {out}: {why}"):
            make_kit(out, KitRequest(Machine(), MADE), tmp_path / "scratch", print)
    assert not (tmp_path / "missing").exists()


def test_another_kind_of_file_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"accepted: FILE\.tar"):
        make_kit(tmp_path / "kit.zip", KitRequest(Machine(), MADE), tmp_path / "s", print)


def test_an_installed_distribution_without_install_sh_cannot_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped_files, "PACKAGE", tmp_path / "site-packages" / "installer")
    with pytest.raises(UsageError, match=r"call its install\.sh kit"):
        make_kit(tmp_path / "kit.tar", KitRequest(Machine(), MADE), tmp_path / "s", print)


def test_the_password_of_the_key_is_asked_once(tmp_path: Path, wheels: Path) -> None:
    asked: list[str] = []

    def password() -> str:
        asked.append("")
        return "open"

    key = written(tmp_path, KINDS["ed25519"](), BestAvailableEncryption(b"open"))
    request = KitRequest(Machine(), MADE, wheels=wheels, key=key, password=password)
    with tarfile.open(made(tmp_path, "kit.tar", request)) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    (root,) = (tmp_path / "out").iterdir()
    assert len(asked) == 1
    command = signer(key, lambda: "open").verify
    assert command in (root / "KIT.md").read_text()
    (tmp_path / "PUBLIC_KEY.pem").rename(root / "PUBLIC_KEY.pem")
    assert verified(root, command)
