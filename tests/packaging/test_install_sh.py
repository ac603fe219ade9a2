"""install.sh: one clear sentence with the remedy and exit 2 when it cannot install; nothing half-made stays."""

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGE_LOCK = "installer/images/prefect/requirements.lock"
IMAGE_SET_UP = "the packages of the Prefect image"
TOOLS = ("sh", "cp", "dirname", "basename", "cksum", "mktemp", "rm", "mv", "mkdir", "grep", "tail", "cat", "sed", "tr")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the files that install.sh reads."""
    folder = tmp_path / "check out"  # a blank in the path is nothing special
    folder.mkdir()
    for name in ("install.sh", "pyproject.toml", "requirements.lock", "requirements-dev.lock", IMAGE_LOCK):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def install(checkout: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "PYTHON"))}
    return subprocess.run(
        ["/bin/sh", str(checkout / "install.sh"), *arguments],
        capture_output=True,
        text=True,
        env={**kept, **more},
        timeout=120,
        check=False,
    )


def assert_refused(done: "subprocess.CompletedProcess[str]", checkout: Path, *words: str) -> None:
    assert done.returncode == 2, done
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("install.sh: ")
    for word in words:
        assert word in last
    assert not (checkout / ".venv").exists()


def only_tools(folder: Path) -> str:
    """A PATH with the tools of a minimal system and no Python."""
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return str(folder)


def test_without_python(checkout: Path, tmp_path: Path) -> None:
    done = install(checkout, "--version", PATH=only_tools(tmp_path / "bin"))
    assert_refused(done, checkout, "Python 3.11 or newer", "FLOWFORGE_PYTHON")


def test_with_a_python_that_is_too_old(checkout: Path, tmp_path: Path) -> None:
    path = only_tools(tmp_path / "bin")
    old = tmp_path / "bin" / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert_refused(install(checkout, "--version", PATH=path), checkout, "Python 3.11 or newer")


def test_without_the_venv_module(checkout: Path, tmp_path: Path) -> None:
    path = only_tools(tmp_path / "bin")
    fake = tmp_path / "bin" / "python3"
    fake.write_text('#!/bin/sh\n[ "$2" != -m ] || { echo "No module named venv" >&2; exit 1; }\nexit 0\n')
    fake.chmod(0o755)
    assert_refused(install(checkout, "--version", PATH=path), checkout, "venv module", "python3-venv")


def test_in_a_folder_that_is_a_file(checkout: Path) -> None:
    (checkout / "blocked").write_text("")
    done = install(checkout, "--version", FLOWFORGE_VENV=str(checkout / "blocked" / "venv"))
    assert_refused(done, checkout, "FLOWFORGE_VENV")


def test_it_does_not_take_over_a_folder_that_is_not_its_own(checkout: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    done = install(checkout, "--version", FLOWFORGE_VENV=str(precious))
    assert_refused(done, checkout, "is no environment of this installer")
    assert (precious / "file").read_text() == "kept"


def test_with_a_wheelhouse_that_lacks_packages(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    done = install(checkout, "--wheelhouse", str(tmp_path / "wheels"), "--version")
    assert_refused(done, checkout, "wheelhouse", "does not hold every package")


def test_with_a_wheelhouse_that_is_not_there(checkout: Path) -> None:
    assert_refused(install(checkout, "--wheelhouse", "/nowhere", "--version"), checkout, "/nowhere", "no such folder")


def test_an_offline_kit_installs_from_its_own_wheels(checkout: Path, tmp_path: Path) -> None:
    (checkout / "wheels").mkdir()
    nobody = "https://127.0.0.1:9/simple"
    before = install(checkout, "--version", PIP_INDEX_URL=nobody, PIP_CONFIG_FILE=os.devnull)
    assert "wheelhouse" not in before.stderr.split(" use ")[0]  # a folder of this name alone is no kit
    (checkout / "KIT.md").touch()
    done = install(checkout, "--version", PIP_INDEX_URL=nobody, PIP_CONFIG_FILE=os.devnull)
    assert_refused(done, checkout, f"the wheelhouse {checkout / 'wheels'}", "does not hold every package")
    (tmp_path / "others").mkdir()
    other = install(checkout, "--wheelhouse", str(tmp_path / "others"), "--version")
    assert_refused(other, checkout, f"the wheelhouse {tmp_path / 'others'}")


def test_when_the_index_cannot_be_reached(checkout: Path) -> None:
    nobody = "https://127.0.0.1:9/simple"
    done = install(
        checkout,
        "--version",
        PIP_INDEX_URL=nobody,
        PIP_EXTRA_INDEX_URL="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_FIND_LINKS="",
    )
    assert_refused(done, checkout, "cannot be reached", "--wheelhouse")


def test_when_the_proxy_refuses(checkout: Path) -> None:
    proxy = "http://127.0.0.1:9"
    done = install(checkout, "--version", HTTPS_PROXY=proxy, https_proxy=proxy, PIP_CONFIG_FILE=os.devnull)
    assert_refused(done, checkout, "proxy", proxy)


FAKE_PYTHON = (
    rf"""#!/bin/sh
