# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one clock of an estate, which tests move."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

NEVER = datetime(1601, 1, 1, tzinfo=timezone.utc)
"""How SPP writes a date that is not set."""


class Clock:
    """UTC time of the estate: a start, plus what was advanced, plus real time when it ticks."""

    def __init__(self, start: datetime | None = None, *, ticking: bool = True) -> None:
        self._base = start or datetime.now(timezone.utc)
        self._ticking = ticking
        self._anchor = time.monotonic()

    def now(self) -> datetime:
        """The time now, in UTC."""
        if not self._ticking:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._anchor)

    def advance(self, span: timedelta) -> None:
        """Move forward; raises ValueError for a negative span."""
        if span < timedelta(0):
            raise ValueError("time only goes forward")
        self._base += span
