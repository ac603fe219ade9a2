"""IPv4 ranges that a customer may use, and the error of a range that is unsuitable. Pure."""

from ipaddress import IPv4Network
from typing import Final

PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""RFC 1918 and RFC 6598."""
RESERVED: Final = tuple(map(IPv4Network, ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")))
"""Ranges that Azure Kubernetes Service uses itself; Container Apps reserve those among them that are private, too."""
EXAMPLE: Final = "10.40.0.0/16"
"""A suitable address space."""


class AddressError(ValueError):
    """An unsuitable range, or none that is free.

    Attributes:
        message: The reason, in one sentence.
        example: A suitable address space.

    """

    def __init__(self, message: str, example: str = EXAMPLE) -> None:
        super().__init__(message)
        self.message = message
        self.example = example
