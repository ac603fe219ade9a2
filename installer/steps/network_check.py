"""Base of the steps that compare existing networks with the installation before the first write."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import ACCESS_DENIED, Service
from installer.engine.step import Context, Outputs
from installer.estate.parameters.context import Installation

Found = TypeVar("Found")


@dataclass(frozen=True)
class NetworkCheck:
    """A step that only reads: what this account may not read is reported as not checked."""

    service: Service
    it: Installation
    needs: ClassVar[tuple[str, ...]] = ()
    usual_seconds: ClassVar[float] = 2.0

    def check(self, context: Context) -> Outputs | None:  # noqa: ARG002  the same for every step
        """Never done in advance: the check itself is the work."""
        return None

    def verify(self, context: Context, outputs: Outputs) -> None:
        """Nothing was changed."""

    def readable(self, context: Context, read: Callable[[], Found], nothing: Found, what: str) -> Found:
        """The result of a reading, or `nothing` if this account may not read `what`."""
        try:
            return read()
        except AzureRefused as refused:
            if refused.status not in ACCESS_DENIED:
                raise
            context.emit("not-checked", f"{what}: this account may not read them")
            return nothing
