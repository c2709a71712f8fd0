# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of clients: whatever comes in is a request or is refused as malformed, and nothing else happens."""

from __future__ import annotations

import contextlib
from typing import Any

import ldap3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldap3.operation.search import search_operation
from ldap3.protocol import rfc4511
from pyasn1.codec.ber import encoder

from winlab.directory import messages, names
from winlab.directory.messages import Malformed

FILTERS = ("(objectClass=*)", "(&(a=1)(|(b=2)(!(c=*))))", "(a=b*c)", "(a>=1)", "(a:1.2.3:=x)")


def search(test: str) -> bytes:
    content = search_operation("CN=x", test, ldap3.LEVEL, ldap3.DEREF_NEVER, ["cn"], 0, 0, False, None, None)
    message = rfc4511.LDAPMessage()
    message["messageID"] = 7
    message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName("searchRequest", content)
    return bytes(encoder.encode(message))


def read_all(data: bytes) -> Any:
    request = messages.read(data)
    return messages.read_filter(bytes(request.content["filter"])) if request.kind == "searchRequest" else None


def test_filters_are_read_at_every_level() -> None:
    found = read_all(search("(&(a=1)(|(b=2)(!(c=*))))"))
    assert (found.kind, found.inside[0].value, found.inside[1].inside[1].inside[0].kind) == ("and", b"1", "present")


@settings(max_examples=300, deadline=None)
@given(test=st.sampled_from(FILTERS), place=st.integers(0, 200), octet=st.integers(0, 255), cut=st.integers(0, 3))
def test_a_message_with_a_wrong_octet_is_read_or_refused(test: str, place: int, octet: int, cut: int) -> None:
    data = bytearray(search(test))
    data[place % len(data)] = octet
    with contextlib.suppress(Malformed):
        read_all(bytes(data[: len(data) - cut]))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_no_message_or_one_with_a_size(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        size = messages.size_of(data)
        assert size is None or size <= messages.LARGEST + 6
        messages.read(data)


def test_a_filter_of_many_levels_is_refused() -> None:
    inside = b"\x87\x01a"
    for _level in range(40):
        inside = b"\xa2" + (bytes([len(inside)]) if len(inside) < 128 else b"\x81" + bytes([len(inside)])) + inside
    with pytest.raises(Malformed, match="levels"):
        messages.read_filter(inside)


@given(st.text(min_size=1, max_size=40, alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_name_is_read_as_it_was_written(value: str) -> None:
    assert names.parse(names.write((("CN", value), ("DC", "lab")))) == (("CN", value), ("DC", "lab"))
