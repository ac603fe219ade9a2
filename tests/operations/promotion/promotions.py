"""A session whose runs promote in an embedded Azure of the test's process: they deploy the stages of their plan, and record it."""

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.engine.step import Context, Outputs
from installer.errors import VerificationFailed
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import image_uses
from installer.estate.parameters.principals import PLACEHOLDER_OUTPUTS
from installer.runs.purpose import INSTALLATION, Purpose
from installer.runs.run import Run
from installer.steps.approved_plan import NO_PLAN
from installer.steps.images import TEMPLATE as IMAGE_TEMPLATE
from installer.steps.promotion_record import PROMOTION, TEMPLATE, Entry, entries_of
from tests.cloud.no_cloud import RECORDED
from tests.emulator.in_memory import run
from tests.engine.scripted_steps import Scripted
from tests.operations.doctor.in_this_process import InThisProcess
from tests.planning.local_arm import record_answers

if TYPE_CHECKING:
    from installer.jsontypes import Json


ACCOUNT = "admin@contoso.example"


class Promoting(InThisProcess):
    """The session. `failing` are the environments whose acceptance run fails."""

    failing: frozenset[str] = frozenset()
    resumed: int = 0

    @override
    def begin(
        self,
        answers: Answers,
        draft: Draft,
        *,
        attended: bool,
        purpose: Purpose = INSTALLATION,
    ) -> Run:
        """A run that deploys what the answers change, records it, and passes its acceptance runs."""
        assert purpose.removes == ""
        upgrade = purpose.upgrade
        place = self.state.new_run(answers.subscription.prefix)
        begun = Run.new(place, answers, draft, RECORDED, self.secrets, attended=attended)
        promotion = upgrade.promotion if upgrade is not None else None
        if upgrade is not None:
            begun.journal.set_facts(upgrade=upgrade.as_json())

        def deploy(_context: Context) -> Outputs:
            if promotion is not None:
                self._record(Entry(promotion, "begun", begun.facts.created, f"{begun.name}@host", ACCOUNT))
            self.seen.answers = answers
            run(self.seen.estate.deploy(answers, all_stages=False))
            self.images(answers)
            record_answers(self.seen.estate, answers, begun.name)
            return {}

        def prove(environment: str) -> Outputs:
            if environment in self.failing:
                raise VerificationFailed(f"the acceptance run of {environment} failed")
            if promotion is not None and environment == promotion.target:
                self._record(Entry(promotion, "proved", begun.facts.created, f"{begun.name}@host", ACCOUNT))
            return {"state": "COMPLETED", "flow_run_id": begun.name}

        proofs = [
            Scripted(keys.canary(name), ("azure",), lambda _context, name=name: prove(name))  # type: ignore[misc]
            for name in answers.subscription.environments
        ]
        assert purpose.approved in (None, NO_PLAN)
        return self._start_run(begun, lambda _run: (Scripted("azure", (), deploy), *proofs))

    @override
    def resume(self, name: str, **_given: Any) -> Run:
        """The run, continued: only its acceptance runs are made again."""
        self.resumed += 1
        again = Run.reopen(self.state.run(name), self.secrets, attended=False)
        names = again.facts.answers.subscription.environments

        def prove(_context: Context) -> Outputs:
            return {"state": "COMPLETED", "flow_run_id": name}

        return self._start_run(again, lambda _run: tuple(Scripted(keys.canary(one), (), prove) for one in names))

    def images(self, answers: Answers) -> None:
        """Record the images of the answers, as their steps do."""
        it = Installation(answers)
        for use in image_uses(it):
            digest = PLACEHOLDER_OUTPUTS[keys.image(use.kind)]["digest"]
            self._put(it.names.deployment(use.key), IMAGE_TEMPLATE, {"digest": digest, "source": "push"})

    def record(self, target: str) -> tuple[Entry, ...]:
        """The record of an environment."""
        name = Installation(self.seen.answers).names.deployment(PROMOTION, target)
        return entries_of(self.seen.arm.deployment(name))

    def _record(self, entry: Entry) -> None:
        target, mark = entry.promotion.target, entry.promotion.mark
        former = [one for one in self.record(target) if one.promotion.mark != mark]
        name = Installation(self.seen.answers).names.deployment(PROMOTION, target)
        self._put(name, TEMPLATE, {"history": [one.as_json() for one in (entry, *former)]})

    def _put(self, name: str, template: Any, values: "dict[str, Json]") -> None:
        it = Installation(self.seen.answers)
        parameters: Json = {key: {"value": value} for key, value in values.items()}
        path = f"/subscriptions/{it.subscription}/providers/Microsoft.Resources/deployments/{name}"
        body: Json = {
            "location": it.location,
            "properties": {"mode": "Incremental", "template": template, "parameters": parameters},
        }
        self.seen.ask("PUT", f"{path}?api-version=2025-04-01", body)
        run(self.seen.estate.ready())
