"""Taking over an installation from Azure: finds installations and rebuilds a run from the recorded answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from installer import __version__
from installer.answers.files import dump, save
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.models import Deployment
from installer.engine.events import utc_now
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.runs.facts import EXPORTED, RunFacts, read_facts
from installer.runs.open_journal import open_journal
from installer.runs.state_directory import StateDirectory
from installer.steps.answers_record import Recorded, recorded


@dataclass(frozen=True)
class FoundInstallation:
    """An installation found in Azure, with all its deployments."""

    recorded: Recorded
    deployments: tuple[Deployment, ...]

    @property
    def running(self) -> tuple[Deployment, ...]:
        """Deployments that are still running."""
        return tuple(one for one in self.deployments if one.active)


def installations(subscriptions: Sequence[str], arm: Callable[[str], Arm], name: str = "") -> list[FoundInstallation]:
    """Installations in these subscriptions, found by the tags of their deployments. Queries Azure."""
    found = []
    for subscription in subscriptions:
        deployments = arm(subscription).deployments(name)
        for one in deployments:
            record = recorded(one, subscription)
            if record is not None:
                own = [other for other in deployments if other.tags == {**other.tags, **_mark(one)}]
                found.append(FoundInstallation(record, tuple(own)))
    return found


def _mark(one: Deployment) -> dict[str, str]:
    from installer.conventions.naming import INSTALLATION_TAG

    return {INSTALLATION_TAG: one.tags[INSTALLATION_TAG]}


def rebuilt(state: StateDirectory, record: Recorded, target: dict[str, Json]) -> RunFacts:
    """Create a run directory from which the installation can be resumed.

    Raises:
        UsageError: the recorded answers do not fit this version of the installer.

    """
    try:
        answers = Answers.model_validate(record.answers)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False)[:3])
        raise UsageError(
            f"the answers of {record.installation} recorded in Azure were written by flowforge-installer {record.installer} "
            f"and cannot be read by this version, {__version__}: {wrong}"
        ) from None
    directory = state.new_adopted_run(record.run, answers.subscription.prefix)
    with open_journal(directory) as journal:
        journal.set_facts(
            installer=__version__,
            created=utc_now().isoformat(timespec="seconds"),
            answers=record.answers,
            given=record.given,
            target=target,
            state="interrupted",
        )
        facts = read_facts(journal)
    save(directory / EXPORTED, dump(facts.draft, explicit=True))
    return facts
