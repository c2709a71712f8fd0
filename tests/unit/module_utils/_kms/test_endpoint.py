# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people write for an endpoint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._hosts import with_port
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.endpoint import parse_endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kms1.corp.example", ("kms1.corp.example", 1688)),
        ("kms1.corp.example.:1689", ("kms1.corp.example", 1689)),
        ("KMS1", ("KMS1", 1688)),
        ("10.1.2.3:1", ("10.1.2.3", 1)),
        ("2001:db8::1", ("2001:db8::1", 1688)),
        ("[2001:DB8::1]", ("2001:db8::1", 1688)),
        ("[2001:db8::1]:65535", ("2001:db8::1", 65535)),
    ],
)
def test_a_name_or_address_with_or_without_a_port_is_taken(text: str, expected: tuple[str, int]) -> None:
    assert parse_endpoint(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither a host name nor an address"),
        ("kms1:0", "no port from 1 to 65535"),
        ("kms1:65536", "no port from 1 to 65535"),
        ("kms1:", "no port from 1 to 65535"),
        ("kms1:¹", "no port from 1 to 65535"),
        ("kms1:kms", "no port from 1 to 65535"),
        ("[2001:db8::1]:x", "no port from 1 to 65535"),
        (":1688", "neither a host name nor an address"),
        ("[kms1]:1688", "not an IPv6 address"),
        ("tcp://kms1:1688", "contains a scheme"),
        ("kms 1:1688", "contains a space"),
        ("kms1:1688 ", "no port from 1 to 65535"),
        ("1.2.3:1688", "not an IPv4 address"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_endpoint(text)


@given(st.text(max_size=30))
def test_whatever_is_written_is_an_endpoint_or_a_plain_refusal(text: str) -> None:
    try:
        host, port = parse_endpoint(text)
    except ValueError:
        return
    assert parse_endpoint(with_port(host, port)) == (host, port)
