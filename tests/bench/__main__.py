"""Prints the project's performance figures, as ratios within this run.

python -m tests.bench            all
python -m tests.bench start      first paint and --help
python -m tests.bench keys       key presses while a rehearsal runs
python -m tests.bench rehearsal  a headless rehearsal at the default speed
python -m tests.bench following  wall time against the critical path at 50, 300 and 1,000 resources, and reads a minute
python -m tests.bench live       a repaint with few and many rows; time until a resumed run is shown; cost while idle
python -m tests.bench checks     checks of four environments against the slowest chain of requests
python -m tests.bench policies   a corporate landing zone: compiling its rules, and judging an installation by them
python -m tests.bench reads      reads of each check for the largest answers file with four environments, in a landing zone
python -m tests.bench templates  a large template against the compiler's snapshot of it
python -m tests.bench deployments   many deployments in one embedded Azure: flat in time and memory, the same outcome twice
python -m tests.bench --short …  each figure from one measurement, as the test suite makes it: it shows that they still run
python -m tests.bench mutated    only if named: damaged files, more than in the tests; SECONDS and SEED
python -m tests.bench fleet      only if named: 1,000 planned and 50 rehearsed members; options in fleet.py
python -m tests.bench kills      only if named: a rehearsal killed repeatedly; options in kills.py
python -m tests.bench life       only if named: the whole life of an installation, command by command; options in life.py
"""

import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from installer.runs.session import DEFAULT_SPEED
from tests.bench.rounds import SHORT
from tests.bench.rounds import measured as extent
from tests.e2e.conftest import ANSWERS, emulator_records, environment

HERE = Path(__file__).parent
ROUNDS = extent(7, 1)


def first_paint(arguments: list[str]) -> float:
    """Seconds from starting Python to the first frame, on a pseudo-terminal."""
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder) / "mark"
        begun = time.time()
        pid, descriptor = pty.fork()
        if pid == 0:
            os.environ.update(FIRST_PAINT=str(mark), TERM="xterm-256color", COLUMNS="80", LINES="24")
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  the Python of this process
        try:
            while os.read(descriptor, 65536):
                pass
        except OSError:
            pass
        os.waitpid(pid, 0)
        os.close(descriptor)
        return float(mark.read_text(encoding="utf-8")) - begun


def seconds(arguments: list[str]) -> float:
    """Wall seconds of a command."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - begun


def start() -> None:
    """First paint against a bare app, --help against importing click; medians of alternating rounds."""
    with tempfile.TemporaryDirectory() as state:
        bare, page, questions, click, help_text = [], [], [], [], []
        for _ in range(ROUNDS):
            bare.append(first_paint([str(HERE / "bare_textual.py")]))
            page.append(first_paint(["-m", "tests.bench.wizard_paint", "page", state]))
            questions.append(first_paint(["-m", "tests.bench.wizard_paint", "questions", state]))
            click.append(seconds(["-c", "import click"]))
            help_text.append(seconds(["-m", "installer", "--help"]))
    middle = statistics.median
    print(f"bare Textual app, first paint         {middle(bare):.3f} s")
    print(f"wizard, first page takes keys         {middle(page):.3f} s  {middle(page) / middle(bare):.2f} times")
    print(
        f"wizard, first questions take keys     {middle(questions):.3f} s  {middle(questions) / middle(bare):.2f} times"
    )
    print(f"python -c 'import click'              {middle(click):.3f} s")
    print(
        f"flowforge-install --help              {middle(help_text):.3f} s  {middle(help_text) / middle(click):.2f} times"
    )


def keys() -> None:
    """Key presses on the live page."""
    with tempfile.TemporaryDirectory() as state:
        arguments = [str(HERE / "key_latency.py"), str(ANSWERS / "dev.yaml"), state]
        subprocess.run([sys.executable, *arguments], check=True, env=environment())


def rehearsal() -> None:
    """A headless rehearsal: wall time, and the deployment against the critical path of what the emulator."""
    from installer.engine.journal import Journal
    from installer.engine.progress import seconds_of

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        took = seconds(
            ["-m", "installer", "rehearse", "--answers", str(ANSWERS / "dev.yaml"), "--yes", "--state-dir", folder]
        )
        (directory,) = (state / "runs").iterdir()
        with Journal(directory, write=False) as journal:
            events = list(journal.events())
        timeline = {
            row["name"]: row["criticalPathSimulatedSeconds"] / DEFAULT_SPEED
            for row in emulator_records(state, "/rehearsal/timeline")
        }
    from installer.answers.files import load
    from installer.estate.resources import estate

    until: dict[str, float] = {}
    for stage in estate(load(ANSWERS / "dev.yaml").answers):
        until[stage.spec.key] = timeline[stage.spec.deployment_name] + max(
            (until[n] for n in stage.spec.needs), default=0
        )
    critical = max(until.values())
    stages = set(until)
    times = [seconds_of(e.at) for e in events if e.step in stages and e.kind in ("step.started", "step.finished")]
    deployment = max(times) - min(times)
    print(f"headless rehearsal at the default speed   {took:.1f} s")
    print(
        f"its deployments                           {deployment:.1f} s, {deployment / critical:.3f} times the critical path of {critical:.1f} s"
    )


def following() -> None:
    """Follow deployments of several sizes."""
    from tests.bench.deployment_follower import main

    main()


def live() -> None:
    """The live page with scripted events, and on a slow run."""
    from tests.bench.live_page import main

    main()


def checks() -> None:
    """The checks before the first write."""
    from tests.bench.checks import main

    main()


def policies() -> None:
    """Azure Policy in the embedded Azure."""
    from tests.bench.policy_judgement import main

    main()


def templates() -> None:
    """Evaluation of a large template against the compiler's snapshot."""
    from tests.bench.template_evaluation import main as evaluate

    evaluate()


def reads() -> None:
    """Reads of the checks."""
    from tests.bench.check_reads import main

    main()


def deployments() -> None:
    """Many deployments in one server process."""
    from tests.bench.many_deployments import main

    main()


if __name__ == "__main__":
    if sys.argv[1:2] == ["life"]:
        from tests.bench.life import main as whole_life

        sys.exit(whole_life(sys.argv[2:]))
    if sys.argv[1:2] == ["kills"]:
        from tests.bench.kills import main

        sys.exit(main(sys.argv[2:]))
    if sys.argv[1:2] == ["fleet"]:
        from tests.bench.fleet import main as fleet

        sys.exit(fleet(sys.argv[2:]))
    if sys.argv[1:2] == ["mutated"]:
        from tests.bench.damaged_files import main as mutated

        sys.exit(mutated(sys.argv[2:]))
    names = [word for word in sys.argv[1:] if word != "--short"]
    if names != sys.argv[1:] and SHORT not in os.environ:
        os.environ[SHORT] = "1"  # before the modules are imported that read it
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench", *sys.argv[1:]])  # noqa: S606  this program again
    chosen = names or [
        "start",
        "keys",
        "rehearsal",
        "following",
        "live",
        "checks",
        "policies",
        "reads",
        "templates",
        "deployments",
    ]
    for name in chosen:
        known = {"start": start, "keys": keys, "rehearsal": rehearsal, "following": following, "live": live}
        more = {"reads": reads, "templates": templates, "deployments": deployments}
        {**known, "checks": checks, "policies": policies, **more}[name]()
