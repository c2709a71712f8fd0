# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a file: whether somebody else wrote to it meanwhile, and whose records are new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy import files, state
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.problems import ProxyError

from .records import record, records


@given(st.lists(records, max_size=5, unique_by=lambda found: found.identity))
def test_a_file_that_nobody_wrote_to_has_no_changed_machines(several: list[ProxyRecord]) -> None:
    text = files.write(several, "csv")
    taken = state.state_of(text)
    assert state.state_of(text) == taken
    assert state.changed_machines(text, taken) == ()


def test_records_that_are_new_or_different_are_named_once_in_the_order_of_the_file() -> None:
    before = state.state_of(files.write([record("A", 1), record("B", 2)], "csv"))
    after = files.write([record("C", 3), record("A", 1, 1), record("B", 2), record("C", 4)], "csv")
    assert state.changed_machines(after, before) == ("C", "A")


def test_a_record_that_is_gone_changes_the_file_and_names_nobody() -> None:
    before = state.state_of(files.write([record("A", 1), record("B", 2)], "csv"))
    after = files.write([record("A", 1)], "csv")
    assert state.state_of(after).checksum != before.checksum
    assert state.changed_machines(after, before) == ()


def test_a_state_that_is_none_is_refused() -> None:
    for nonsense in ({}, {"checksum": 1, "digests": []}, {"checksum": "x", "digests": "abc"}):
        with pytest.raises(ProxyError, match="proxy_file_state"):
            state.given(nonsense)
