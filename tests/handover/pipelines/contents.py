"""Content of pipelines for tests."""

from typing import Any, Final

from installer.answers.model import Answers
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.wheel import Wheel
from tests.bicep.answers_variants import answers
from tests.emulator.in_memory import SUBSCRIPTION

OTHER: Final = "22222222-2222-3333-4444-555555555555"
WHEEL: Final = Wheel("1.2.3", "0" * 64)
PUBLIC: Final[dict[str, Any]] = {
    "governance": {"posture": "trial"},
    "network": {"mode": "public"},
    "ingress": {"kind": "direct"},
}
TWO: Final = answers("dev", "prod", flows={"source": "./flows"}, **PUBLIC)
PRIVATE: Final = answers("dev", "qa", "prod", flows={"source": "flows"})
"""With a private registry."""

IMPORTED: Final = answers(
    "dev",
    images={
        "prefect_source": "import",
        "prefect_from": f"registry.example.com/prefect@sha256:{'1' * 64}",
        "web_source": "import",
        "web_from": f"registry.example.com/web@sha256:{'2' * 64}",
        "user": "puller",
        "password": "env:REGISTRY_PASSWORD",
    },
)
"""With a secret, and without images to push."""


def content(given: Answers = TWO, file: str = "answers.yaml") -> Content:
    return Content(given, file, WHEEL, "main", "flowforge")


def in_emulated_subscription(given: Answers) -> Answers:
    """The same answers for the subscription that tests of the embedded Azure have."""
    own = given.subscription.model_copy(update={"subscription": SUBSCRIPTION})
    return given.model_copy(update={"subscription": own})
