# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a long task shows while it reads the machines."""

from __future__ import annotations

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.actions import fleet
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.counts import RecordCounts


def test_a_message_is_shown_at_most_once_in_the_interval_and_says_how_many_machines_were_read() -> None:
    now, shown = [100.0], []
    outcome = RecordCounts(["A", "B", "C"], 0)
    progress = fleet._Progress(shown.append, "activation_fleet_info", outcome, lambda: now[0])
    progress()
    assert shown == []
    now[0] += fleet._PROGRESS
    progress()
    progress()
    assert shown == [f"activation_fleet_info: {outcome.progress()}."]
    assert "0 of 3" in shown[0]
    now[0] += fleet._PROGRESS - 0.5
    progress()
    assert len(shown) == 1
    now[0] += 0.5
    progress()
    assert len(shown) == 2
