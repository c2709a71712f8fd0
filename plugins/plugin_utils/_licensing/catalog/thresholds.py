# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activation thresholds of KMS hosts, and the maximum of their counts.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The numbers are from Microsoft's volume activation documentation. All Windows machines share one count, and Office has its own count. A KMS
host counts at most twice the highest threshold of the clients that sent requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

THRESHOLDS: Mapping[str, int] = {"server": 5, "client": 25, "office": 5}
"""Number of machines that a KMS host must count before it activates a kind of client."""


def maximum_count(required: Iterable[int]) -> int:
    """Return the maximum count of a KMS host whose clients require these counts, by default that for Windows clients."""
    return 2 * max(required, default=THRESHOLDS["client"])
