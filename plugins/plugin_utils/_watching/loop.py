# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an event source: read in a thread, put the events, wait, and begin again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any, Protocol

from ...module_utils._visible import visible
from .._edge.redact import map_texts, mask_keys

Event = dict[str, Any]

MOST_EVENTS = 1000
"""Maximum number of events of one reading. The other changes are found again by the next reading, because a change counts as reported
only when its event was made."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class EventQueue(Protocol):
    """The queue of ansible-rulebook, or an asyncio.Queue. `put` waits while the rule engine is busy."""

    async def put(self, event: Any) -> None:
        """Add an event."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(timezone.utc)


def time_text(moment: datetime | None) -> str | None:
    """Return a time as text in UTC, such as 2026-11-30T08:15:00Z; None for None."""
    return None if moment is None else moment.astimezone(timezone.utc).strftime(_TIME)


def safe(event: Event) -> Event:
    """Return an event with one-line texts without harmful characters and without full product keys."""
    return dict(map_texts(event, lambda text: mask_keys(visible(text))))


async def watch(queue: EventQueue, interval: float, read: Callable[[], Sequence[Event]]) -> None:
    """Put the events of each reading until the task is canceled.

    `read` blocks, so it runs in a thread, and the other sources of the rulebook continue. `interval` is the pause in seconds between two
    readings.
    """
    while True:
        for event in await asyncio.to_thread(read):
            await queue.put(safe(event))
        await asyncio.sleep(interval)


__all__ = ["MOST_EVENTS", "Event", "EventQueue", "safe", "time_text", "utc_now", "watch"]
