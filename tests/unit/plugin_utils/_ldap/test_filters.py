# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search filters: the examples of RFC 4515, encoded as RFC 4511 says, and values that must not become filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import filters
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.ber import Reader, encode, encode_octets, encode_text


def item(tag: int, attribute: str, value: bytes) -> bytes:
    """A comparison."""
    return encode(tag, encode_text(attribute), encode_octets(value))


def substrings(attribute: str, *parts: tuple[int, bytes]) -> bytes:
    """A comparison with parts of a value."""
    return encode(0xA4, encode_text(attribute), encode(0x30, *(encode_octets(value, tag) for tag, value in parts)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(cn=Babs Jensen)", item(0xA3, "cn", b"Babs Jensen")),
        ("(!(cn=Tim Howes))", encode(0xA2, item(0xA3, "cn", b"Tim Howes"))),
        (
            "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
            encode(
                0xA0,
                item(0xA3, "objectClass", b"Person"),
                encode(0xA1, item(0xA3, "sn", b"Jensen"), substrings("cn", (0x80, b"Babs J"))),
            ),
        ),
        ("(o=univ*of*mich*)", substrings("o", (0x80, b"univ"), (0x81, b"of"), (0x81, b"mich"))),
        ("(seeAlso=)", item(0xA3, "seeAlso", b"")),
        (r"(o=Parens R Us \28for all your parenthetical needs\29)", item(0xA3, "o", b"Parens R Us (for all your parenthetical needs)")),
        (r"(cn=*\2A*)", substrings("cn", (0x81, b"*"))),
        (r"(filename=C:\5cMyFile)", item(0xA3, "filename", b"C:\\MyFile")),
        (r"(bin=\00\00\00\04)", item(0xA3, "bin", b"\0\0\0\x04")),
        (r"(sn=Lu\c4\8di\c4\87)", item(0xA3, "sn", "Lučić".encode())),
        ("(1.3.6.1.4.1.1466.0=x)", item(0xA3, "1.3.6.1.4.1.1466.0", b"x")),
        ("(objectClass=*)", encode_text("objectClass", 0x87)),
        ("(a>=1)", item(0xA5, "a", b"1")),
        ("(a<=1)", item(0xA6, "a", b"1")),
        ("(a~=1)", item(0xA8, "a", b"1")),
        ("(&)", encode(0xA0)),
        ("(|)", encode(0xA1)),
    ],
)
def test_the_examples_of_rfc_4515_and_4526_are_encoded(text: str, expected: bytes) -> None:
    assert filters.encode_filter(text) == expected


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))) | st.text(alphabet="()*\\\x00&|!=a"))
def test_no_text_as_a_value_changes_the_filter(value: str) -> None:
    found = filters.encode_filter(f"(&(objectClass=x){filters.equal('cn', value)})")
    assert found == encode(0xA0, item(0xA3, "objectClass", b"x"), item(0xA3, "cn", value.encode()))


@given(st.binary())
def test_bytes_are_a_value(value: bytes) -> None:
    assert filters.encode_filter(filters.equal("objectGUID", value)) == item(0xA3, "objectGUID", value)


@pytest.mark.parametrize(
    "text",
    ["", "cn=a", "(cn=a", "(cn=a))", "(cn)", "(=a)", "(cn=a)(cn=b)", "(!(a=b)(c=d))", "(!)", "(&(a=b)", r"(cn=\2)", r"(cn=a\zz)",
     "(cn>=a*)", "(cn:dn:=a)", "()", "(c n=a)", "(&x)", "(cn=(a))"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"filter|comparison"):
        filters.encode_filter(text)


def test_deep_nesting_is_refused_and_not_followed() -> None:
    depth = filters.DEEPEST
    assert filters.encode_filter("(!" * depth + "(a=b)" + ")" * depth)
    with pytest.raises(ValueError, match="inside each other"):
        filters.encode_filter("(!" * 100_000 + "(a=b)" + ")" * 100_000)


@given(st.text(alphabet="()&|!=*\\2aA<>~ ", max_size=40))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        found = filters.encode_filter(text)
    except ValueError:
        return
    reader = Reader(found)
    reader.element()
    assert reader.at_end
