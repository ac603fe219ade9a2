"""Data of each kind of event beside its text: the schema that renderers, journals and replays rely on.

Every key may be missing: older journals have fewer. `stream.Emitter` has mypy check keys and types where an event is emitted.
"""

from collections.abc import Mapping
from typing import Final, TypedDict

from installer.errors import FailureDetail
from installer.jsontypes import Json


class NoData(TypedDict, total=False):
    """Nothing beside the text."""


class RunStarted(TypedDict, total=False):
    """An attempt begins.

    Attributes:
        run: name of the run.
        resumed: whether there were attempts before.
        only: keys of the steps that this attempt is limited to; None for all.
        blocks: keys of the steps that are left out although they need one of `only`.
        steps: key, title, needs, usual, low and high (seconds) of every step.

    """

    run: str
    resumed: bool
    only: list[Json] | None
    blocks: list[Json]
    steps: list[Json]


class RunFinished(TypedDict, total=False):
    """An attempt is over, in this state and with this exit code."""

    state: str
    exit_code: int


class StepStarted(TypedDict, total=False):
    """A step begins; `usual`: how many seconds it usually takes."""

    usual: float


class StepProgressed(TypedDict, total=False):
    """A step has come further: what it proves, at which address it answers, after how many seconds."""

    proof: str
    ui: str
    seconds: float


class StepFinished(TypedDict, total=False):
    """A step is done, after `seconds`; `outputs`: names of what it gives to later steps."""

    seconds: float
    outputs: list[Json]


class StepFailed(FailureDetail, total=False):
    """A step has failed.

    Attributes:
        exit_code: exit code of the error.
        retry: whether retrying can help: now, changed (once something has changed) or never.
        retry_reason: why, in one line.
        blocks: keys of the steps that cannot begin because of it.
        circumstances: what the step depended on outside of it: name to fingerprint.

    """

    exit_code: int
    retry: str
    retry_reason: str
    blocks: list[Json]
    circumstances: Mapping[str, Json]


class StepSkipped(TypedDict, total=False):
    """A step was not done: it is `done` already, blocked, interrupted or waiting."""

    state: str
    outputs: list[Json]


class ResourceFacts(TypedDict, total=False):
    """Which resource, or other object, an event is about.

    Attributes:
        id: its resource id.
        type: its resource type, or what it is in words.
        state: provisioning state.

    """

    id: str
    type: str
    state: str


class ResourceChanged(ResourceFacts, total=False):
    """A resource, or another object, changes its state.

    Attributes:
        usual: how many seconds it usually takes.
        low: seconds that it rarely undercuts.
        high: seconds that it rarely exceeds.
        seconds: how many seconds it took.
        change: created, updated or unchanged.
        error: the error as Azure returned it.
        ui: address at which people open it.
        proof: what it proves, as a sentence.

    """

    usual: float
    low: float
    high: float
    seconds: float
    change: Json
    error: Json
    ui: str
    proof: str


class Warned(TypedDict, total=False):
    """Something needs attention.

    Attributes:
        id: resource ids that it is about.
        left: what remains to be done by a person, as a sentence.
        seconds: after how many seconds something is retried.
        granted: the command that takes back rights which this account was granted for the run.

    """

    id: Json
    left: str
    seconds: float
    granted: str


class Asked(TypedDict, total=False):
    """A person has to answer; `form`: how the answer is checked (`answer_forms.Form`)."""

    key: str
    choices: list[Json]
    default: str
    form: str


class Answered(TypedDict, total=False):
    """A question was answered."""

    key: str
    value: str


class Logged(TypedDict, total=False):
    """Worth noting.

    Attributes:
        ids: resource ids that it is about.
        kept: resources with the names of the properties that others have set and that a deployment keeps, as sentences.

    """

    ids: list[Json]
    kept: list[Json]


SCHEMA: Final[Mapping[str, type]] = {
    "run.started": RunStarted,
    "run.finished": RunFinished,
    "step.started": StepStarted,
    "step.progressed": StepProgressed,
    "step.finished": StepFinished,
    "step.failed": StepFailed,
    "step.skipped": StepSkipped,
    "resource.started": ResourceChanged,
    "resource.progressed": ResourceChanged,
    "resource.finished": ResourceChanged,
    "resource.failed": ResourceChanged,
    "warning": Warned,
    "question": Asked,
    "answer": Answered,
    "not-checked": NoData,
    "heartbeat": NoData,
    "log": Logged,
}
"""Kind of event to the schema of its data."""
