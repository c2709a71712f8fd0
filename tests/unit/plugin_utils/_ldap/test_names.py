# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names: the examples of RFC 4514, and names that must not become other names."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import names

TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1)
AWKWARD = st.text(alphabet=' #,+"\\<>;=\n\r\x00/aé語', min_size=1)


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ('James "Jim" Smith, III', r"James \"Jim\" Smith\, III"),
        ("Before\rAfter", r"Before\0DAfter"),
        ("# first", r"\# first"),
        (" first", r"\ first"),
        ("last ", r"last\ "),
        (" ", r"\ "),
        ("  ", r"\ \ "),
        ("a=b+c;d<e>f", r"a\=b\+c\;d\<e\>f"),
        ("back\\slash", r"back\\slash"),
        ("null\x00", r"null\00"),
        ("Lučić", "Lučić"),
        ("日本", "日本"),
        ("a#b c", "a#b c"),
    ],
)
def test_values_are_escaped_as_rfc_4514_says(value: str, escaped: str) -> None:
    assert names.escape_value(value) == escaped
    assert names.unescape_value(escaped) == value


@given(TEXTS | AWKWARD, TEXTS | AWKWARD)
def test_a_name_has_the_parts_it_was_made_of(value: str, other: str) -> None:
    dn = names.child(value, names.child(other, "DC=ad,DC=test"))
    assert names.split(dn)[0] == f"CN={names.escape_value(value)}"
    assert len(names.split(dn)) == 4
    assert names.first_value(dn) == value
    assert names.first_value(names.parent(dn)) == other
    assert "\n" not in dn
    assert "\r" not in dn


@given(TEXTS | AWKWARD)
def test_no_value_ends_its_part_of_a_name(value: str) -> None:
    # Without escaped characters, nothing of the syntax is left.
    bare = re.sub(r"\\([0-9A-F]{2}|.)", "", names.escape_value(value), flags=re.DOTALL)
    assert not set(bare) & set(',+"\\<>;=\x00')
    assert not bare.startswith("#") or names.escape_value(value)[0] == "\\"


@pytest.mark.parametrize(
    ("dn", "parts"),
    [
        ("", ()),
        ("CN=a", ("CN=a",)),
        (r"CN=a\,b,OU=c", (r"CN=a\,b", "OU=c")),
        (r"CN=a\\,OU=c", (r"CN=a\\", "OU=c")),
        ("CN=a, OU=c", ("CN=a", "OU=c")),
        (r"CN=Twin\0ACNF:1d1a,CN=x", (r"CN=Twin\0ACNF:1d1a", "CN=x")),
    ],
)
def test_names_are_split_at_their_commas_only(dn: str, parts: tuple[str, ...]) -> None:
    assert names.split(dn) == parts


def test_the_name_of_a_conflict_copy_has_its_line_feed() -> None:
    assert names.first_value(r"CN=Twin\0ACNF:1d1a,CN=x") == "Twin\nCNF:1d1a"


def test_the_domain_of_a_naming_context_is_its_dns_name() -> None:
    assert names.domain_of("DC=corp,DC=example,DC=com") == "corp.example.com"
    assert names.domain_of("CN=Configuration,DC=ad,DC=test") == "ad.test"
    assert names.domain_of("CN=Configuration") == ""


def test_an_object_has_a_name_of_its_guid() -> None:
    guid = uuid.UUID("2a99638f-1d1a-4b9e-9f0e-0123456789ab")
    assert names.guid_in(names.by_guid(guid)) == str(guid)
    assert names.guid_in("CN=<GUID=1>") is None


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    assert isinstance(names.first_value(text), str)
    assert isinstance(names.domain_of(text), str)
    assert len(names.parent(text)) <= len(text)
