"""Progress of a run, derived only from its events."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from installer.durations import Duration, remaining_text
from installer.engine.events import Event, Kind
from installer.engine.progress import Progress
from installer.engine.progress_rows import StepRow
from installer.jsontypes import Json

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds: float) -> float:
    return (NOON + timedelta(seconds=seconds)).timestamp()


@dataclass
class ProgressFeed:
    """Feeds events to a `Progress`, each at a number of seconds after noon."""

    progress: Progress = field(default_factory=Progress)
    number: int = 0

    def emit(self, at: float, kind: Kind, step: str = "", resource: str = "", text: str = "", **data: Json) -> None:
        self.number += 1
        when = (NOON + timedelta(seconds=at)).isoformat()
        self.progress.take(Event(self.number, when, kind, step, resource, text, data))

    def begin(self, at: float = 0.0, **usual: float) -> None:
        """Start an attempt with the given steps, each needing the previous one; a key that ends with _ needs none."""
        steps: list[Json] = []
        before: list[Json] = []
        for key, seconds in usual.items():
            needs: list[Json] = [] if key.endswith("_") else list(before)
            steps.append({"key": key, "title": key.upper(), "needs": needs, "usual": seconds})
            before = [key]
        self.emit(at, "run.started", steps=steps)

    @property
    def question(self) -> str:
        """Text of the open question."""
        return self.progress.question.text if self.progress.question else ""

    def left(self, at: float) -> float:
        """Expected remaining seconds."""
        return self.progress.left(after(at)).usual

    def step(self, key: str) -> StepRow:
        return self.progress.steps[key]


def test_the_steps_are_known_from_the_first_event() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=30)
    assert [(row.key, row.title, row.state, row.usual, row.needs) for row in feed.progress.steps.values()] == [
        ("a", "A", "waiting", 10, ()),
        ("b", "B", "waiting", 30, ("a",)),
    ]
    assert (feed.progress.fraction(after(0)), feed.left(0)) == (0.0, 40.0)


def test_a_step_passes_through_its_states() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(1, "step.started", "a")
    assert (feed.step("a").state, feed.step("a").elapsed(after(4))) == ("running", 3)
    feed.emit(5, "step.progressed", "a", text="half")
    assert (feed.step("a").state, feed.step("a").text) == ("running", "half")
    feed.emit(6, "step.finished", "a")
    assert (feed.step("a").state, feed.step("a").elapsed(after(99))) == ("done", 5)


@pytest.mark.parametrize(
    ("told", "state"),
    [("done", "same"), ("blocked", "blocked"), ("interrupted", "stopped"), ("waiting", "question"), ("else", "same")],
)
def test_the_reason_for_skipping_a_step_is_shown(told: str, state: str) -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(1, "step.skipped", "a", state=told)
    assert feed.step("a").state == state


def test_the_fraction_counts_time_and_reaches_one_only_at_the_end() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=30)
    feed.emit(0, "step.started", "a")
    feed.emit(10, "step.finished", "a")
    feed.emit(10, "step.started", "b")
    assert feed.progress.fraction(after(10)) == pytest.approx(0.25)
    assert feed.progress.fraction(after(25)) == pytest.approx(0.625)
    assert feed.progress.fraction(after(9999)) < 1  # however late it is, it is not done
    feed.emit(40, "step.finished", "b")
    assert feed.progress.fraction(after(40)) == 0.99
    feed.emit(41, "run.finished", state="succeeded")
    assert (feed.progress.fraction(after(41)), feed.progress.state) == (1.0, "succeeded")


def test_a_slow_step_still_needs_a_little() -> None:
    feed = ProgressFeed()
    feed.begin(a=100)
    feed.emit(0, "step.started", "a")
    assert feed.left(30) == 70
    assert feed.left(5000) > 5


def test_what_is_left_is_the_longest_chain_and_its_running_step_is_critical() -> None:
    feed = ProgressFeed()
    feed.begin(short=5, end=5, long_=50, tail=10)
    for key in ("short", "long_"):
        feed.emit(0, "step.started", key)
    assert feed.left(0) == 60
    assert feed.progress.critical(after(0)) == ["long_", "tail"]
    feed.emit(5, "step.finished", "short")
    assert feed.left(20) == 40
    feed.emit(50, "step.finished", "long_")
    assert feed.progress.critical(after(50)) == ["tail"]
    feed.emit(50, "step.started", "tail")
    feed.emit(60, "step.finished", "tail")
    feed.emit(60, "step.finished", "end")
    assert feed.progress.critical(after(60)) == []


def test_steps_blocked_by_a_failure_are_neither_left_nor_critical() -> None:
    feed = ProgressFeed()
    steps: list[Json] = [
        {"key": "a", "title": "A", "needs": [], "usual": 100},
        {"key": "b", "title": "B", "needs": [], "usual": 30},
        {"key": "c", "title": "C", "needs": ["a", "b"], "usual": 500},
        {"key": "d", "title": "D", "needs": ["c"], "usual": 500},
    ]
    feed.emit(0, "run.started", steps=steps)
    feed.emit(0, "step.started", "a")
    feed.emit(0, "step.started", "b")
    assert feed.progress.left(after(0)).usual == 1100
    feed.emit(0, "step.failed", "a", text="no quota")
    assert feed.progress.left(after(0)).usual == 30
    assert feed.progress.lost() == {"a", "c", "d"}
    assert feed.progress.critical(after(0)) == ["b"]
    feed.emit(0, "step.started", "a")
    assert feed.progress.lost() == set()
    assert feed.progress.left(after(0)).usual == 1100


def test_what_is_left_is_a_range_that_is_narrow_where_the_times_are_known() -> None:
    feed = ProgressFeed()
    steps: list[Json] = [
        {"key": "known", "title": "K", "usual": 100, "low": 90, "high": 120},
        {"key": "guessed", "title": "G", "usual": 100},
    ]
    feed.emit(0, "run.started", steps=steps)
    known, guessed = feed.step("known").duration, feed.step("guessed").duration
    assert (known.low, known.high) == (90, 120)
    assert guessed.low < known.low < known.high < guessed.high
    left = feed.progress.left(after(0))
    assert left.low < left.usual < left.high


def test_the_uncertainty_of_several_steps_is_less_than_the_sum_of_each() -> None:
    feed = ProgressFeed()
    feed.begin(a=100, b=100, c=100, d=100)
    one, all_of_them = feed.step("a").duration, feed.progress.left(after(0))
    assert all_of_them.usual == 400
    assert one.high - one.usual < all_of_them.high - all_of_them.usual < 4 * (one.high - one.usual)


def test_a_run_that_has_been_slow_so_far_is_expected_to_stay_slow() -> None:
    feed = ProgressFeed()
    feed.begin(a=600, b=600)
    feed.emit(0, "step.started", "a")
    assert feed.left(300) == 900
    feed.emit(1200, "step.finished", "a")
    assert 900 < feed.left(1200) < 1200  # b alone usually takes 600
    assert ProgressFeed().progress.pace(after(0)) == 1.0


def test_a_run_at_its_usual_pace_is_expected_to_take_the_usual_time() -> None:
    feed = ProgressFeed()
    feed.begin(a=600, b=600)
    feed.emit(0, "step.started", "a")
    feed.emit(600, "step.finished", "a")
    assert feed.left(600) == 600


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (840, 1290, "14\N{EN DASH}22 min left"),
        (0, 90, "up to 90 s left"),
        (10, 55, "10\N{EN DASH}55 s left"),
        (3, 8, "3\N{EN DASH}8 s left"),
        (0, 0, "up to 1 s left"),
        (60, 100, "1\N{EN DASH}2 min left"),
        (295, 299, "4\N{EN DASH}5 min left"),
        (300, 300, "about 5 min left"),
    ],
)
def test_what_is_left_in_words(low: float, high: float, words: str) -> None:
    assert remaining_text(Duration(low, (low + high) / 2, high)) == words


def test_a_row_that_exceeds_its_usual_range_is_slow() -> None:
    feed = ProgressFeed()
    feed.emit(0, "run.started", steps=[{"key": "a", "title": "A", "usual": 100, "low": 80, "high": 150}])
    feed.emit(0, "step.started", "a")
    feed.emit(0, "resource.started", "a", "st", type="Microsoft.Storage/storageAccounts", usual=30)
    assert not feed.step("a").slow(after(150))
    assert feed.step("a").slow(after(160))
    (row,) = feed.step("a").resources.values()
    assert row.duration.high < 60  # recorded: the embedded Azure's table knows it well
    feed.emit(160, "step.finished", "a")
    assert not feed.step("a").slow(after(999))


def test_a_circle_in_a_file_does_not_hang() -> None:
    feed = ProgressFeed()
    steps: list[Json] = [
        {"key": "a", "title": "A", "needs": ["b", "elsewhere"], "usual": 1},
        {"key": "b", "title": "B", "needs": ["a"], "usual": 1},
    ]
    feed.emit(0, "run.started", steps=steps)
    assert 1 <= feed.left(0) <= 3
    assert len(feed.progress.critical(after(0))) <= 2


@pytest.mark.parametrize("steps", [None, "x", [1, None, "x"], [{}], [{"key": "a", "needs": 3, "usual": "long"}]])
def test_a_malformed_start_event_is_harmless(steps: Json) -> None:
    feed = ProgressFeed()
    feed.emit(0, "run.started", steps=steps)
    feed.emit(1, "step.started", "b")
    feed.emit(1, "resource.started", "b", "x")
    assert feed.progress.fraction(after(1)) == 0.0
    assert feed.left(1) == 0.0
    assert len(feed.progress.critical(after(1))) <= 1
    assert "b" not in feed.progress.steps


# -- resources -------------------------------------------------------------------------------------------------------


def test_a_resource_is_one_row_under_its_step() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "resource.started", "a", "st", id="/x/st", type="storage", usual=4)
    feed.emit(2, "resource.progressed", "a", "st", id="/x/st")
    feed.emit(3, "resource.started", "a", "kv", id="/x/kv")
    feed.emit(4, "resource.finished", "a", "st", id="/x/st")
    feed.emit(5, "resource.failed", "a", "kv", "no", id="/x/kv")
    rows = feed.step("a").resources
    assert [(row.title, row.state, row.elapsed(after(9))) for row in rows.values()] == [
        ("st", "done", 3),
        ("kv", "failed", 2),
    ]
    assert (rows["/x/st"].kind, rows["/x/st"].usual) == ("storage", 4)


@pytest.mark.parametrize(
    ("kind", "told", "state"),
    [
        ("step.finished", "", "done"),
        ("step.skipped", "done", "done"),
        ("step.failed", "", "stopped"),
        ("step.skipped", "interrupted", "stopped"),
    ],
)
def test_nothing_runs_in_a_step_that_is_over(kind: Kind, told: str, state: str) -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "resource.started", "a", "st")
    feed.emit(1, "resource.started", "a", "bad")
    feed.emit(2, "resource.failed", "a", "bad")
    feed.emit(7, kind, "a", state=told)
    rows = feed.step("a").resources
    assert (rows["st"].state, rows["st"].elapsed(after(60))) == (state, 6)
    assert (rows["bad"].state, rows["bad"].elapsed(after(60))) == ("failed", 1)


def test_a_resource_that_begins_again_counts_from_there() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(1, "resource.started", "a", "st")
    feed.emit(2, "resource.failed", "a", "st")
    feed.emit(10, "resource.started", "a", "st")
    assert (feed.step("a").resources["st"].state, feed.step("a").resources["st"].elapsed(after(12))) == ("running", 2)


# -- several attempts, questions, failures ---------------------------------------------------------------------------


def test_a_resumed_run_keeps_what_was_finished_and_forgets_the_rest() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "resource.started", "a", "done before")
    feed.emit(2, "resource.finished", "a", "done before")
    feed.emit(2, "resource.started", "a", "open")
    feed.emit(3, "step.failed", "a", text="no quota")
    feed.emit(3, "run.finished", state="failed")
    assert feed.progress.state == "failed"
    feed.begin(1000, a=10, b=10)
    assert (feed.progress.state, feed.progress.ended, feed.progress.began) == ("running", 0.0, after(1000))
    assert (feed.step("a").state, feed.step("a").text) == ("waiting", "")
    assert list(feed.step("a").resources) == ["done before"]
    assert feed.progress.fraction(after(1000)) == 0.0


def test_an_attempt_for_one_step_leaves_the_others_unchanged() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=10, c=10)
    feed.emit(1, "step.started", "a")
    feed.emit(2, "step.finished", "a")
    feed.emit(2, "step.failed", "b", text="no quota")
    feed.emit(2, "step.skipped", "c", state="blocked")
    assert [row.key for row in feed.progress.blocked_by("b")] == ["c"]
    steps: list[Json] = [
        {"key": k, "title": k, "needs": list[Json](n), "usual": 10} for k, n in (("a", []), ("b", ["a"]), ("c", []))
    ]
    feed.emit(9, "run.started", steps=steps, only=["b"])
    assert [row.state for row in feed.progress.steps.values()] == ["done", "waiting", "blocked"]


def test_a_retried_step_blocks_nothing_and_forgets_its_failed_resources() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b=10, c=10)
    feed.emit(1, "step.started", "a")
    feed.emit(2, "resource.finished", "a", "st")
    feed.emit(2, "resource.failed", "a", "kv", "no")
    feed.emit(2, "step.failed", "a", text="no")
    for key in ("b", "c"):
        feed.emit(2, "step.skipped", key, state="blocked", text="waits for A")
    assert [row.key for row in feed.progress.blocked_by("a")] == ["b", "c"]
    feed.emit(9, "step.started", "a")
    assert [(row.state, row.text) for row in feed.progress.steps.values()] == [
        ("running", ""),
        ("waiting", ""),
        ("waiting", ""),
    ]
    assert list(feed.step("a").resources) == ["st"]
    assert feed.left(9) == 30


def test_a_failed_run_is_never_whole() -> None:
    feed = ProgressFeed()
    feed.begin(a=10, b_=10)
    feed.emit(0, "step.started", "a")
    feed.emit(10, "step.finished", "a")
    feed.emit(0, "step.started", "b_")
    feed.emit(5, "step.failed", "b_")
    feed.emit(10, "run.finished", state="failed", exit_code=4)
    assert feed.progress.fraction(after(999)) == pytest.approx(0.75)


def test_a_failure_before_the_first_step_is_shown() -> None:
    feed = ProgressFeed()
    feed.emit(0, "step.failed", text="not signed in")
    assert feed.progress.error == "not signed in"
    feed.begin(1, a=1)
    assert feed.progress.error == ""


def test_a_question_is_open_until_it_is_answered() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "question", "a", text="Where?", key="where")
    assert feed.step("a").state == "question"
    assert feed.question == "Where?"
    feed.emit(2, "answer", "a", key="where", value="here")
    assert feed.question == ""
    assert feed.step("a").state == "running"


def test_an_unanswered_question_is_not_open_in_the_next_attempt() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(1, "question", "a", text="Where?")
    feed.emit(2, "step.skipped", "a", state="waiting")
    assert feed.question == "Where?"  # it is what the run waits for
    feed.begin(9, a=10)
    assert feed.question == ""


def test_a_question_at_which_the_run_was_stopped_is_closed() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(1, "question", "a", text="Where?")
    feed.emit(2, "step.skipped", "a", state="interrupted")
    assert feed.question == ""


# -- waiting for a person --------------------------------------------------------------------------------------------


def test_the_time_left_does_not_shrink_while_a_person_is_waited_for() -> None:
    feed = ProgressFeed()
    feed.begin(a=100, b=50)
    feed.emit(0, "step.started", "a")
    feed.emit(20, "question", "a", key="q")
    assert (feed.left(20), feed.left(4000)) == (130, 130)
    assert feed.progress.fraction(after(4000)) == feed.progress.fraction(after(20))
    feed.emit(4000, "answer", "a", key="q")
    assert feed.left(4010) == pytest.approx(120)
    assert not feed.step("a").slow(after(4010))
    assert feed.step("a").elapsed(after(4010)) == 4010


def test_two_questions_of_a_step_are_both_left_out() -> None:
    feed = ProgressFeed()
    feed.begin(a=100)
    feed.emit(0, "step.started", "a")
    for asked, answered in ((10, 500), (510, 900)):
        feed.emit(asked, "question", "a", key="q")
        feed.emit(answered, "answer", "a", key="q")
    assert feed.step("a").worked(after(905)) == 25
    feed.emit(910, "step.finished", "a")
    assert feed.step("a").worked(after(9999)) == 30


def test_a_step_that_gives_up_waiting_and_starts_again_counts_from_there() -> None:
    feed = ProgressFeed()
    feed.begin(a=100)
    feed.emit(0, "step.started", "a")
    feed.emit(10, "question", "a", key="q")
    feed.emit(300, "step.skipped", "a", state="waiting")
    assert feed.step("a").worked(after(900)) == 10
    feed.emit(1000, "step.started", "a")
    assert feed.step("a").worked(after(1005)) == 5


def test_a_step_shows_when_its_next_attempt_begins() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "resource.failed", "a", "st", "Conflict: busy")
    feed.emit(2, "warning", "a", text="tried again in 18 s: Conflict: busy", seconds=18.0)
    step = feed.step("a")
    assert [step.retry_text(after(at)) for at in (3, 19, 21)] == ["next attempt in 0:17", "next attempt in 0:01", ""]
    feed.emit(5, "resource.started", "a", "st")
    assert step.retry_text(after(6)) == ""
    feed.emit(7, "warning", "a", text="another kind of warning")
    assert step.retry_text(after(8)) == ""


def test_what_a_resource_has_become_is_said_without_its_name() -> None:
    feed = ProgressFeed()
    feed.begin(a=10)
    feed.emit(0, "step.started", "a")
    feed.emit(1, "resource.finished", "a", "work pool flowforge-dev", "work pool flowforge-dev created")
    feed.emit(1, "resource.failed", "a", "rg-dev", "Conflict (rg-dev): the name is taken")
    feed.emit(1, "resource.failed", "a", "aks", "Conflict (rg-dev): the name is taken")
    assert [row.text for row in feed.step("a").resources.values()] == [
        "created",
        "Conflict: the name is taken",
        "Conflict (rg-dev): the name is taken",
    ]
