# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accessors of untyped properties."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimUnknownOutcomeError,
    RawValue,
)


def holding(value: RawValue) -> CimInstance:
    return CimInstance("C", {"X": value})


@pytest.mark.parametrize(
    ("value", "text", "texts"), [(None, None, ()), ("", None, ("",)), ("a", "a", ("a",)), (("a", "b"), "a", ("a", "b"))]
)
def test_a_scalar_and_an_array_read_as_either(value: RawValue, text: str | None, texts: tuple[str, ...]) -> None:
    assert (holding(value).text("X"), holding(value).texts("X")) == (text, texts)


def test_a_property_the_machine_did_not_send_reads_as_null() -> None:
    empty = CimInstance("C", {})
    values = (empty.text("X"), empty.texts("X"), empty.integer("X"), empty.boolean("X"), empty.moment("X"), empty.has("X"))
    assert values == (None, (), None, None, None, False)


@given(st.integers(-(2**63), 2**64 - 1))
def test_whole_numbers_up_to_64_bits_read_exactly(number: int) -> None:
    assert holding(str(number)).integer("X") == number


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False), ("", None)])
def test_booleans_read_in_any_spelling(text: str, value: bool | None) -> None:
    assert holding(text).boolean("X") is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2013-03-09T02:57:32Z", datetime(2013, 3, 9, 2, 57, 32, tzinfo=timezone.utc)),
        ("2013-04-15T16:28:43.488171Z", datetime(2013, 4, 15, 16, 28, 43, 488171, tzinfo=timezone.utc)),
        ("2013-04-15T20:28:20.913Z", datetime(2013, 4, 15, 20, 28, 20, 913000, tzinfo=timezone.utc)),
        ("2013-04-15T20:28:20.9134567+08:00", datetime(2013, 4, 15, 12, 28, 20, 913456, tzinfo=timezone.utc)),
        ("2013-04-15T20:28:20", datetime(2013, 4, 15, 20, 28, 20, tzinfo=timezone.utc)),
        ("1601-01-01T00:00:00Z", None),
        ("1601-01-01T00:00:00+09:00", None),
        ("", None),
    ],
)
def test_moments_read_in_utc_and_never_as_none(text: str, value: datetime | None) -> None:
    assert holding(text).moment("X") == value


def test_a_code_is_kept_unsigned_and_shown_as_people_search_for_it() -> None:
    assert str(CimError(0xC004F074 - (1 << 32), "", "C.M")) == "C.M failed with 0xC004F074"
    assert str(CimUnknownOutcomeError("C.M", "no answer")) == "C.M was sent, but its outcome is unknown: no answer"
