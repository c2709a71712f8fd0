# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside moves nothing, hides nothing and breaks no line; text that people wrote stays whole."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._visible import REPLACEMENT, visible, visible_lines

HARMFUL = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e",
    *"\ud800\udc80\udfff\ufffe\uffff\U0001ffff\U000e0041\ufff9\u3164",
]


@pytest.mark.parametrize("character", HARMFUL)
def test_each_harmful_character_becomes_the_replacement_character(character: str) -> None:
    assert visible(f"a{character}b") == f"a{REPLACEMENT}b"
    assert visible_lines(f"a{character}b") == ("a\nb" if character == "\n" else f"a{REPLACEMENT}b")


@pytest.mark.parametrize(
    "text",
    [
        "Windows(R) 10, Windows® Server 2022 Datacenter – 評価版　ボリューム",
        "ويندوز، إصدار المؤسسات — ۱۴۰۳",
        "می\u200cخواهم",  # Persian, with the non-joiner its spelling needs
        "क्\u200dष",
        "葛\U000e0100城市",  # a variation selector, which chooses the shape of the character before it
        "naïve café ½ µ € \u00a0x",
        "👩 é",
        "",
    ],
)
def test_text_that_people_write_stays_the_same_object(text: str) -> None:
    assert visible(text) is text
    assert visible_lines(text) is text


def test_a_joiner_is_taken_out_where_no_spelling_needs_it() -> None:
    assert visible("pass\u200cword \u200dx") == "pass\ufffdword \ufffdx"


@given(st.text())
def test_the_length_stays_and_nothing_harmful_is_left(text: str) -> None:
    safe = visible(text)
    assert len(safe) == len(text)
    assert visible(safe) is safe
    assert len(safe.splitlines()) <= 1
    assert {unicodedata.category(character) for character in safe}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert {unicodedata.bidirectional(character) for character in safe}.isdisjoint(
        {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )
    safe.encode("utf-8")


def test_every_format_character_that_nobody_sees_is_replaced() -> None:
    """Those of Arabic, Syriac and Kaithi that are drawn, as signs before a number, stay; so do hieroglyphs and shorthand."""
    formats = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    stay = {character for character in formats if visible(character) == character}
    names = ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN")
    assert [hex(ord(character)) for character in stay if not unicodedata.name(character).startswith(names)] == []
