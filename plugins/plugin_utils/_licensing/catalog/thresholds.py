# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many machines a KMS host has to count, and how many it remembers.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Microsoft's volume activation documentation has the numbers. Windows machines of all kinds make up one count, Office has one of its own;
a host remembers twice as many as the kind that needs most of those who asked it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

THRESHOLDS: Mapping[str, int] = {"server": 5, "client": 25, "office": 5}
"""Machines a KMS host has to count before it activates any of this kind."""


def maximum_count(required: Iterable[int]) -> int:
    """The count at which a host stops, when those who ask it need these counts; of a host nobody is known to ask, that for clients."""
    return 2 * max(required, default=THRESHOLDS["client"])
