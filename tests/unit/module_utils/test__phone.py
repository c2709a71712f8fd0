# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmation IDs as people write them: read with blanks and hyphens, and a slip of the pen is named by its group."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _phone as phone

SAMPLES = Path(__file__).resolve().parents[6] / "shared" / "data" / "phone_ids.json"


def confirmation(bodies: list[str]) -> str:
    return "".join(body + phone.check_digit(body) for body in bodies)


bodies = st.lists(st.text("0123456789", min_size=5, max_size=5), min_size=8, max_size=8)


@given(bodies)
def test_an_id_whose_check_digits_fit_is_not_remarked_on(found: list[str]) -> None:
    assert phone.hints(confirmation(found)) == phone.hints(confirmation(found), phone.SINCE_VISTA) == ()


@given(bodies, st.sampled_from([" ", "-", " - ", "\t"]))
def test_blanks_and_hyphens_go_and_the_digits_stay(found: list[str], between: str) -> None:
    digits = confirmation(found)
    written = between.join(digits[start : start + 6] for start in range(0, 48, 6))
    assert phone.digits_of(f" {written} ") == digits


@given(bodies, st.integers(0, 7), st.integers(1, 6))
def test_a_wrong_check_digit_is_named_by_the_letter_of_its_group(found: list[str], group: int, more: int) -> None:
    digits = confirmation(found)
    place = group * 6 + 5
    wrong = digits[:place] + str((int(digits[place]) + more) % 7) + digits[place + 1 :]
    (hint,) = phone.hints(wrong)
    assert f"group {'ABCDEFGH'[group]} " in hint


@pytest.mark.parametrize("digits", ["1", "1" * 47, "1" * 54])
def test_another_length_is_remarked_on_and_not_refused(digits: str) -> None:
    (hint,) = phone.hints(digits)
    assert f"{len(digits)} digits" in hint


@pytest.mark.parametrize("text", ["", " - ", "12345a", "１２３", "123.456"])
def test_anything_but_digits_is_no_confirmation_id(text: str) -> None:
    with pytest.raises(ValueError, match="only digits"):
        phone.digits_of(text)


def test_the_check_digits_of_public_ids_fit() -> None:
    if not SAMPLES.exists():
        pytest.skip("phone_ids.json of the shared facts is not here")
    samples = json.loads(SAMPLES.read_text(encoding="utf-8"))["samples"]
    assert samples
    for sample in samples:
        assert list(phone.groups(sample["digits"])) == sample["groups"]
        assert phone.invalid_groups(sample["digits"]) == ()


@given(st.sampled_from([42, 48, 54, 63]), st.data())
def test_groups_and_hyphens_lose_no_digit(length: int, data: st.DataObject) -> None:
    digits = data.draw(st.text("0123456789", min_size=length, max_size=length))
    assert "".join(phone.groups(digits)) == digits
    assert phone.installation_digits_of(phone.grouped(digits)) == digits


@given(st.text("0123456789", min_size=1, max_size=40))
def test_an_id_of_unknown_length_is_shown_as_it_is_and_has_no_wrong_group(digits: str) -> None:
    assert (phone.grouped(digits), phone.groups(digits), phone.invalid_groups(digits)) == (digits, (), ())


def test_what_is_no_installation_id_is_named_as_one() -> None:
    with pytest.raises(ValueError, match="an installation ID must contain only digits"):
        phone.installation_digits_of("IID")
