"""CIDR arithmetic: parseCidr, cidrSubnet, cidrHost; computed without enumerating addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from installer.arm_templates.arguments import Arguments, function
from installer.arm_templates.errors import TemplateError

if TYPE_CHECKING:
    from installer.arm_templates.values import Value

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _parsed(text: str) -> Network:
    refusal = TemplateError(f"The specified CIDR '{text}' is not valid.")
    address, _, mask = (part.strip() for part in text.partition("/"))
    try:
        if ":" in address:
            prefix = _prefix(mask, 128) if mask else 64
            return ipaddress.IPv6Network((int(ipaddress.IPv6Address(address)), prefix), strict=False)
        number = _ipv4(address)
        prefix = _prefix(mask, 32) if mask else _class_prefix(number)
        return ipaddress.IPv4Network((number, prefix), strict=False)
    except ValueError:
        raise refusal from None


def _prefix(text: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > most:
        raise ValueError(text)
    return int(text)


def _ipv4(text: str) -> int:
    """An address as inet_aton reads it: octal parts allowed, the last part fills the remaining bytes."""
    parts = text.split(".")
    if not 1 <= len(parts) <= 4:
        raise ValueError(text)
    numbers = [_ipv4_part(part) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(parts)):
        raise ValueError(text)
    result = numbers[-1]
    for index, number in enumerate(numbers[:-1]):
        result += number << (24 - 8 * index)
    return result


def _ipv4_part(part: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", part):
        raise ValueError(part)
    return int(part, 8) if len(part) > 1 and part.startswith("0") else int(part)


def _class_prefix(number: int) -> int:
    first = number >> 24
    if first < 128:
        return 8
    return 16 if first < 192 else 24


@function("parseCidr", 1)
def _parse_cidr(arguments: Arguments) -> Value:
    network = _parsed(arguments.text(0))
    low, high = int(network.network_address), int(network.broadcast_address)
    kind = type(network.network_address)
    result: dict[str, Value] = {"network": _shown(network.network_address), "netmask": str(network.netmask)}
    if network.version == 6:
        first, last = low, high
    else:
        result["broadcast"] = str(network.broadcast_address)
        first, last = _usable(network)
    return result | {"firstUsable": _shown(kind(first)), "lastUsable": _shown(kind(last)), "cidr": network.prefixlen}


def _shown(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def _usable(network: Network) -> tuple[int, int]:
    low, high = int(network.network_address), int(network.broadcast_address)
    if network.prefixlen == 32:
        return low, low
    return (low, low) if network.prefixlen == 31 else (low + 1, high - 1)


@function("cidrSubnet", 3)
def _cidr_subnet(arguments: Arguments) -> Value:
    text, prefix, index = arguments.text(0), arguments.integer(1), arguments.integer(2)
    network = _parsed(text)
    if not network.prefixlen <= prefix <= network.max_prefixlen:
        raise TemplateError(f"Could not generate subnet for network '{text}' and CIDR value '{prefix}'.")
    count = 1 << (prefix - network.prefixlen)
    if not 0 <= index < count:
        raise TemplateError(f"The specified subnetIndex '{index}' is not a valid index of the subnet size '{count}'.")
    start = int(network.network_address) + (index << (network.max_prefixlen - prefix))
    return f"{type(network.network_address)(start)}/{prefix}"


@function("cidrHost", 2)
def _cidr_host(arguments: Arguments) -> Value:
    text, index = arguments.text(0), arguments.integer(1)
    network = _parsed(text)
    wanted = int(network.network_address) + 1 + index
    if network.prefixlen >= network.max_prefixlen - 1 or not 0 <= wanted < int(network.broadcast_address):
        raise TemplateError(f"Could not calculate the CidrHost for network '{text}' and CIDR value '{index}'.")
    return _shown(type(network.network_address)(wanted))
