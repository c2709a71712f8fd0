# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses a probe opens: whatever hides a special IPv4 address in an IPv6 address, and what the operator allows."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._networks import (
    Address,
    embedded_addresses,
    parse_address,
    parse_network,
    why_not,
)

SPECIAL = ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "0.0.0.0/8", "255.255.255.255/32")
ORDINARY = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "8.8.0.0/16", "100.64.0.0/10")
SHAPES = ("::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}", "2001:db8::5efe:{}", "2001:db8::200:5efe:{}")


def addresses(networks: tuple[str, ...]) -> st.SearchStrategy[ipaddress.IPv4Address]:
    return st.one_of([st.ip_addresses(v=4, network=network) for network in networks])


def six_to_four(address: ipaddress.IPv4Address) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80) | 1)


def teredo(address: ipaddress.IPv4Address) -> ipaddress.IPv6Address:
    return ipaddress.IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (~int(address) & 0xFFFFFFFF))


def translated(address: ipaddress.IPv4Address, prefix: int) -> ipaddress.IPv6Address:
    """RFC 6052, section 2.2: the bits 64 to 71 stay zero, so that the address goes around them."""
    bits = f"{int(address):032b}"
    before = bits[: 64 - prefix] if prefix < 64 else ""
    after = bits[len(before) :]
    whole = f"{0x0064FF9B0001:048b}" + "0" * (prefix - 48) + before + "0" * 8 + after
    return ipaddress.IPv6Address(int(whole.ljust(128, "0"), 2))


@given(addresses(SPECIAL))
def test_a_special_ipv4_address_is_never_opened_by_itself(address: ipaddress.IPv4Address) -> None:
    assert why_not(address, ()) is not None


@given(addresses(ORDINARY))
def test_any_other_ipv4_address_is_opened(address: ipaddress.IPv4Address) -> None:
    assert why_not(address, ()) is None


@given(addresses(SPECIAL), st.sampled_from(SHAPES))
def test_an_ipv6_address_that_carries_a_special_one_is_not_opened(address: ipaddress.IPv4Address, shape: str) -> None:
    whole = parse_address(shape.format(address))
    assert whole is not None
    assert address in embedded_addresses(whole) or address in ipaddress.ip_network("0.0.0.0/8")
    if shape != "64:ff9b:1::{}" or address not in ipaddress.ip_network("0.0.0.0/8"):
        assert why_not(whole, ()) is not None


@given(addresses(SPECIAL))
def test_a_tunnelled_special_address_is_not_opened(address: ipaddress.IPv4Address) -> None:
    assert why_not(six_to_four(address), ()) is not None
    assert why_not(teredo(address), ()) is not None


@given(addresses(("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")), st.sampled_from((48, 56, 64)))
def test_a_local_nat64_of_any_prefix_hides_nothing(address: ipaddress.IPv4Address, prefix: int) -> None:
    assert address in embedded_addresses(translated(address, prefix))
    assert why_not(translated(address, prefix), ()) is not None


@given(addresses(("10.20.0.0/16", "192.168.0.0/16")), st.sampled_from(("::ffff:{}", "64:ff9b::{}", "64:ff9b:1::{}")))
def test_an_ipv6_address_that_carries_an_ordinary_one_is_opened(address: ipaddress.IPv4Address, shape: str) -> None:
    whole = parse_address(shape.format(address))
    assert whole is not None
    assert why_not(whole, ()) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("::1", "a loopback address"),
        ("::", "the unspecified address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("ff02::1", "a multicast address"),
        ("169.254.169.254", "a link-local address"),
        ("::ffff:169.254.169.254", "an address that contains 169.254.169.254, a link-local address"),
        ("0.0.0.0", "an unspecified address"),
        ("255.255.255.255", "the broadcast address"),
    ],
)
def test_why_an_address_is_not_opened_is_said(text: str, words: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert why_not(address, ()) == words


@pytest.mark.parametrize("text", ["2001:db8::10", "fd00:20::5", "fc00::1", "2a00:1450::1"])
def test_an_ordinary_ipv6_address_is_opened(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert why_not(address, ()) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_the_operators_networks_open_exactly_what_is_in_them(address: Address) -> None:
    whole = (parse_network("0.0.0.0/0"), parse_network("::/0"))
    assert why_not(address, whole) is None
    assert why_not(address, (parse_network(str(address)),)) is None


@given(addresses(("127.0.0.0/8",)))
def test_a_network_opens_the_addresses_that_carry_it_and_no_other_kind(address: ipaddress.IPv4Address) -> None:
    loopback = (parse_network("127.0.0.0/8"),)
    mapped, linked = parse_address(f"::ffff:{address}"), parse_address("::ffff:169.254.1.1")
    assert mapped is not None
    assert linked is not None
    assert why_not(mapped, loopback) is None
    assert why_not(linked, loopback) is not None


@pytest.mark.parametrize("text", ["127.1", "0x7f.0.0.1", "2130706433", "localhost", "", "127.0.0.1:1688", "[::1]"])
def test_what_only_a_resolver_takes_for_an_address_is_none(text: str) -> None:
    assert parse_address(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1/8", "the network is 10.0.0.0/8"),
        ("10.0.0.0/33", "is not a network"),
        ("corp.example", "is not a network"),
        ("", "is not a network"),
    ],
)
def test_a_network_that_is_none_is_refused_with_the_right_form(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_network(text)
