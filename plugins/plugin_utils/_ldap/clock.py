# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of a domain controller, which it tells without a logon.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A domain controller reports a ticket that it does not accept because of the clocks like a wrong password. So the clocks are compared after a
refused ticket. The request is for one public attribute, and contains no name of the task.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from ...module_utils._deadline import Deadline
from .channel import Connect
from .errors import DirectoryError
from .model import RootDse, read_root
from .options import DirectoryTarget
from .requests import Requests
from .wire import Wire

LARGEST_DIFFERENCE = 300
"""Seconds; Kerberos accepts a difference of 5 minutes by default."""

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current time of the controller."""
    return datetime.now(timezone.utc)


def difference(root: RootDse, clock: Clock) -> int | None:
    """Return the time of the domain controller minus the time of the controller in seconds, None if it did not tell its time."""
    return None if root.current_time is None else round((root.current_time - clock()).total_seconds())


def skew(target: DirectoryTarget, port: int, clock: Clock, connect: Connect, deadline: Deadline) -> int | None:
    """Return the difference of the clocks if it is too large for Kerberos, None if it is not or cannot be read."""
    requests: Requests | None = None
    try:
        channel = connect(target.server, target.address, port, deadline)
        requests = Requests(Wire(channel, target.server), target.server, lambda: deadline)
        entries = requests.search("", "base", "(objectClass=*)", ("currentTime",), limit=1, deadline=deadline, pages=False)
    except DirectoryError:
        return None
    finally:
        if requests is not None:
            requests.close()
    seconds = difference(read_root(entries[0]), clock) if entries else None
    return seconds if seconds is not None and abs(seconds) > LARGEST_DIFFERENCE else None


__all__ = ["LARGEST_DIFFERENCE", "Clock", "difference", "now", "skew"]
