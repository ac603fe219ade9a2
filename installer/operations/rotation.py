"""Rotation of a secret of an environment: the steps that write its new value and start again all that read it.

Prefect's server accepts one credential at a time. So the work pools are paused, and flow runs that are under way end with the
old one, before the server has the new one; runs that are created meanwhile start afterwards. Microsoft Entra ID and Prefect Cloud
accept an old and a new credential side by side: what reads them starts again one by one, and the old one is deleted later. There
are no database passwords: processes sign in with tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from installer.answers.draft import flatten
from installer.cloud.rest import Service
from installer.engine.step import Outputs, Step
from installer.errors import UsageError
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.controlplane import CLIENT_SECRET
from installer.estate.parameters.prefect_api import PREFECT_AUTH, PREFECT_KEY
from installer.estate.parameters.vault_secrets import secret_sources
from installer.secret_store import Secrets
from installer.steps.cluster import RemoveClusterRole
from installer.steps.pool_steps import PoolJobs
from installer.steps.secret_fingerprints import GENERATED

Name: TypeAlias = Literal["prefect-auth", "sign-on", "prefect-cloud"]
_IN_VAULT: Final[dict[str, str]] = {
    "prefect-auth": PREFECT_AUTH,
    "sign-on": CLIENT_SECRET,
    "prefect-cloud": PREFECT_KEY,
}
"""Name in the key vault by name on the command line."""
SECRETS: Final = tuple(_IN_VAULT)
LATER: Final[dict[str, str]] = {
    "sign-on": "delete the old client secret of the app registration",
    "prefect-cloud": "delete the old API key in Prefect Cloud once the flow runs that began with it have ended",
}
"""Advice for secrets whose old value still works."""


def rotated_as(secret: str) -> str | None:
    """Name on the command line of a secret in a key vault, None if it has no rotation."""
    return next((name for name, kept in _IN_VAULT.items() if kept == secret), None)


@dataclass(frozen=True)
class Rotation:
    """One rotation.

    Attributes:
        secret: Name of the secret on the command line.
        environment: The environment.
        mark: Differs for each rotation, so that its jobs run again.
        patience: Seconds to wait for flow runs that are under way.

    """

    secret: str
    environment: str
    mark: str
    patience: float

    def check(self, it: Installation) -> str:
        """Source of the secret. Raises UsageError if the installation does not have it."""
        if self.environment not in it.environments:
            raise UsageError(f"--env {self.environment}: the installation has {', '.join(it.environments)}")
        sources = secret_sources(it, it.site(self.environment))
        present = [name for name, kept in _IN_VAULT.items() if kept in sources]
        if self.secret not in present:
            has = f"secrets that are rotated there: {', '.join(present)}" if present else "no secret is rotated there"
            raise UsageError(f"rotate {self.secret}: {self.environment} has no such secret; {has}")
        return sources[_IN_VAULT[self.secret]]

    def renew(self, it: Installation, secrets: Secrets) -> None:
        """Make a new value, if the installer makes it; else its reference has to have one. Raises UsageError."""
        source = self.check(it)
        if source.startswith(GENERATED):
            name = source.removeprefix(GENERATED)
            secrets.renew(f"{it.answers.subscription.prefix}/{name}")
        else:
            secrets.resolve(str(flatten(it.answers)[source]))

    @property
    def drains(self) -> bool:
        """Whether the old value stops working at once."""
        return self.secret == "prefect-auth"  # noqa: S105  its name

    def steps(
        self, every: Sequence[Step], it: Installation, service: Service, recorded: Mapping[str, Outputs]
    ) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """The steps of the installation with those of the rotation, and the keys of those to run.

        Args:
            every: The steps of the installation.
            it: The installation.
            service: Azure Resource Manager.
            recorded: Outputs of the steps that were done.

        """
        site = it.site(self.environment)
        wanted = [one for one in self._readers(site) if one in {step.key for step in every}]
        first = keys.secrets(site.name)
        if not self.drains:
            return tuple(every), (first, *wanted)
        pools = PoolJobs(it, site, service, self.mark, recorded)
        drain, resume = pools.drain(self.patience), pools.resume(tuple(wanted))
        changed = [self._placed(step, first, drain.key, resume.key) for step in every]
        return (drain, *changed, resume), (drain.key, first, *wanted, resume.key)

    def _readers(self, site: Site) -> list[str]:
        """Steps with what reads the secret, jobs of the runtime included."""
        if self.secret == "sign-on":  # noqa: S105  its name
            return [keys.control_plane(site.name)]
        in_cluster = [keys.of_environment(name, site.name) for name in ("prefect", "worker", "reporter")]
        own = in_cluster if site.on_kubernetes else [keys.runtime(site.name)]
        return [*own, keys.control_plane(site.name), *([] if site.on_kubernetes else [keys.OBSERVABILITY])]

    def _placed(self, step: Step, first: str, drain: str, resume: str) -> Step:
        """A step after the pools are paused, or after they are resumed."""
        given: Any = step
        if step.key == first:
            return replace(given, needs=(*step.needs, drain))  # type: ignore[no-any-return]
        if isinstance(step, RemoveClusterRole) and step.environment == self.environment:
            return replace(step, needs=(*step.needs, resume))
        return step
