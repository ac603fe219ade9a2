"""Steps: a Prefect server answers, and what FlowForge needs exists in it.

In a rehearsal the server and the workers are real processes of this machine and stand for those in the runtime. In a real
installation the server is inside the network, and this version asks for an address at which this machine reaches it.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import SecretStr

from installer.answers.model import Answers
from installer.children import Children
from installer.engine.step import Context, Outputs, Question
from installer.errors import PrefectFailed, VerificationFailed
from installer.flows.description import PrefectPlace, describe, pool_name
from installer.flows.driving import Applied, Change, apply
from installer.flows.rest import Api, ask_patiently
from installer.flows.server import USUAL_SECONDS, start_server
from installer.flows.worker import Worker, start_worker
from installer.secrets import Secrets

if TYPE_CHECKING:
    from installer.engine.events import Kind

AUTH_VARIABLE: Final = "FLOWFORGE_PREFECT_AUTH"
URL_VARIABLE: Final = "FLOWFORGE_PREFECT_API_URL"
QUESTION: Final = "prefect.api-url"
APPLY_SECONDS: Final = 9.0
"""Recorded on two cores: one environment, the first time."""


@dataclass
class PrefectHost:
    """What the Prefect steps of one run share: where the server answers, and the workers of this machine."""

    children: Children
    home: Path
    rehearsal: bool
    api: Api | None = None
    workers: dict[str, Worker] = field(default_factory=dict)

    def ready(self) -> Api:
        """The server, which an earlier step has found or started."""
        if self.api is None:
            raise PrefectFailed("no Prefect server was started in this sitting")
        return self.api

    def start_worker(self, environment: str) -> Worker:
        """The worker of an environment, started once."""
        pool = pool_name(environment)
        if pool not in self.workers:
            self.workers[pool] = start_worker(self.children, self.ready(), pool=pool, home=self.home)
        return self.workers[pool]


@dataclass(frozen=True)
class PrefectServer:
    """A server answers with the access that it should have."""

    host: PrefectHost
    secrets: Secrets
    auth: str
    needs: tuple[str, ...]
    key: ClassVar[str] = "prefect-server"
    each_sitting: ClassVar[bool] = True
    title: ClassVar[str] = "Prefect server"
    usual_seconds: ClassVar[float] = USUAL_SECONDS

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """A server of an earlier sitting ended with it; one of this sitting is kept."""
        return self._outputs() if self.host.api is not None else None

    def apply(self, context: Context) -> Outputs:
        """Start it, or ask where it is."""
        context.remember("begun", name=str(self.host.home))
        if self.host.rehearsal:
            auth = self.secrets.login(self.auth)
            context.emit("resource.started", "starting", resource="prefect server", usual=self.usual_seconds)
            server = start_server(self.host.children, home=self.host.home, auth=auth, pause=context.pause)
            self.host.api = server.api
            context.emit("resource.finished", "answers", resource="prefect server", ui=server.api.ui_url)
        else:
            self.host.api = self._existing(context)
        return self._outputs()

    def _existing(self, context: Context) -> Api:
        url = os.environ.get(URL_VARIABLE) or context.ask(
            Question(
                QUESTION,
                "At which address does this machine reach the Prefect API inside your network? For example "
                f"http://127.0.0.1:4200/api through kubectl port-forward. Without a terminal, set {URL_VARIABLE}.",
            )
        )
        url = url.rstrip("/")
        auth = self.secrets.resolve(f"env:{AUTH_VARIABLE}") if os.environ.get(AUTH_VARIABLE) else SecretStr("")
        return Api(url, auth, url.removesuffix("/api"))

    def _outputs(self) -> Outputs:
        api = self.host.ready()
        return {"api": api.url, "ui": api.ui_url}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """It lets us in."""
        api = self.host.ready()
        try:
            ask_patiently(api, "POST", "/work_pools/filter", {}, what="its work pools", pause=context.pause)
        except PrefectFailed as error:
            raise VerificationFailed(f"the Prefect API at {outputs['api']} does not let us in: {error}") from error


@dataclass(frozen=True)
class PrefectObjects:
    """Work pools, queues, variables, blocks and deployments are as described."""

    host: PrefectHost
    answers: Answers
    key: ClassVar[str] = "prefect-objects"
    each_sitting: ClassVar[bool] = True
    title: ClassVar[str] = "Prefect work pools, blocks, deployments"
    needs: ClassVar[tuple[str, ...]] = (PrefectServer.key,)

    @property
    def usual_seconds(self) -> float:
        """Longer with more environments."""
        return APPLY_SECONDS * len(self.answers.subscription.environments)

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Applying compares everything and changes only what is not so: that is the check."""
        return None

    def apply(self, context: Context) -> Outputs:
        """Apply the description; workers start as soon as their pool is there."""
        context.remember("begun")
        place = PrefectPlace.on_this_machine() if self.host.rehearsal else PrefectPlace.on_azure()
        pools = {pool_name(env): env for env in self.answers.subscription.environments}

        def tell(change: Change) -> None:
            kind: Kind = "resource.progressed" if change.doing == "progressed" else "resource.finished"
            context.emit(kind, change.text, resource=f"{change.kind} {change.name}", change=change.doing)
            if self.host.rehearsal and change.kind == "work pool" and change.name in pools:
                self.host.start_worker(pools[change.name])

        estate = describe(self.answers, place)
        done: Applied = apply(self.host.ready(), estate, home=self.host.home, emit=tell, pause=context.pause)
        context.emit("log", f"{done.created} created, {done.updated} set right, {done.unchanged} as they should be")
        return {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Applying has read everything back; the canary proves that it works."""
