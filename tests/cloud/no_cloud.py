"""A target that cannot be reached, for fakes of the clients: what they do not fake fails."""

from typing import TYPE_CHECKING, Final

from installer.cloud.target import Target

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def no_credential() -> "TokenCredential":
    """Fail: a fake does not sign in."""
    raise AssertionError("a fake asks for no token")


TARGET: Final = Target("azure", "public", "https://arm.test", "https://login.test", "https://arm.test", no_credential)
