# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmation IDs as people write them: read with blanks and hyphens, and a slip of the pen is named by its group."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing import phone


def confirmation(bodies: list[str]) -> str:
    return "".join(body + phone.check_digit(body) for body in bodies)


bodies = st.lists(st.text("0123456789", min_size=5, max_size=5), min_size=8, max_size=8)


@given(bodies)
def test_an_id_whose_check_digits_fit_is_not_remarked_on(found: list[str]) -> None:
    assert phone.hints(confirmation(found)) == ()


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
    with pytest.raises(ValueError, match="digits only"):
        phone.digits_of(text)