lock() {{ exec {sys.executable} "$@"; }}
"""
    r"""
case "$1 ${2:-} ${3:-}" in
"-I -c import fcntl"*) lock "$@" ;;
"-I -c import sys"*) exit 0 ;;
"-I -m venv") mkdir -p "$4/bin" "$4/site" && : >"$4/pyvenv.cfg" && cp "$0" "$4/bin/python" ;;
"-I -m pip") [ -z "${FAKE_PIP_FAILS:-}" ] || { echo "ERROR: $FAKE_PIP_FAILS"; exit 1; } ;;
"-I -c import sysconfig"*) echo "$(dirname "$0")/../site" ;;
*) echo "called as $FLOWFORGE_CALLED_AS with: $*" ;;
esac
"""
)
"""Replaces Python, venv, pip and the command: only the use that install.sh makes of them is tested here."""


@pytest.fixture
def fake_python(tmp_path: Path) -> str:
    path = tmp_path / "fake-python"
    path.write_text(FAKE_PYTHON)
    path.chmod(0o755)
    return str(path)


def test_the_second_start_sets_nothing_up(checkout: Path, fake_python: str) -> None:
    first = install(checkout, "runs", "--plain", FLOWFORGE_PYTHON=fake_python)
    assert "Setting up" in first.stderr
    second = install(checkout, "runs", "--plain", FLOWFORGE_PYTHON=fake_python)
    assert second.stderr == ""
    assert first.stdout == second.stdout == f"called as {checkout / 'install.sh'} with: -I -m installer runs --plain\n"


def test_it_may_be_called_by_a_symbolic_link(checkout: Path, fake_python: str, tmp_path: Path) -> None:
    install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "install.sh").symlink_to("../second")
    (tmp_path / "second").symlink_to(checkout / "install.sh")
    done = install(tmp_path / "links", "runs", FLOWFORGE_PYTHON=fake_python)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"called as {tmp_path / 'links' / 'install.sh'} with: -I -m installer runs\n"


def test_a_changed_lock_sets_up_again(checkout: Path, fake_python: str) -> None:
    install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert "Setting up" in install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).stderr


def test_the_development_environment_serves_for_running_too(checkout: Path, fake_python: str) -> None:
    assert "-m tests" in install(checkout, "test", FLOWFORGE_PYTHON=fake_python).stdout
    assert install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).stderr == ""


def test_only_rehearsals_and_tests_set_up_the_packages_of_the_image(checkout: Path, fake_python: str) -> None:
    assert IMAGE_SET_UP not in install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).stderr
    added = install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr
    assert IMAGE_SET_UP in added
    assert "FlowForge Installer" not in added
    assert install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr == ""


def test_global_options_may_come_before_rehearse(checkout: Path, fake_python: str) -> None:
    install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    added = install(checkout, "--state-dir", "there", "--plain", "rehearse", FLOWFORGE_PYTHON=fake_python)
    assert IMAGE_SET_UP in added.stderr


def test_a_changed_lock_of_the_image_sets_up_that_environment_only(checkout: Path, fake_python: str) -> None:
    install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python)
    with (checkout / IMAGE_LOCK).open("a") as lock:
        lock.write("# changed\n")
    again = install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr
    assert IMAGE_SET_UP in again
    assert "FlowForge Installer" not in again


def test_a_failed_set_up_of_the_image_leaves_the_rest(checkout: Path, fake_python: str) -> None:
    install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    failed = install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python, FAKE_PIP_FAILS="something new")
    assert (failed.returncode, "something new" in failed.stderr) == (2, True)
    assert not (checkout / ".venv" / "prefect-image").exists()
    assert install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).stderr == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[Errno 28] No space left on device", ("the disk is full", "FLOWFORGE_VENV")),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", ("differs from what was locked",)),
        ("SSLError(SSLCertVerificationError(CERTIFICATE_VERIFY_FAILED", ("certificate", "PIP_CERT")),
        ("something new", ("something new", "--wheelhouse")),
    ],
)
def test_what_pip_says_becomes_one_sentence(
    checkout: Path, fake_python: str, said: str, words: tuple[str, ...]
) -> None:
    done = install(checkout, "runs", FLOWFORGE_PYTHON=fake_python, FAKE_PIP_FAILS=said)
    assert_refused(done, checkout, *words)


def test_what_a_killed_set_up_left_is_made_anew(checkout: Path, fake_python: str) -> None:
    (checkout / ".venv.new" / "bin").mkdir(parents=True)
    (checkout / ".venv.new" / ".flowforge-unfinished").touch()
    (checkout / ".venv.new" / "half-made").touch()
    assert install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).returncode == 0
    assert not (checkout / ".venv" / "half-made").exists()
    assert [one.name for one in checkout.glob(".venv*")] == [".venv"]


@pytest.mark.parametrize("where", ["theirs", "theirs.new", "theirs.old"])
def test_an_environment_of_others_is_never_removed(
    checkout: Path, fake_python: str, tmp_path: Path, where: str
) -> None:
    """Any environment has a pyvenv.cfg: only the mark of install.sh decides."""
    theirs = tmp_path / where
    theirs.mkdir()
    (theirs / "pyvenv.cfg").write_text("home = /usr/bin")
    done = install(checkout, "runs", FLOWFORGE_PYTHON=fake_python, FLOWFORGE_VENV=f"{tmp_path / 'theirs'}/")
    assert done.returncode == 2
    assert f"{theirs} exists and is no environment of this installer" in done.stderr
    assert (theirs / "pyvenv.cfg").read_text() == "home = /usr/bin"
    assert {one.name for one in tmp_path.iterdir()} == {where, "check out", "fake-python"}


def test_an_update_that_fails_leaves_the_environment_that_works(checkout: Path, fake_python: str) -> None:
    install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python)
    lock = (checkout / "requirements.lock").read_text()
    (checkout / "requirements.lock").write_text(f"{lock}# changed\n")
    failed = install(checkout, "runs", FLOWFORGE_PYTHON=fake_python, FAKE_PIP_FAILS="Network is unreachable")
    assert (failed.returncode, "cannot be reached" in failed.stderr) == (2, True)
    assert [one.name for one in checkout.glob(".venv*")] == [".venv"]
    (checkout / "requirements.lock").write_text(lock)
    assert install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr == ""


def test_an_update_keeps_the_packages_of_the_image(checkout: Path, fake_python: str) -> None:
    install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python)
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    assert IMAGE_SET_UP not in install(checkout, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr


def test_an_update_that_was_killed_in_its_swap_is_undone(checkout: Path, fake_python: str) -> None:
    install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    (checkout / ".venv").rename(checkout / ".venv.old")
    done = install(checkout, "runs", FLOWFORGE_PYTHON=fake_python)
    assert (done.returncode, done.stderr) == (0, "")
    assert [one.name for one in checkout.glob(".venv*")] == [".venv"]


def test_two_at_once_wait_for_each_other(checkout: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow-python"
    slow.write_text(FAKE_PYTHON.replace('"-I -m pip") ', f'"-I -m pip") echo x >>"{tmp_path}/pips"; sleep 3; '))
    slow.chmod(0o755)
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda _: install(checkout, "runs", FLOWFORGE_PYTHON=str(slow)), range(3)))
    assert [(one.returncode, one.stdout.startswith("called as")) for one in ended] == [(0, True)] * 3
    assert (tmp_path / "pips").read_text() == "x\n"
    assert sum("Waiting for another install.sh" in one.stderr for one in ended) == 2
    assert [one.name for one in checkout.glob(".venv*")] == [".venv"]


def slow_python(folder: Path, seconds: float) -> str:
    """A fake Python whose pip takes its time and notes its begin and its end."""
    path = folder / "slow-python"
    pip = f'"-I -m pip") echo begin >>"{folder}/pips"; sleep {seconds}; echo end >>"{folder}/pips" '
    path.write_text(FAKE_PYTHON.replace('"-I -m pip") ', f"{pip}; "))
    path.chmod(0o755)
    return str(path)


def test_a_set_up_that_was_killed_holds_up_no_one_longer_than_its_pip(checkout: Path, tmp_path: Path) -> None:
    """Three wait for one that is killed: none takes the lock of another, and none builds while the orphan of the killed one does."""
    python, pips = slow_python(tmp_path, 2), tmp_path / "pips"
    words = ["/bin/sh", str(checkout / "install.sh"), "runs"]
    killed = subprocess.Popen(words, env={**os.environ, "FLOWFORGE_PYTHON": python}, stderr=subprocess.DEVNULL)
    while not pips.exists():
        time.sleep(0.05)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(install, checkout, "runs", FLOWFORGE_PYTHON=python) for _ in range(3)]
        threading.Timer(0.5, killed.kill).start()
        ended = [one.result() for one in waiting]
    killed.wait()
    assert [one.returncode for one in ended] == [0, 0, 0]
    assert pips.read_text().split() == ["begin", "end"] * 2
    assert [one.name for one in checkout.glob(".venv*")] == [".venv"]


def test_where_the_file_system_has_no_locks_it_says_so(checkout: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON.replace('lock "$@" ;;', "exit 1 ;;"))
    python.chmod(0o755)
    done = install(checkout, "runs", FLOWFORGE_PYTHON=str(python))
    assert (done.returncode, "has no locks" in done.stderr) == (0, True)


@pytest.mark.parametrize("target", ["made", "to come", "../check out/relative"])
def test_a_link_to_an_environment_elsewhere_stays_one(
    checkout: Path, fake_python: str, tmp_path: Path, target: str
) -> None:
    """As a user makes it whose disk is too small beside the checkout."""
    place = tmp_path / "other disk" / target
    if target == "made":
        place.mkdir(parents=True)
        place.rmdir()
    (checkout / ".venv").symlink_to(place if "relative" not in target else target)
    for _ in range(2):
        assert install(checkout, "runs", FLOWFORGE_PYTHON=fake_python).returncode == 0
        with (checkout / "requirements.lock").open("a") as lock:
            lock.write("# changed\n")
        assert (checkout / ".venv").is_symlink()
        assert (checkout / ".venv" / "bin").is_dir()
    assert not list(checkout.glob(".venv.*"))
    assert not list((checkout / ".venv").resolve().parent.glob("*.old"))


@pytest.mark.parametrize("named", ["/", "///", "loop"])
def test_a_place_that_is_no_folder_is_refused(checkout: Path, fake_python: str, tmp_path: Path, named: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    place = named if named.startswith("/") else str(tmp_path / named)
    assert_refused(install(checkout, "runs", FLOWFORGE_PYTHON=fake_python, FLOWFORGE_VENV=place), checkout, "no folder")


@pytest.mark.parametrize("name", ["it's", 'a "b" $HOME `id`', "ünï", " spaces ", "-rf", "*", "a\\b", "a#b;c:d"])
def test_the_path_of_the_checkout_may_have_any_character(checkout: Path, fake_python: str, name: str) -> None:
    place = checkout.rename(checkout.parent / name)
    first = install(place, "rehearse", FLOWFORGE_PYTHON=fake_python)
    assert (first.returncode, first.stdout.endswith("-I -m installer rehearse\n")) == (0, True), first
    assert install(place, "rehearse", FLOWFORGE_PYTHON=fake_python).stderr == ""
    called = subprocess.run([str(place / ".venv" / "bin" / "flowforge-install"), "x"], capture_output=True, check=False)
    assert called.stdout.endswith(b"-I -m installer x\n")


def test_a_path_with_a_line_break_is_refused(checkout: Path, fake_python: str) -> None:
    place = checkout.rename(checkout.parent / "two\nlines")
    assert_refused(install(place, "runs", FLOWFORGE_PYTHON=fake_python), place, "line break")


def test_settings_that_put_packages_elsewhere_are_not_used(checkout: Path, tmp_path: Path) -> None:
    """With PIP_TARGET or PIP_DRY_RUN, pip succeeds and the environment has no packages."""
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON.replace('"-I -m pip") ', f'"-I -m pip") env >{shlex.quote(str(tmp_path / "env"))}; '))
    python.chmod(0o755)
    kept = {"PIP_INDEX_URL": "https://index", "PIP_CERT": "x\nPIP_CERTAIN=y", "PIP_PROXY": "p"}
    moved = dict.fromkeys(
        ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_USER", "PIP_NO_DEPS", "PIP_PYTHON"), "1"
    )
    assert install(checkout, "runs", FLOWFORGE_PYTHON=str(python), **kept, **moved).returncode == 0
    seen = (tmp_path / "env").read_text()
    assert [name for name in kept if f"{name}={kept[name]}\n" not in seen] == []
    assert [name for name in moved if f"{name}=" in seen] == []


def test_packages_that_pip_has_put_elsewhere_are_noticed(checkout: Path, tmp_path: Path) -> None:
    """As with `target` in a configuration file of pip."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        (checkout / name).write_text(
            "left-out==1.0 \\\n    --hash=sha256:00\nother-system==1.0 ; sys_platform == 'x' \\\n    --hash=y\n"
        )
    python = tmp_path / "python"
    python.write_text(
        FAKE_PYTHON.replace(
            '"-I -c import sys"*) ', '"-I -c import sys, importlib"*) lock "$@" ;;\n"-I -c import sys"*) '
        )
    )
    python.chmod(0o755)
    done = install(checkout, "runs", FLOWFORGE_PYTHON=str(python))
    assert_refused(done, checkout, "left-out==1.0, …", "PIP_CONFIG_FILE")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_disk_that_is_full_at_the_end_leaves_nothing(checkout: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    full = 'ln -s /dev/full "$4/.flowforge"; '
    python.write_text(
        FAKE_PYTHON.replace(
            '"-I -m venv") mkdir -p "$4/bin" "$4/site" && ', f'"-I -m venv") mkdir -p "$4/bin" "$4/site"; {full}'
        )
    )
    python.chmod(0o755)
    assert_refused(
        install(checkout, "runs", FLOWFORGE_PYTHON=str(python)), checkout, "cannot be written", "disk is full"
    )
    assert not list(checkout.glob(".venv*"))


@pytest.mark.parametrize("proxy", ["http://me:p@ss/w0rd@proxy.corp:8080", "me:p@ss/w0rd@proxy.corp:8080"])
@pytest.mark.parametrize("said", ["ProxyError", "Failed to parse: http://me:p@ss/w0rd@proxy.corp:8080"])
def test_the_password_of_a_proxy_is_never_printed(checkout: Path, fake_python: str, proxy: str, said: str) -> None:
    more = {"HTTPS_PROXY": proxy, "FAKE_PIP_FAILS": said}
    done = install(checkout, "runs", FLOWFORGE_PYTHON=fake_python, **more)
    assert_refused(done, checkout, "proxy.corp:8080")
    assert "w0rd" not in done.stdout + done.stderr


def test_a_link_to_the_command_works_in_any_folder(checkout: Path, fake_python: str, tmp_path: Path) -> None:
    home, bin_folder = tmp_path / "it's home", tmp_path / "it's home" / ".local" / "bin"
    done = install(checkout, "link", FLOWFORGE_PYTHON=fake_python, HOME=str(home))
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        f"flowforge-install: {bin_folder / 'flowforge-install'}",
        f"{bin_folder} is not in your PATH: add it, or call the command by its path.",
    ]

    def called(path: str) -> str:
        command = "flowforge-install" if path else str(bin_folder / "flowforge-install")
        given = {"PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]}
        return subprocess.run(
            ["/bin/sh", "-c", f'"{command}" runs --plain'],
            capture_output=True,
            text=True,
            env=given,
            cwd=tmp_path,
            check=True,
        ).stdout

    assert called(str(bin_folder)) == "called as  with: -I -m installer runs --plain\n"
    assert called("") == f"called as {bin_folder / 'flowforge-install'} with: -I -m installer runs --plain\n"


def test_a_link_replaces_no_file(checkout: Path, fake_python: str, tmp_path: Path) -> None:
    theirs = tmp_path / "flowforge-install"
    theirs.write_text("theirs")
    done = install(checkout, "link", str(tmp_path), FLOWFORGE_PYTHON=fake_python)
    assert done.returncode == 2
    assert "exists and is no link" in done.stderr
    assert theirs.read_text() == "theirs"
    again = [install(checkout, "link", str(tmp_path / "new"), FLOWFORGE_PYTHON=fake_python) for _ in range(2)]
    assert [one.returncode for one in again] == [0, 0]


def test_it_runs_no_module_of_the_folder_in_which_it_is_called(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("venv", "logging", "ssl", "sysconfig"):
        (folder / f"{name}.py").write_text("raise SystemExit('foreign code was run')")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FLOWFORGE_", "PYTHON"))}
    done = subprocess.run(
        ["/bin/sh", str(checkout / "install.sh"), "--wheelhouse", str(folder), "--version"],
        capture_output=True,
        text=True,
        env={**kept, "PYTHONPATH": str(folder)},
        cwd=folder,
        timeout=120,
        check=False,
    )
    assert_refused(done, checkout, "does not hold every package")
