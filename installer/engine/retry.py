"""How often, and how long, a step that failed for a passing reason is tried again."""

from time import monotonic

from installer.errors import InstallerError

RETRY_SECONDS = (1.0, 3.0, 8.0, 20.0, 45.0)
"""How long to wait before each further try of a step that failed for a passing reason; then it has failed."""
PATIENCE_SECONDS = 3600.0
"""How many seconds a step keeps retrying when Azure cannot be reached: a closed laptop, a network outage."""


class RetryBudget:
    """When a step is retried.

    A few times when it is refused; for as long as the cause may take to pass, where that is known; and for a long time
    when the service cannot be reached.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._pauses = iter(RETRY_SECONDS)
        self._silent: float | None = None
        self._refused: float | None = None

    def pause(self, error: InstallerError) -> float | None:
        """Seconds to wait before the next try; None when there is none."""
        if not error.transient:
            return None
        now = monotonic()
        if not error.unreached:
            if self._silent is not None:  # an answer resets the number of tries
                self._silent, self._pauses = None, iter(RETRY_SECONDS)
            self._refused = now if self._refused is None else self._refused
            settling = now - self._refused < error.settles_within
            return next(self._pauses, RETRY_SECONDS[-1] if settling else None)
        self._silent = now if self._silent is None else self._silent
        return next(self._pauses, RETRY_SECONDS[-1] if now - self._silent < self._patience else None)
