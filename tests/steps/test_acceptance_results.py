"""Results of an acceptance run in custom metrics: the latest of each hop, in order, once they have arrived."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from installer.errors import InstallerError
from installer.jsontypes import Json
from installer.steps.acceptance_results import HopMetrics, sentence
from tests.steps.step_context import Attempt
from tests.steps.test_prefect import Told

if TYPE_CHECKING:
    from installer.cloud.rest import Service


@dataclass
class Target:
    """A real cloud, whose time is short."""

    is_rehearsal: bool = False
    speed: float = 1000.0


@dataclass
class Body:
    """A response."""

    body: dict[str, Any]


@dataclass
class Arm:
    """Answers one after the other; None is a refusal."""

    answers: list[dict[str, Any] | None]
    target: Target = field(default_factory=Target)
    asked: list[str] = field(default_factory=list)

    def ask(self, _method: str, path: str, *, doing: str) -> Body:
        """The next answer, the last one again and again."""
        assert doing
        self.asked.append(path)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if found is None:
            raise InstallerError("Failed to find metric configuration")
        return Body(found)


def series(hop: str, when: str, maximum: float | None, state: str = "passed", code: str = "none") -> Json:
    """As Azure writes it, with names in lower case."""
    metadata: list[Json] = [
        {"name": {"value": name}, "value": value} for name, value in (("hop", hop), ("state", state), ("code", code))
    ]
    point: dict[str, Json] = {"timeStamp": when, **({} if maximum is None else {"maximum": maximum})}
    return {"metadatavalues": metadata, "data": [point]}


def metrics(*found: Json) -> dict[str, Any]:
    return {"value": [{"timeseries": list(found)}]}


def read(arm: Arm) -> tuple[Any, ...]:
    context = Attempt().context(Told([]))
    return HopMetrics(cast("Service", arm), "/lake", "dev", "run 1").read(context)


def test_the_latest_result_of_each_hop_is_read_once_all_have_arrived() -> None:
    first = metrics(series("token", "08:00", 5))
    whole = metrics(
        series("metric", "08:01", 9),
        series("landing", "08:00", 7, "failed", "Forbidden"),
        series("landing", "08:01", 8),
        series("token", "08:00", 5),
        series("gold", "08:00", None),
    )
    arm = Arm([None, first, whole])
    found = read(arm)
    assert [(one.hop, one.state, one.milliseconds, one.code) for one in found] == [
        ("token", "passed", 5, ""),
        ("landing", "passed", 8, ""),
        ("metric", "passed", 9, ""),
    ]
    assert len(arm.asked) == 3
    assert arm.asked[0].startswith("/lake/providers/Microsoft.Insights/metrics?")
    assert sentence("dev", found) == "Data path of dev: token 5 ms, landing 8 ms, metric 9 ms"


def test_what_never_arrives_is_not_waited_for_forever() -> None:
    arm = Arm([None])
    assert read(arm) == ()
    assert 2 < len(arm.asked) <= 13, "every 15 seconds for three minutes"


def test_a_rehearsal_has_them_at_once_or_not_at_all() -> None:
    arm = Arm([None], Target(is_rehearsal=True))
    assert read(arm) == ()
    assert len(arm.asked) == 2
