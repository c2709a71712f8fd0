# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory of the responses that a task keeps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A task that waits repeats a query, and compares at most two responses, the previous one and the current one. Therefore the sizes
of the last two responses to each query are added, for all queries.
"""

from __future__ import annotations


class Weights:
    """Bytes by query. The response to a write is not kept, so it is not counted."""

    def __init__(self) -> None:
        self._former: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._query: str | None = None

    def forget(self) -> None:
        """Start a task, which does not keep responses of the previous task."""
        self._former, self._now = {}, {}

    def begin(self, query: str) -> None:
        """Start a query. If it was sent before, the new response replaces the one before last."""
        self._query = query
        self._former[query] = self._now.get(query, 0)
        self._now[query] = 0

    def repeat(self) -> None:
        """Send the query again; the received part of its response is dropped."""
        if self._query is not None:
            self._now[self._query] = 0

    def write(self) -> None:
        """Start a write, whose response is not counted."""
        self._query = None

    def add(self, weight: int) -> int:
        """Count a part of a response. Return the bytes of all responses that are kept, or 0 for a write."""
        if self._query is None:
            return 0
        self._now[self._query] += weight
        return sum(self._former.values()) + sum(self._now.values())


__all__ = ["Weights"]
