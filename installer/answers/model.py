"""Model of the answers: all pages of the wizard.

Answers contain no secrets: a secret answer is a reference to the place where the secret is stored.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from installer.answers.ask import Page
from installer.answers.pages.data import Data
from installer.answers.pages.environment import EnvironmentPage
from installer.answers.pages.flows import Flows
from installer.answers.pages.governance import Governance
from installer.answers.pages.images import Images
from installer.answers.pages.ingress import Ingress
from installer.answers.pages.integrations import Integrations
from installer.answers.pages.monitoring import Monitoring
from installer.answers.pages.network import Network
from installer.answers.pages.patterns import ENVIRONMENTS, Environment
from installer.answers.pages.platform import Platform
from installer.answers.pages.sign_on import SignOn
from installer.answers.pages.sizing import Sizing
from installer.answers.pages.subscription import Subscription
from installer.answers.presets import presets

__all__ = ["ENVIRONMENTS", "KIND", "PAGES", "VERSION", "Answers", "Environment"]

KIND: Final = "flowforge-answers"
VERSION: Final = 1


class Answers(BaseModel):
    """All answers of one installation. Versioned; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    kind: Literal["flowforge-answers"] = KIND
    version: Literal[1] = VERSION
    subscription: Subscription
    governance: Governance = Governance()
    network: Network = Network()
    ingress: Ingress = Ingress()
    platform: Platform = Platform()
    images: Images = Images()
    sizing: Sizing = Sizing()
    data: Data = Data()
    sign_on: SignOn = SignOn()
    monitoring: Monitoring = Monitoring()
    integrations: Integrations = Integrations()
    flows: Flows = Flows()
    dev: EnvironmentPage = EnvironmentPage()
    qa: EnvironmentPage = EnvironmentPage()
    uat: EnvironmentPage = EnvironmentPage()
    prod: EnvironmentPage = EnvironmentPage()

    @model_validator(mode="before")
    @classmethod
    def _fill_from_presets(cls, data: object) -> object:
        """Fill missing answers from the presets of posture and size."""
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        given = {
            f"{page}.{name}": value
            for page, values in data.items()
            if isinstance(values, dict)
            for name, value in values.items()
        }
        for key, value in presets(given).items():
            page, _, name = key.partition(".")
            if isinstance(filled.get(page, {}), dict):
                filled[page] = {name: value, **filled.get(page, {})}
        return filled

    def of_environment(self, name: str) -> EnvironmentPage:
        """Overrides of an environment; empty unless it is listed under `subscription.differ`."""
        if name not in self.subscription.differ:
            return EnvironmentPage()
        return {"dev": self.dev, "qa": self.qa, "uat": self.uat, "prod": self.prod}[name]


PAGES: Final[dict[str, type[Page]]] = {
    "subscription": Subscription,
    "governance": Governance,
    "network": Network,
    "ingress": Ingress,
    "platform": Platform,
    "images": Images,
    "sizing": Sizing,
    "data": Data,
    "sign_on": SignOn,
    "monitoring": Monitoring,
    "integrations": Integrations,
    "flows": Flows,
    "dev": EnvironmentPage,
    "qa": EnvironmentPage,
    "uat": EnvironmentPage,
    "prod": EnvironmentPage,
}
