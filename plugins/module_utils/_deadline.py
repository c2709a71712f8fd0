# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time at which the work of a task must end.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """The time at which the work must end, on a monotonic clock in seconds."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """Return the deadline after this number of seconds."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Return the seconds that are left, 0 after the deadline."""
        return max(0.0, self.at - self.clock())

    def within(self, seconds: float) -> Deadline:
        """Return the deadline of a part of the work, which can take this number of seconds."""
        return Deadline(min(self.at, self.clock() + seconds), self.clock)
