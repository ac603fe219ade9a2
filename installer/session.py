"""The façade that screens, commands and plain mode use: everything they can ask for or set going.

A session owns what has to end with the program: the embedded Azure of a rehearsal, the children, the runs. Methods that
ask a cloud say so; they block, and are not for the UI's thread.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.answers.draft import Draft, Given
from installer.answers.model import Answers
from installer.children import Children
from installer.errors import UsageError
from installer.jsontypes import Json
from installer.secrets import Secrets
from installer.state import StateDirectory

if TYPE_CHECKING:
    from installer.cloud.arm import Arm
    from installer.cloud.rehearsing import Rehearsal
    from installer.cloud.target import Target
    from installer.cloud.wire import Choice
    from installer.planning import Plan
    from installer.runs import Run

Tell = Callable[[str], None]
DEFAULT_SPEED = 30.0


@dataclass(frozen=True)
class Where:
    """Which cloud a session works in: a rehearsal (its speed, and what shall go wrong in it), or a real one.

    others: further subscriptions that a rehearsal knows. survey: file with what it takes to be there already.
    """

    rehearsal: bool = False
    speed: float = DEFAULT_SPEED
    cloud: str | None = None
    faults: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    survey: str = ""


class Session:
    """One use of the installer. Close it."""

    def __init__(self, state: StateDirectory, where: Where, tell: Tell | None = None) -> None:
        self.state = state
        self.where = where
        self.secrets = Secrets()
        self.children = Children()
        self._tell = tell
        self._lock = threading.RLock()
        self._rehearsal: Rehearsal | None = None
        self._target: Target | None = None
        self._facts: dict[str, Json] = {}
        self._run: Run | None = None

    # -- the target ----------------------------------------------------------------------------------------------

    def target(self, tenant: str = "", subscription: str = "") -> "Target":
        """The target, connected at the first call; asks a cloud or starts the embedded one.

        The ids are those of the answers, if they are known: a rehearsal then knows them too.
        """
        with self._lock:
            if self._target is None:
                self._target = self._connect(tenant, subscription)
            return self._target

    def _connect(self, tenant: str, subscription: str) -> "Target":
        if not self.where.rehearsal:
            from installer.cloud.sign_in import azure_target

            cloud = self.where.cloud or "public"
            self._facts = {"kind": "azure", "cloud": cloud}
            return azure_target(cloud, tenant=tenant or None, tell=self._tell)
        from installer.cloud.rehearsing import Seed, start

        others = tuple(other for other in self.where.others if other != subscription)
        cloud = self.where.cloud or ""
        seed = Seed(tenant, subscription, self.where.faults, others, self.where.survey, cloud)
        if not self._facts:
            directory = self.state.new_rehearsal()
            self._facts = {
                "kind": "rehearsal",
                "state": str(directory),
                "speed": self.where.speed,
                "tenant": tenant,
                "subscription": subscription,
                "others": " ".join(others),
                "cloud": cloud,
            }
        else:
            directory = self.state.path / "rehearsals" / str(self._facts["state"]).rpartition("/")[2]
            others = tuple(str(self._facts.get("others", "")).split())
            seed = Seed(str(self._facts.get("tenant", "")), str(self._facts.get("subscription", "")), (), others)
        self._rehearsal = start(directory, speed=self.where.speed, seed=seed)
        return self._rehearsal.target

    def arm(self, subscription: str, tenant: str = "") -> "Arm":
        """Azure Resource Manager for a subscription; asks a cloud at the first call."""
        from installer.cloud.arm import Arm

        return Arm(self.target(tenant, subscription), subscription)

    @property
    def account(self) -> str:
        """Who is signed in, as far as that is known."""
        return self._target.account if self._target else ""

    # -- answers -------------------------------------------------------------------------------------------------

    def choices(self, source: str, draft: Draft) -> "list[Choice]":
        """The entries of a list that only the target knows. Asks a cloud."""
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

    @staticmethod
    def _secret_name(draft: Draft, key: str) -> str:
        return f"{_text(draft, 'subscription.prefix') or 'flowforge'}/{key}"

    def secret_reference(self, draft: Draft, key: str) -> str:
        """The reference by which a typed secret will be found once it is kept."""
        return f"keyring:{self._secret_name(draft, key)}"

    def keep_secret(self, draft: Draft, key: str, value: str) -> None:
        """Keep a typed secret, and refer to it in the draft. May block on the keyring."""
        draft.give(key, self.secrets.keep(self._secret_name(draft, key), value))

    def save_draft(self, draft: Draft) -> None:
        """Keep what was typed, for the next start."""
        saved: dict[str, Json] = {
            key: {"value": _json(given.value), "source": given.source} for key, given in draft.given().items()
        }
        self.state.write_draft({"format": 1, "answers": saved})

    def saved_draft(self) -> Draft:
        """What was typed the last time, if the wizard was left before it began a run."""
        from installer.answers.questions import all_questions

        content = self.state.read_draft()
        answers = content.get("answers") if isinstance(content, dict) and content.get("format") == 1 else None
        draft = Draft()
        for key, given in answers.items() if isinstance(answers, dict) else ():
            if key in all_questions() and isinstance(given, dict):
                draft.give(key, given.get("value"), "previous run")
        return draft

    def forget_draft(self) -> None:
        """The answers have become a run."""
        self.state.draft.unlink(missing_ok=True)

    # -- plans and runs ------------------------------------------------------------------------------------------

    def plan(self, answers: Answers, progress: Tell = lambda _text: None) -> "Plan":
        """What a run would change. Asks a cloud; writes nothing."""
        from installer.planning import make_plan

        return make_plan(answers, self.arm(answers.subscription.subscription, answers.subscription.tenant), progress)

    def begin(self, answers: Answers, draft: Draft, *, attended: bool) -> "Run":
        """A new run, on its way."""
        from installer.runs import Run

        self._check_secrets(answers)
        self.target(answers.subscription.tenant, answers.subscription.subscription)
        directory = self.state.new_run(answers.subscription.prefix)
        run = Run.new(directory, answers, draft, self._facts, self.secrets, attended=attended)
        self.forget_draft()
        return self._go(run)

    def resume(self, name: str, *, attended: bool, only: str | None = None) -> "Run":
        """A run that was stopped, on its way again; or only one step of it."""
        from installer.runs import Run

        run = Run.again(self.state.run(name), self.secrets, attended=attended)
        target = run.facts.target
        rehearsal = target.get("kind") == "rehearsal"
        speed = target.get("speed")
        self._facts = target
        self.where = Where(
            rehearsal,
            float(speed) if isinstance(speed, (int, float)) else DEFAULT_SPEED,
            str(target.get("cloud") or ""),
        )
        return self._go(run, only)

    def _go(self, run: "Run", only: str | None = None) -> "Run":
        from installer.steps.plan import installation

        _log_to(run)
        self._run = run
        where = run.facts.answers.subscription
        run.start(
            lambda it: installation(
                it.facts.answers,
                self.arm(where.subscription, where.tenant),
                secrets=self.secrets,
                children=self.children,
                directory=it.directory,
                run=it.name,
            ),
            None if only is None else (only,),
        )
        return run

    def _check_secrets(self, answers: Answers) -> None:
        """Every secret that will be needed is there now, not only when it is needed."""
        if answers.sign_on.method == "secret":
            self.secrets.resolve(answers.sign_on.client_secret)

    def unfinished(self, *, anywhere: bool = False) -> str | None:
        """The newest run, if it did not end well and can be resumed; rehearsals and real runs apart unless `anywhere`."""
        from installer.engine.journal import Journal
        from installer.engine.lock import is_held

        for name in reversed(self.state.run_names()):
            try:
                with Journal(self.state.run(name), write=False) as journal:
                    state, target = journal.fact("state"), journal.fact("target")
            except UsageError:
                continue
            rehearsed = isinstance(target, dict) and target.get("kind") == "rehearsal"
            if not anywhere and rehearsed != self.where.rehearsal:
                continue
            return name if state != "succeeded" and not is_held(self.state.run(name)) else None
        return None

    # -- the end -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the run if there is one (Azure goes on by itself), the children, and the embedded Azure."""
        if self._run is not None:
            self._run.close()
            self._run = None
        self.children.close()
        if self._rehearsal is not None:
            self._rehearsal.stop()
            self._rehearsal = None


def _log_to(run: "Run") -> None:
    """Warnings and errors of libraries and of ours go to a file of the run, with secrets blacked out."""

    class Redacting(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return run.secrets.redact(super().format(record))

    path = run.directory / "installer.log"
    path.touch(mode=0o600)
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _text(draft: Draft, key: str) -> str:
    value = draft.value(key)
    return value if isinstance(value, str) else ""


def _json(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_json(item) for item in value] if isinstance(value, (list, tuple)) else str(value)


__all__ = ["Given", "Session", "Where"]
