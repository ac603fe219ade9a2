"""Fakes of the clients of Azure: what a fake does not answer fails, and mypy checks its signatures in one place."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from installer.cloud.arm import Arm
from installer.cloud.models import Deployment, Operation
from installer.cloud.rest import Method, Response, Service
from installer.cloud.target import Target
from installer.jsontypes import Json
from installer.sanitize import MAX_CHARACTERS

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def no_credential() -> "TokenCredential":
    """Fail: a fake does not sign in."""
    raise AssertionError("a fake asks for no token")


TARGET: Final = Target("azure", "public", "https://arm.test", "https://login.test", "https://arm.test", no_credential)


# The same target as a run records it.
RECORDED: Final[dict[str, Json]] = {"kind": "azure", "cloud": "public"}


class AnsweredService(Service):
    """A service whose requests `reply` answers: the signature of a request is here only."""

    @override
    def ask(
        self,
        method: Method,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        prefer: str = "",
        doing: str = "",
        most: int = MAX_CHARACTERS,
    ) -> Response:
        """One request."""
        return self.reply(method, path, body, doing)

    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        """The answer to a request."""
        raise NotImplementedError(f"{method} {path}")


class FakeService(AnsweredService):
    """The same without any cloud."""

    def __init__(self) -> None:
        super().__init__(TARGET, TARGET.endpoint, TARGET.audience)


class FakeArm(Arm):
    """Azure Resource Manager whose deployments `accepted` answers; they do nothing."""

    def __init__(self) -> None:
        super().__init__(TARGET, "s")

    @override
    def operations(self, name: str, nested: str | None = None) -> list[Operation]:
        """None."""
        return []

    @override
    def begin(
        self,
        name: str,
        *,
        location: str,
        template: Mapping[str, Json],
        parameters: Mapping[str, Json],
        tags: Mapping[str, str],
    ) -> Deployment:
        """Send a deployment."""
        return self.accepted(name, parameters, tags)

    def accepted(self, name: str, parameters: Mapping[str, Json], tags: Mapping[str, str]) -> Deployment:
        """The deployment that was sent."""
        raise NotImplementedError(name)
