"""The cloud of a session: connects to Azure, or starts the embedded one, on first use."""

import json
import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.cloud.emulator_process import Rehearsal, Seed
    from installer.cloud.sign_in import ShowMessage
    from installer.cloud.target import Target

DEFAULT_SPEED: Final = 30.0
_SURVEY: Final = "survey.json"
"""Copy of the survey in the state directory of a rehearsal."""
_ID: Final = re.compile("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SUBSCRIPTION: Final = re.compile(r'(?:/subscriptions/|"subscription":")([0-9a-fA-F-]{36})')


@dataclass(frozen=True)
class TargetOptions:
    """The cloud of a session: a rehearsal or a real cloud.

    Attributes:
        speed: simulated seconds per real second, in a rehearsal.
        faults: faults to inject into a rehearsal.
        survey: file with the existing resources of a rehearsal, instead of those that the answers name.

    """

    rehearsal: bool = False
    speed: float = DEFAULT_SPEED
    cloud: str | None = None
    faults: tuple[str, ...] = ()
    survey: str = ""


class Connection:
    """The target, with the embedded Azure behind it in a rehearsal. Thread-safe. Has to be closed.

    Attributes:
        facts: what a run stores about its target, to reconnect to it.

    """

    def __init__(
        self, state: StateDirectory, options: TargetOptions, show_message: "ShowMessage | None" = None
    ) -> None:
        self.options = options
        self.facts: dict[str, Json] = {}
        self._state = state
        self._show_message = show_message
        self._lock = threading.RLock()
        self._rehearsal: Rehearsal | None = None
        self._target: Target | None = None
        self._tenant = ""
        self._known: frozenset[str] = frozenset()

    @property
    def account(self) -> str:
        """The signed-in account, "" if unknown."""
        return self._target.account if self._target else ""

    def target(self, tenant: str = "", subscription: str = "") -> "Target":
        """The target, connected on the first call; signs in to Azure or starts the embedded one.

        Args:
            tenant: id from the answers, if known; a rehearsal then uses it too.
            subscription: likewise.

        """
        with self._lock:
            if self._target is None or self._is_of_another_tenant(tenant):
                self._target, self._tenant = self._connect(tenant, subscription), tenant
            return self._target

    def _is_of_another_tenant(self, tenant: str) -> bool:
        """Whether a session of the Azure CLI has to be asked again: it gives tokens of one tenant at a time."""
        from installer.cloud.sign_in import CLI_SESSION

        if self._target is None or self._target.is_rehearsal or not _ID.fullmatch(tenant):
            return False
        return tenant.lower() != self._tenant.lower() and self._target.account.endswith(CLI_SESSION)

    def prepare_for(self, answers: "Answers") -> tuple[str, ...]:
        """Prepare a rehearsal for the answers: their subscriptions, and the resources that they assume to exist.

        An embedded Azure that runs without these is restarted with them, on the same state.

        Returns:
            IDs of the assumed resources, without their parents; empty in a real cloud, or with a survey.

        """
        with self._lock:
            where = answers.subscription
            self.target(where.tenant, where.subscription)
            if self._rehearsal is None:
                return ()
            from installer.estate.assumed_resources import assumed

            resources = () if self.options.survey else assumed(answers)
            named = [where.subscription, *_SUBSCRIPTION.findall(answers.model_dump_json())]
            ids = [str(resource["id"]) for resource in resources]
            required = frozenset(text.lower() for text in (*named, *ids))
            if not required <= self._known:
                self.facts["tenant"] = where.tenant
                self._restart(list(dict.fromkeys(named)), resources)
                self._known |= required
            return tuple(one for one in ids if not any(other.startswith(f"{one}/") for other in ids))

    def runs(self, facts: dict[str, Json]) -> bool:
        """Whether this connection itself runs the embedded Azure of a target."""
        return self._rehearsal is not None and self.facts.get("state") == facts.get("state")

    def reconnect(self, facts: dict[str, Json]) -> None:
        """Reconnect to the target of a resumed run."""
        speed = facts.get("speed")
        self.facts = facts
        self.options = TargetOptions(
            facts.get("kind") == "rehearsal",
            float(speed) if isinstance(speed, (int, float)) else DEFAULT_SPEED,
            str(facts.get("cloud") or ""),
        )

    def close(self) -> None:
        """Stop the embedded Azure; its state is kept."""
        if self._rehearsal is not None:
            self._rehearsal.stop()
            self._rehearsal = None

    @property
    def survey(self) -> Path | None:
        """File of the survey behind the rehearsal, None without one: it stays with the state, for later attempts."""
        if self._rehearsal is None:
            return None
        given, kept = Path(self.options.survey), self._directory / _SURVEY
        found = given if self.options.survey else kept
        return found if found.is_file() else None

    def leave_running(self) -> None:
        """Leave the embedded Azure running when this is closed."""
        if self._rehearsal is not None:
            self._rehearsal.leave_running()

    # -- rehearsals ------------------------------------------------------------------------------------------------

    def _connect(self, tenant: str, subscription: str) -> "Target":
        if not self.options.rehearsal:
            from installer.cloud.sign_in import azure_target

            cloud = self.options.cloud or "public"
            self.facts = {"kind": "azure", "cloud": cloud}
            return azure_target(cloud, tenant=tenant or None, show_message=self._show_message)
        from installer.cloud.emulator_process import Seed

        if self.facts:  # a resumed rehearsal keeps its subscriptions
            others = tuple(str(self.facts.get("others", "")).split())
            seed = Seed(str(self.facts.get("tenant", "")), str(self.facts.get("subscription", "")), (), others)
            return self._start(seed)
        self.facts = {
            "kind": "rehearsal",
            "state": str(self._state.new_rehearsal()),
            "speed": self.options.speed,
            "tenant": tenant,
            "subscription": subscription,
            "cloud": self.options.cloud or "",
        }
        self._known = frozenset({subscription.lower()})
        return self._start(
            Seed(tenant, subscription, self.options.faults, survey=self.options.survey, cloud=self.options.cloud or "")
        )

    def _start(self, seed: "Seed") -> "Target":
        from installer.cloud.emulator_process import start

        self._rehearsal = start(self._directory, speed=self.options.speed, seed=seed)
        if seed.survey and seed.survey == self.options.survey:
            shutil.copyfile(seed.survey, self._directory / _SURVEY)
        return self._rehearsal.target

    @property
    def _directory(self) -> Path:
        return self._state.rehearsal(str(self.facts["state"]).rpartition("/")[2])

    def _restart(self, subscriptions: list[str], resources: "tuple[dict[str, Json], ...]") -> None:
        from installer.cloud.emulator_process import Seed

        survey = self.options.survey
        if resources:
            path = self._directory / "assumed.json"
            content: dict[str, Json] = {
                "version": 1,
                "subscriptionId": subscriptions[0],
                "resources": [dict(resource) for resource in resources],
            }
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")
            survey = str(path)
        self.close()
        self.facts = {**self.facts, "subscription": subscriptions[0], "others": " ".join(subscriptions[1:])}
        tenant = str(self.facts.get("tenant", ""))
        others = tuple(subscriptions[1:])
        self._target = self._start(
            Seed(tenant, subscriptions[0], self.options.faults, others, survey, self.options.cloud or "")
        )
