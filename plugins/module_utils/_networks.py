# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a probe may connect to if a machine or DNS returned them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Loopback, link-local, multicast, broadcast, and unspecified addresses are allowed only if a network in the option `probe_networks`
contains them: they belong to services of the controller or its cloud, and not to a KMS host. An IPv6 address that contains a mapped,
translated, or tunneled IPv4 address is also checked by the IPv4 address, because the connection can end there.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import Union

# `X | Y` outside an annotation needs Python 3.10, and ansible-test holds module_utils to the oldest Python of a target.
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]  # noqa: UP007
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]  # noqa: UP007

_IPV4 = (
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address"),
    ("224.0.0.0/4", "a multicast address"),
    ("255.255.255.255/32", "the broadcast address"),
    # On Linux, a connection to 0.0.0.0 connects to the local machine.
    ("0.0.0.0/8", "an unspecified address"),
)
_IPV6 = (
    ("::1/128", "a loopback address"),
    ("::/128", "the unspecified address"),
    ("fe80::/10", "a link-local address"),
    ("ff00::/8", "a multicast address"),
)
_SPECIAL: tuple[tuple[Network, str], ...] = tuple((ipaddress.ip_network(network), kind) for network, kind in (*_IPV4, *_IPV6))

_LAST_32_BITS = (
    "::/96",  # IPv4-compatible (RFC 4291)
    "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
    "64:ff9b::/96",  # NAT64 (RFC 6052)
)
_EMBEDDING = tuple(ipaddress.IPv6Network(network) for network in _LAST_32_BITS)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_TEREDO = ipaddress.IPv6Network("2001::/32")
_ISATAP = (0x00005EFE, 0x02005EFE)
_32_BITS = 0xFFFFFFFF
_IPV4_ZEROS = ipaddress.IPv4Network("0.0.0.0/8")


def parse_network(text: str) -> Network:
    """Return a network such as 10.0.0.0/8 or fd00::/8, or a single address. Raises ValueError with a human-readable message."""
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a network such as 10.20.0.0/16 or fd00:20::/32") from None
    raise ValueError(f"{text!r} has host bits set; the network is {meant}")


def parse_address(text: str) -> Address | None:
    """Return the address, or None for any other text, such as a name or a short form that only a resolver accepts."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def why_not(address: Address, networks: Sequence[Network]) -> str | None:
    """Return why an address is not allowed, as a noun phrase that describes the address, or None if it is allowed."""
    if _is_in(address, networks):
        return None
    for candidate in (address, *embedded_addresses(address)):
        kind = _special(candidate)
        if kind and not _is_in(candidate, networks):
            return kind if candidate is address else f"an address that contains {candidate}, {kind}"
    return None


def embedded_addresses(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address contains according to each transition mechanism."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    number = int(address)
    if any(address in network for network in _EMBEDDING) or (number >> 32) & _32_BITS in _ISATAP:
        yield ipaddress.IPv4Address(number & _32_BITS)
    if address in _LOCAL_NAT64:
        # The length of the prefix is unknown. A wrong length finds an address that starts with zeros, which is not a host.
        yield from (found for found in _translated(number) if found not in _IPV4_ZEROS)
    if address in _SIX_TO_FOUR:
        yield ipaddress.IPv4Address((number >> 80) & _32_BITS)
    if address in _TEREDO:
        yield ipaddress.IPv4Address((number >> 64) & _32_BITS)
        yield ipaddress.IPv4Address(~number & _32_BITS)


def _translated(number: int) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses by RFC 6052: the prefix of a local NAT64 has 48, 56, 64, or 96 bits, and bits 64 to 71 are not used."""
    rest = number & ((1 << 80) - 1)
    without_gap = ((rest >> 64) << 56) | (rest & ((1 << 56) - 1))
    for prefix in (48, 56):
        yield ipaddress.IPv4Address((without_gap >> (72 - 32 - (prefix - 48))) & _32_BITS)
    yield ipaddress.IPv4Address((number >> 24) & _32_BITS)
    yield ipaddress.IPv4Address(number & _32_BITS)


def _special(address: Address) -> str | None:
    # The zone of a scoped address, as in fe80::1%eth0, is not a part of its network.
    bare = type(address)(int(address))
    return next((kind for network, kind in _SPECIAL if bare.version == network.version and bare in network), None)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    bare = type(address)(int(address))
    return any(bare.version == network.version and bare in network for network in networks)
