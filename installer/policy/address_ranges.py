"""ipRangeContains(): addresses, CIDR ranges and ranges with a first and a last address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from installer.policy.outcomes import EvaluationError


def range_contains(outer: str, inner: str) -> bool:
    """Whether a range contains another one; EvaluationError for text that is no range, or two families of addresses."""
    first, last, family = _bounds(outer)
    inner_first, inner_last, inner_family = _bounds(inner)
    if family != inner_family:
        raise EvaluationError("ipRangeContains mixes families of addresses")
    return first <= inner_first and inner_last <= last


def _bounds(text: str) -> tuple[int, int, int]:
    try:
        if "/" in text:
            network = ip_network(text.strip(), strict=False)
            return int(network.network_address), int(network.broadcast_address), network.version
        first, _, last = (part.strip() for part in text.partition("-"))
        low, high = ip_address(first), ip_address(last or first)
    except ValueError as problem:
        raise EvaluationError(f"ipRangeContains: '{text}' is not a range") from problem
    if low.version != high.version or int(low) > int(high):
        raise EvaluationError(f"ipRangeContains: '{text}' is not a range")
    return int(low), int(high), low.version
