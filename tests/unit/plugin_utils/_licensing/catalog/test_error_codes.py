# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a code is spelled, and what is said of a code that the catalog does not have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog import errors

from .explained_codes import FAMILIES_FILE, texts_of

UINT32 = st.integers(min_value=0, max_value=0xFFFFFFFF)


# -- spellings of a code


@given(UINT32)
def test_every_spelling_of_a_code_is_the_same_code(number: int) -> None:
    signed = number - (1 << 32) if number >= 1 << 31 else number
    spellings: list[int | str] = [number, signed, str(number), str(signed), f"0x{number:08X}", f"0x{number:x}", f" 0X{number:08x}\n"]
    assert {errors.parse_code(spelling) for spelling in spellings} == {number}
    assert errors.parse_code(errors.format_code(number)) == number
    assert errors.explain(signed) == errors.explain(number) == errors.explain(f"0x{number:08X}")


def test_eight_hexadecimal_digits_need_no_prefix_when_one_is_a_letter() -> None:
    assert errors.parse_code("c004f074") == 0xC004F074


def test_eight_decimal_digits_are_decimal_and_the_slip_is_pointed_out() -> None:
    explanation = errors.explain("80070005")
    assert explanation.code == "0x04C5C575"
    assert "0x80070005" in explanation.next_steps[0]


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "0x",
        "0x1C004F074",
        "C004F0",
        "KMS",
        "12 34",
        "1e5",
        "-0x1",
        "4294967296",
        "-2147483649",
        1 << 32,
        -(1 << 31) - 1,
        "\uff11\uff12",
    ],
)
def test_what_is_no_code_is_refused_with_a_sentence(value: int | str) -> None:
    with pytest.raises(ValueError, match=r"error code|32 bits"):
        errors.parse_code(value)


@pytest.mark.parametrize("value", [True, None, 3.0, [5], {"code": 5}, b"0x5"])
def test_values_of_other_types_are_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match=type(value).__name__):
        errors.explain(value)


# -- codes that are not in the catalog


@given(UINT32)
def test_every_number_gets_an_explanation_that_is_honest_about_what_is_known(number: int) -> None:
    explanation = errors.explain(number)
    listed = {int(code, 16) for code in errors.known_codes()}
    assert explanation.code == f"0x{number:08X}"
    is_ntstatus = number >> 28 == 0xD and number & ~0x10000000 in listed
    assert explanation.known == (number in listed or (number <= 0xFFFF and number | 0x80070000 in listed) or is_ntstatus)
    assert all(texts_of(explanation))
    assert 1 <= len(explanation.next_steps) <= 4
    assert "{" not in " ".join(explanation.next_steps)
    if not explanation.known:
        assert "not in this collection's catalog" in explanation.meaning
        assert not explanation.transient


def test_the_ranges_leave_no_number_out_and_name_known_families() -> None:
    ranges = json.loads(FAMILIES_FILE.read_text(encoding="utf-8"))["ranges"]
    for item in ranges:
        for number in (int(item["first"], 16), int(item["last"], 16)):
            assert errors.explain(number).category in errors.families()
            assert item["category"] in errors.families()


@pytest.mark.parametrize(
    ("code", "symbol", "category", "words"),
    [
        ("0x80072331", "HRESULT_FROM_WIN32(9009)", "dns", "DNS"),
        ("0x800704D1", "HRESULT_FROM_WIN32(1233)", "other", "Win32 error 1233"),
        ("0x80072EE5", "HRESULT_FROM_WIN32(12005)", "network", "WinHTTP"),
        ("0x80338123", None, "winrm", "WinRM"),
        ("0x80041077", None, "wmi", "WMI"),
        ("0xC004C7FF", None, "online_service", "activation service"),
        ("0xC004FFFF", None, "other", "licensing service"),
        ("0xDEADBEEF", None, "other", "not belong to a known family"),
    ],
)
def test_an_unknown_code_is_placed_by_its_number_range(code: str, symbol: str | None, category: str, words: str) -> None:
    explanation = errors.explain(code)
    assert (explanation.symbol, explanation.category, explanation.known) == (symbol, category, False)
    assert words in explanation.meaning


def test_a_plain_win32_code_is_explained_like_its_hresult() -> None:
    plain, hresult = errors.explain(5), errors.explain(0x80070005)
    assert plain.code == "0x00000005"
    assert (plain.meaning, plain.next_steps, plain.known) == (hresult.meaning, hresult.next_steps, True)


@pytest.mark.parametrize("code", [0xC0000272, 0xC0000022, 0xC0020017])
def test_an_ntstatus_in_the_form_of_an_hresult_is_explained_like_itself(code: int) -> None:
    plain, hresult = errors.explain(code), errors.explain(code | 0x10000000)
    assert (hresult.meaning, hresult.symbol, hresult.known) == (plain.meaning, plain.symbol, True)
    assert hresult.code == f"0x{code | 0x10000000:08X}"
