# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits for activations: numbers and words, as a command line, a survey, and a file of variables have them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.spending.limits import ActivationLimits, limits_of


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        (60, ActivationLimits(60)),
        ("60", ActivationLimits(60)),
        (0, ActivationLimits(0)),
        (" 60 , Remaining ", ActivationLimits(60, remaining=True)),
        ("remaining", ActivationLimits(remaining=True)),
        (["remaining", 60, "50"], ActivationLimits(50, remaining=True)),
        ("unlimited", ActivationLimits(unlimited=True)),
    ],
)
def test_all_limits_apply(value: Any, limits: ActivationLimits) -> None:
    assert limits_of(value, "x") == limits


@pytest.mark.parametrize("value", ["", None, [], ",", -1, "-1", 6.5, True, "sixty", "1e3", {"a": 1}, "٣", 10**9])
def test_anything_else_is_refused_because_no_limit_would_be_left(value: Any) -> None:
    words = r".* is not a number of 0 or greater, remaining, or unlimited\. Both limits together are 'remaining, 10'\."
    with pytest.raises(ValueError, match=f"^mak_client_max_activations: {words}$"):
        limits_of(value, "mak_client_max_activations")


def test_unlimited_is_not_combined() -> None:
    with pytest.raises(ValueError, match="cannot be combined"):
        limits_of("60,unlimited", "x")


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5), st.booleans())
def test_the_lowest_number_counts_in_every_spelling(numbers: list[int], remaining: bool) -> None:
    words = [*map(str, numbers), *(["remaining"] if remaining else [])]
    assert limits_of(words, "x") == limits_of(",".join(words), "x") == ActivationLimits(min(numbers), remaining)


def test_a_harmful_text_is_shown_harmlessly() -> None:
    with pytest.raises(ValueError, match="x: ") as refused:
        limits_of("\x1b[2J" + "a" * 999, "x")
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 200
