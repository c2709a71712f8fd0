# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the licensing package, and how long to wait between two queries to a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_FIRST_DELAY = 5.0
_LONGEST_DELAY = 60.0


@dataclass(frozen=True)
class RetryTimer:
    """A monotonic clock in seconds, and a function that waits."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def delays(self, deadline: float) -> Callable[[], bool]:
        """Return a function that waits at increasing intervals and returns True, or returns False if the deadline has passed."""
        delay = _FIRST_DELAY

        def wait() -> bool:
            nonlocal delay
            left = deadline - self.clock()
            if left <= 0:
                return False
            self.sleep(min(delay, left))
            delay = min(delay * 2, _LONGEST_DELAY)
            return True

        return wait
