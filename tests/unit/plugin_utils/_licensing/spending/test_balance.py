# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's numbers before and after a run: what agrees, what does not, and what cannot be known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.spending.balance import MakBalance, balance_of

few = st.integers(0, 9)


def after(before: int, used: int, left: int | None, unknown: int = 0, reason: str | None = None) -> MakBalance:
    return MakBalance(before, "T1", used, used, unknown, left, "T2" if left is not None else None, reason)


def test_a_run_that_agrees_has_no_warning() -> None:
    assert after(9, 3, 6).line("MAK") == "MAK: 9 left at Microsoft at T1, 3 used in this run, forecast 6, 6 left at T2."
    assert after(9, 3, 6).agrees is True


def test_fewer_than_the_forecast_is_somebody_else_and_not_known_for_certain() -> None:
    balance = after(9, 3, 4)
    assert balance.agrees is False
    assert "Warning: 2 fewer than the forecast. Another computer used the MAK during this run" in balance.line("MAK")


def test_more_than_the_forecast_is_perhaps_not_counted_yet() -> None:
    balance = after(9, 3, 9)
    assert balance.agrees is False
    assert "Warning: 3 more than the forecast. It is not known how soon Microsoft updates the number" in balance.line("MAK")


def test_requests_without_an_answer_are_counted_or_not() -> None:
    assert "Microsoft counted 1 of the 2 requests without an answer" in after(9, 3, 5, unknown=2).line("MAK")
    assert [after(9, 3, left, unknown=2).agrees for left in (7, 6, 5, 4, 3)] == [False, True, True, True, False]
    assert "Warning: 1 fewer than the forecast" in after(9, 3, 3, unknown=2).line("MAK")


def test_a_number_that_is_not_known_is_said_with_its_reason() -> None:
    balance = after(9, 3, None, reason="The service could not be reached.")
    assert balance.agrees is None
    assert balance.line("MAK").endswith("forecast 6, not known how many are left now. The service could not be reached.")
    nothing = MakBalance(planned=2)
    assert (nothing.forecast, nothing.agrees) == (None, None)
    assert nothing.line("MAK") == "MAK: not known how many are left, 2 planned."
    assert "forecast" not in MakBalance(used=2, after=5, after_time="T2").line("MAK")


def test_the_results_of_the_module_are_read_without_trust() -> None:
    balance = balance_of({"remaining_activations": "9"}, {"remaining_activations": True, "error": {"meaning": "a\x1bb"}}, planned=1)
    assert (balance.before, balance.after) == (None, None)
    assert "\x1b" not in (balance.reason or "")


@given(few, few, few, few, few)
def test_the_warning_is_there_exactly_if_the_numbers_cannot_be_explained(
    before: int, used: int, unknown: int, others: int, late: int
) -> None:
    left = before - used - others + late
    balance = after(before, used, left, unknown)
    assert balance.agrees == (0 <= others - late <= unknown)
    assert ("Warning" in balance.line("MAK")) == (not balance.agrees)
    assert balance.as_dict()["forecast_activations"] == before - used
