# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses a probe opens when a machine or DNS named them, and not the operator.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Loopback, link-local, multicast, broadcast and unspecified addresses are opened only when a network of the operator's list
contains them: behind them are services of the controller itself, or of its cloud, and no KMS host. An IPv6 address that carries an IPv4
address, mapped, translated or tunnelled, is judged by the IPv4 address too, because that is where the connection may end.
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
    # On Linux a connection to 0.0.0.0 ends at the machine itself.
    ("0.0.0.0/8", "an unspecified address"),
)
_IPV6 = (
    ("::1/128", "a loopback address"),
    ("::/128", "the unspecified address"),
    ("fe80::/10", "a link-local address"),
    ("ff00::/8", "a multicast address"),
)
_SPECIAL: tuple[tuple[Network, str], ...] = tuple((ipaddress.ip_network(network), words) for network, words in (*_IPV4, *_IPV6))

_LAST_32_BITS = (
    "::/96",  # IPv4-compatible (RFC 4291)
    "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
    "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
    "64:ff9b::/96",  # NAT64 (RFC 6052)
)
_CARRYING = tuple(ipaddress.IPv6Network(network) for network in _LAST_32_BITS)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_TEREDO = ipaddress.IPv6Network("2001::/32")
_ISATAP = (0x00005EFE, 0x02005EFE)
_32_BITS = 0xFFFFFFFF
_IPV4_ZEROS = ipaddress.IPv4Network("0.0.0.0/8")


def parse_network(text: str) -> Network:
    """A network such as 10.0.0.0/8 or fd00::/8, or a single address. Raises ValueError whose text says what is wrong."""
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no network, which looks like 10.20.0.0/16 or fd00:20::/32") from None
    raise ValueError(f"{text!r} has bits beyond its prefix; the network is {meant}")


def parse_address(text: str) -> Address | None:
    """The address that a text is, and None for anything else, such as a name or one of the short forms a resolver takes."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def why_not(address: Address, networks: Sequence[Network]) -> str | None:
    """Why an address is not opened, as the end of a sentence about it; None when it is."""
    if _is_in(address, networks):
        return None
    for face in (address, *carried(address)):
        words = _special(face)
        if words and not _is_in(face, networks):
            return words if face is address else f"an address that carries {face}, {words}"
    return None


def carried(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries, by each rule it may have been made by."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    number = int(address)
    if any(address in network for network in _CARRYING) or (number >> 32) & _32_BITS in _ISATAP:
        yield ipaddress.IPv4Address(number & _32_BITS)
    if address in _LOCAL_NAT64:
        # Which of the prefixes it has nobody knows here: what a wrong one finds begins with zeros, and leads nowhere.
        yield from (found for found in _translated(number) if found not in _IPV4_ZEROS)
    if address in _SIX_TO_FOUR:
        yield ipaddress.IPv4Address((number >> 80) & _32_BITS)
    if address in _TEREDO:
        yield ipaddress.IPv4Address((number >> 64) & _32_BITS)
        yield ipaddress.IPv4Address(~number & _32_BITS)


def _translated(number: int) -> Iterator[ipaddress.IPv4Address]:
    """RFC 6052: the prefix of a local NAT64 has 48, 56, 64 or 96 bits, and the bits 64 to 71 are never part of the IPv4 address."""
    rest = number & ((1 << 80) - 1)
    without_gap = ((rest >> 64) << 56) | (rest & ((1 << 56) - 1))
    for prefix in (48, 56):
        yield ipaddress.IPv4Address((without_gap >> (72 - 32 - (prefix - 48))) & _32_BITS)
    yield ipaddress.IPv4Address((number >> 24) & _32_BITS)
    yield ipaddress.IPv4Address(number & _32_BITS)


def _special(address: Address) -> str | None:
    # The zone of a scoped address, as in fe80::1%eth0, says nothing about where it belongs.
    bare = type(address)(int(address))
    return next((words for network, words in _SPECIAL if bare.version == network.version and bare in network), None)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    bare = type(address)(int(address))
    return any(bare.version == network.version and bare in network for network in networks)
