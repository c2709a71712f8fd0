# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which probes leave it open whether there is a KMS host: the same for a failover and for the cleanup of records."""

from __future__ import annotations

from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import ProbeStatus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.srv_cleanup import UNDECIDED, stale_records
from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing.undecided import UNDECIDED_STATUSES, undecided


def test_a_host_that_was_not_probed_or_had_no_room_may_work() -> None:
    assert {"busy", "not_allowed", "not_asked", "unknown"} == UNDECIDED_STATUSES


def test_what_is_undecided_is_what_the_cleanup_of_records_calls_so() -> None:
    probes = [
        {"status": status.value, "is_kms_host": status is ProbeStatus.AVAILABLE, "meaning": "", "next_steps": []} for status in ProbeStatus
    ]
    asked = [{"host": f"{probe['status']}.example", "port": 1688, "priority": 0, "weight": 0, "probe_result": probe} for probe in probes]
    stale = stale_records([[{"domain": "example", "records": asked, "error": None}]])["records"]
    kept = {row["host"].removesuffix(".example") for row in stale if row["status"] == UNDECIDED}
    assert {probe["status"] for probe in undecided(probes)} == kept == UNDECIDED_STATUSES
