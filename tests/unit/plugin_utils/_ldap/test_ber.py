# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoding: what was written is read again, and bytes of a server cost no more than their length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import ber
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.ber import MalformedError, Reader

TAGS = st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F)


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300))))
def test_elements_are_read_as_they_were_written(elements: list[tuple[int, bytes]]) -> None:
    reader = Reader(b"".join(ber.encode(tag, content) for tag, content in elements))
    assert [(found.tag, found.content) for found in reader.rest()] == elements
    assert reader.at_end


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_read_as_they_were_written(value: int) -> None:
    assert Reader(ber.encode_integer(value)).integer() == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "020100"),
        (27066, "020269ba"),
        (-136, "0202ff78"),
        (-27066, "02029646"),
        (127, "02017f"),
        (128, "02020080"),
        (256, "02020100"),
        (-128, "020180"),
        (-129, "0202ff7f"),
    ],
)
def test_integers_have_the_shortest_form(value: int, written: str) -> None:
    """Values from X.690 and from the layman's guide to its encoding."""
    assert ber.encode_integer(value).hex() == written


@given(st.text())
def test_texts_are_read_as_they_were_written(value: str) -> None:
    assert Reader(ber.encode_text(value)).text() == value


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths_of_every_form_are_read(size: int) -> None:
    written = ber.encode(0x04, b"x" * size)
    assert Reader(written).octets() == b"x" * size
    assert ber.element_size(written, 10**6) == len(written)


def test_the_long_form_of_active_directory_is_read() -> None:
    assert Reader(bytes.fromhex("04840000000161")).octets() == b"a"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("0480", "indefinite"),
        ("04850000000001", "four bytes"),
        ("1f0100", "more than one byte"),
        ("3f", "more than one byte"),
        ("bf8101", "more than one byte"),
    ],
)
def test_headers_that_ldap_does_not_allow_are_refused(data: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        ber.element_size(bytes.fromhex(data), 100)


def test_a_huge_length_is_refused_before_its_content_arrives() -> None:
    with pytest.raises(MalformedError, match="longer than the limit of 1000"):
        ber.element_size(bytes.fromhex("3084ffffffff"), 1000)


@given(st.binary(max_size=200))
def test_any_bytes_are_elements_or_malformed(data: bytes) -> None:
    try:
        found = list(Reader(data).rest())
    except MalformedError:
        return
    assert sum(len(element.content) for element in found) <= len(data)


@given(st.binary(max_size=20), st.integers(0, 50))
def test_the_size_of_an_element_needs_no_more_than_its_header(data: bytes, limit: int) -> None:
    try:
        size = ber.element_size(data, limit)
    except MalformedError:
        return
    assert size is None or 2 <= size <= limit


@pytest.mark.parametrize("data", ["0200", "0209000000000000000001", "0401", "0202", "020280", "040101"])
def test_integers_that_are_too_short_or_too_long_or_something_else_are_refused(data: str) -> None:
    with pytest.raises(MalformedError):
        Reader(bytes.fromhex(data)).integer()


def test_a_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(MalformedError, match="UTF-8"):
        Reader(b"\x04\x01\xff").text()
