"""Transport of every client of the SDK: the waits between tries and polls are bounded, shown, and ended by a stop."""

from azure.core.pipeline.transport import RequestsTransport

from installer.waiting import wait


class WaitingTransport(RequestsTransport):  # type: ignore[misc]  # the package imports it on first use
    """Requests of one client; policies for retries and pollers wait with its `sleep`."""

    def sleep(self, duration: float) -> None:
        """Wait for a number of seconds, such as those of a Retry-After header."""
        wait(duration)


def transport_to(ca_file: str | None, **options: float) -> WaitingTransport:
    """A transport that trusts the authorities in a file, or those of the system."""
    return WaitingTransport(connection_verify=ca_file or True, **options)
