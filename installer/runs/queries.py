"""Queries to the target: choices, plan, cost and checks. They block, and must not be called on the UI thread."""

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from installer.cost.currency import DEFAULT_CURRENCY
from installer.jsontypes import Json
from installer.runs.connection import Connection, TargetOptions
from installer.runs.state_directory import StateDirectory
from installer.secret_store import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from installer.answers.draft import Draft
    from installer.answers.model import Answers
    from installer.cloud.arm import Arm
    from installer.cloud.models import Choice
    from installer.cloud.sign_in import ShowMessage
    from installer.cloud.target import Target
    from installer.cost.live import LiveCost
    from installer.cost.model import Estimate
    from installer.planning.model import Plan
    from installer.preflight.model import Report, Result
    from installer.preflight.reads import Reads
    from installer.runs.preflight import Preflight
    from installer.runs.prices import Prices
    from installer.steps.approved_plan import ApprovedPlan


class Queries:
    """A connection to the target, and what was read through it. Has to be closed.

    Attributes:
        options: The target.
        secrets: Secrets of this session.
        currency: Currency of prices.
        show_message: Shows sign-in instructions to the user; screens set their own callback.

    """

    def __init__(self, state: StateDirectory, options: TargetOptions, show_message: "ShowMessage | None") -> None:
        self.options = options
        self.secrets = Secrets()
        self.currency = DEFAULT_CURRENCY
        self.show_message = show_message
        self._connection = Connection(state, options, self._show_message if show_message is not None else None)
        self._checks: Preflight | None = None
        self._planned: Plan | None = None

    def _show_message(self, text: str) -> None:
        if self.show_message is not None:
            self.show_message(text)

    # -- the target ----------------------------------------------------------------------------------------------

    def target(self, tenant: str = "", subscription: str = "") -> "Target":
        """The target, connected on the first call; signs in to Azure or starts the embedded one.

        Args:
            tenant: id from the answers, if known; a rehearsal then uses it too.
            subscription: likewise.

        """
        return self._connection.target(tenant, subscription)

    def arm(self, subscription: str, tenant: str = "") -> "Arm":
        """Azure Resource Manager for a subscription; connects on the first call."""
        from installer.cloud.arm import Arm

        return Arm(self.target(tenant, subscription), subscription)

    @property
    def target_facts(self) -> dict[str, Json]:
        """Facts with which a run reconnects to this target; empty before the first connection."""
        return self._connection.facts

    @property
    def account(self) -> str:
        """The signed-in account, "" if unknown."""
        return self._connection.account

    def choices(self, source: str, draft: "Draft") -> "list[Choice]":
        """Choices that only the target knows, such as regions. Queries Azure.

        Raises:
            UsageError: The list cannot be read; the text has the reason.

        """
        from installer.errors import UsageError
        from installer.preflight.choices import LISTS, Offer
        from installer.preflight.reads import NotVisible
        from installer.runs.preflight import reads_of

        if source in LISTS:
            subscription, tenant = _text(draft, "subscription.subscription"), _text(draft, "subscription.tenant")
            if not subscription:
                return []
            with reads_of(self.target(tenant, subscription)) as (azure, graph):
                region, network = _text(draft, "subscription.region"), _text(draft, "network.hub_id")
                try:
                    return LISTS[source](Offer(azure, graph, subscription, region, network))
                except NotVisible as problem:
                    raise UsageError(str(problem)) from None
        arm = self.arm(_text(draft, "subscription.subscription"), _text(draft, "subscription.tenant"))
        readers = {
            "tenants": arm.tenants,
            "subscriptions": arm.subscriptions,
            "regions": arm.regions,
            "networks": arm.networks,
        }
        if source in ("regions", "networks") and not arm.subscription:
            return []
        return readers[source]()

    # -- plan, cost and checks -----------------------------------------------------------------------------------

    def plan(
        self,
        answers: "Answers",
        progress: "ShowMessage" = lambda _text: None,
        *,
        draft: "Draft | None" = None,
        checks: bool = False,
        kept: "Sequence[str]" = (),
    ) -> "Plan":
        """Compute what a run would change. Queries Azure; read-only.

        Args:
            answers: The answers.
            progress: Reports what is being done.
            draft: The same answers with their sources.
            checks: Whether the plan also has the findings of the checks before the first write.
            kept: Environments that the run leaves as they are.

        """
        from installer.answers.questions import all_questions
        from installer.planning.make import Known, make_plan
        from installer.preflight.sign_in_refusals import sign_in_findings

        self._connection.prepare_for(answers)
        arm = self.arm(answers.subscription.subscription, answers.subscription.tenant)
        sources = {key: draft.source(key) for key in all_questions()} if draft is not None else {}
        if checks:
            progress("checking what would fail")
        report = self.check(answers) if checks else None
        findings, not_checked = (report.findings, report.not_checked) if report else ((), ())
        known = Known(self.secrets, self.account, sources, findings, not_checked, tuple(kept))
        with sign_in_findings(answers, arm.target):
            self._planned = make_plan(answers, arm, progress, known)
        return self._planned

    def shown_plan(self, answers: "Answers") -> "ApprovedPlan | None":
        """The last plan that was made here, None if it is of other answers."""
        from installer.answers.draft import answers_as_json

        plan = self._planned
        return plan.approved() if plan is not None and plan.answers == answers_as_json(answers) else None

    def cost(self, answers: "Answers", currency: str = "") -> "Estimate":
        """Price the planned resources. Queries the public price list, in a rehearsal that of the embedded Azure.

        Args:
            answers: The answers.
            currency: Currency of the figures; by default that of the session.

        """
        return self._prices.estimate(answers, currency or self.currency)

    def saved_prices(self, answers: "Sequence[Answers]", currency: str) -> str:
        """The text of a price list with which these answers can be priced later. Queries the price list. Raises AzureRefused."""
        return self._prices.save(answers, currency)

    def live_cost(self, draft: "Draft", key: str = "") -> "LiveCost":
        """Price answers that are being edited, and the other options of the question `key`. Queries the price list."""
        return self._prices.live(draft, key, self.currency)

    def size_prices(self, draft: "Draft") -> dict[str, str]:
        """Price in words per month of the VM sizes of the draft's region; empty for clouds that the list does not have."""
        region = _text(draft, "subscription.region")
        if not region or _text(draft, "subscription.cloud") != "public":
            return {}
        tenant, subscription = _text(draft, "subscription.tenant"), _text(draft, "subscription.subscription")
        own = self.target(tenant, subscription) if self._has_own_prices else None
        return self._prices.of_sizes(own, region, self.currency)

    def forget_prices(self) -> None:
        """Ask a price list again that could not be read."""
        self._prices.forget()

    @cached_property
    def _prices(self) -> "Prices":
        from installer.runs.prices import Prices

        own = self._has_own_prices
        return Prices(
            lambda given: self.target(given.subscription.tenant, given.subscription.subscription) if own else None
        )

    @property
    def _has_own_prices(self) -> bool:
        return self.options.rehearsal or (self.options.cloud or "").startswith("https://")

    def check(self, answers: "Answers", ended: "Callable[[Result], None]" = lambda _result: None) -> "Report":
        """Run the checks before the first write. Queries Azure; read-only.

        In a rehearsal of a survey, what the survey leaves out is not checked.

        What was read for one set of answers counts for the next, until `forget_checks`.
        """
        self._connection.prepare_for(answers)
        target = self.target(answers.subscription.tenant, answers.subscription.subscription)
        return self._preflight.check(target, answers, ended, self._connection.survey)

    @contextmanager
    def reads(self, answers: "Answers") -> "Iterator[tuple[Target, Reads, Reads]]":
        """The target of an installation, with reads of Azure Resource Manager and of Microsoft Graph."""
        from installer.runs.preflight import limits_of, reads_of

        self._connection.prepare_for(answers)
        target = self.target(answers.subscription.tenant, answers.subscription.subscription)
        with reads_of(target, limits_of(self._connection.survey, answers)) as (arm, graph):
            yield target, arm, graph

    def forget_checks(self) -> None:
        """Let the next check read everything again."""
        self._preflight.forget()

    @property
    def _preflight(self) -> "Preflight":
        from installer.runs.preflight import Preflight

        if self._checks is None:
            self._checks = Preflight(self.secrets)
        return self._checks

    def read_survey(self, answers: "Answers", file: Path, progress: "ShowMessage") -> list[str]:
        """Read the subscription into a survey file; returns what could not be read. Queries Azure; read-only."""
        from installer.runs.survey import read_survey

        where = answers.subscription
        return read_survey(self.target(where.tenant, where.subscription), answers, file, progress)

    def close(self) -> None:
        """End the connection, and the embedded Azure."""
        if self._checks is not None:
            self._checks.close()
        self._connection.close()


def _text(draft: "Draft", key: str) -> str:
    value = draft.value(key)
    return value if isinstance(value, str) else ""
