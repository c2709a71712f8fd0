# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host names and addresses: what is taken, what is refused, what counts as the same; literals of WQL."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _hosts as hosts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import MalformedResponseError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state import wql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kms1.corp.example", "kms1.corp.example"),
        ("KMS1", "KMS1"),
        ("kms1.corp.example.", "kms1.corp.example"),
        ("10.1.2.3", "10.1.2.3"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:10.1.2.3", "::ffff:10.1.2.3"),
    ],
)
def test_a_name_or_an_address_is_taken_in_its_normal_form(text: str, expected: str) -> None:
    found = hosts.parse_host(text)
    assert hosts.same_name(found, expected)
    assert hosts.parse_host(found) == found
    assert "[" not in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://kms1", "scheme"),
        ("kms1 kms2", "contains a space"),
        (" kms1", "contains a space"),
        ("kms1:1688", "a port must be set in its own option"),
        ("[::1]:1688", "a port must be set in its own option"),
        ("[kms1]", "not an IPv6 address"),
        ("", "neither a host name"),
        ("kms1..corp", "neither a host name"),
        ("-kms1", "neither a host name"),
        ("kms/1", "neither a host name"),
        ("256.1.1.1", "not an IPv4 address"),
        ("kms1.corp'; drop", "contains a space"),
        ("a" * 64, "neither a host name"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        hosts.parse_host(text)


def test_case_final_dot_brackets_and_spelling_of_an_address_do_not_count() -> None:
    assert hosts.same_name("KMS1.Corp.Example.", "kms1.corp.example")
    assert hosts.same_name("[2001:0db8::0001]", "2001:DB8::1")
    assert hosts.same_name(None, "")
    assert not hosts.same_name("kms1", None)
    assert not hosts.same_name("kms1", "kms1.corp.example")


@given(st.ip_addresses(v=6), st.integers(1, 65535))
def test_windows_6_0_keeps_host_and_port_in_one_string_that_comes_apart_again(address: ipaddress.IPv6Address, port: int) -> None:
    assert hosts.split_port(hosts.with_port(str(address), port)) == (str(address), port)
    assert hosts.split_port(hosts.with_port("kms1", port)) == ("kms1", port)
    assert hosts.split_port(hosts.wire_host(str(address))) == (str(address), None)
    assert hosts.split_port(str(address)) == (str(address), None)


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\x7f")))
def test_no_value_can_end_the_literal_it_stands_in(value: str) -> None:
    literal = wql.literal(value)
    inside = literal[1:-1]
    assert literal[0] == literal[-1] == "'"
    assert not re.search(r"['\"]", re.sub(r"\\.", "", inside))
    assert not re.sub(r"\\.", "", inside).endswith("\\")
    assert re.sub(r"\\(.)", r"\1", inside) == value


def test_control_characters_are_refused_in_a_query() -> None:
    with pytest.raises(MalformedResponseError, match="control characters"):
        wql.literal("a\nb")


def test_a_moment_is_written_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert wql.moment(datetime(2026, 11, 20, 18, 38, 10, 999, tokyo)) == "'20261120093810.000000+000'"
