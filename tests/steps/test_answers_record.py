"""Azure knows the answers: kept once, read again to the letter, and never written over while another run builds by others."""

import platform
from collections.abc import Mapping

import pytest
from typing_extensions import override

from installer.cloud.models import Deployment
from installer.engine.step import Context, Question, Stop
from installer.engine.stream import Stream
from installer.errors import UsageError
from installer.json_access import as_object
from installer.jsontypes import Json
from installer.steps.answers_record import RecordAnswers, recorded
from installer.steps.deployment import RUN_TAG
from tests.cloud.no_cloud import FakeArm
from tests.engine.scripted_steps import Memory

ANSWERS: dict[str, Json] = {"subscription": {"prefix": "contoso"}}


class Cloud(FakeArm):
    """Takes deployments, which succeed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Deployment] = {}
        self.sent = 0

    def deployment(self, name: str) -> Deployment | None:
        """By name."""
        return self.known.get(name)

    @override
    def deployments(self, installation: str = "") -> list[Deployment]:
        """All."""
        return list(self.known.values())

    @override
    def accepted(self, name: str, parameters: Mapping[str, Json], tags: Mapping[str, str]) -> Deployment:
        """Done at once."""
        self.sent += 1
        values = {key: as_object(value)["value"] for key, value in parameters.items()}
        self.known[name] = Deployment(name, "succeeded", tags=dict(tags), sent=values)
        return self.known[name]


def no_answer(question: Question, stop: Stop) -> None:
    """Never answers."""


def kept(cloud: Cloud, answers: dict[str, Json], run: str = "contoso-1") -> None:
    """As the engine does it."""
    step = RecordAnswers(cloud, "ff-contoso-answers", "contoso", "swedencentral", answers, {"a": "given"}, "1.0")
    context = Context("answers", Stream(), Memory(), {}, Stop(), no_answer, run)
    if step.check(context) is None:
        step.apply(context)


def test_the_record_is_read_back_with_its_author() -> None:
    cloud = Cloud()
    kept(cloud, ANSWERS)
    found = recorded(cloud.known["ff-contoso-answers"], "s")
    assert found is not None
    assert (found.answers, found.given, found.run, found.installer) == (ANSWERS, {"a": "given"}, "contoso-1", "1.0")
    assert (found.installation, found.by) == ("contoso", f"contoso-1@{platform.node()}")


def test_the_same_answers_are_kept_once_whichever_run_they_are_of() -> None:
    cloud = Cloud()
    kept(cloud, ANSWERS)
    kept(cloud, ANSWERS, "contoso-2")
    assert cloud.sent == 1
    kept(cloud, {"other": 1}, "contoso-2")
    assert cloud.sent == 2


def test_another_run_with_other_answers_is_refused_while_the_first_builds() -> None:
    cloud = Cloud()
    kept(cloud, ANSWERS)
    cloud.known["ff-contoso-data"] = Deployment("ff-contoso-data", "running")
    with pytest.raises(UsageError, match=r"run contoso-1@.* is deploying .*ff-contoso-data is running"):
        kept(cloud, {"other": 1}, "contoso-2")
    kept(cloud, {"other": 1})  # its own run may
    assert cloud.sent == 2


def test_a_deployment_of_the_same_run_is_not_in_its_way() -> None:
    cloud = Cloud()
    kept(cloud, ANSWERS)
    kept(cloud, {"other": 1}, "contoso-2")
    own = {RUN_TAG: cloud.known["ff-contoso-answers"].tags[RUN_TAG]}
    kept(cloud, ANSWERS)
    cloud.known["ff-contoso-promotion-qa"] = Deployment("ff-contoso-promotion-qa", "running", tags=own)
    kept(cloud, {"other": 1}, "contoso-2")
    assert cloud.sent == 4


@pytest.mark.parametrize("tags", [{}, {"flowforge-installation": "contoso"}])
def test_any_other_deployment_is_no_record(tags: dict[str, str]) -> None:
    assert recorded(Deployment("d", "succeeded", tags=tags, sent={"answers": 3}), "s") is None
